import { conform } from "./conform.ts";

conform("a transport from outside");

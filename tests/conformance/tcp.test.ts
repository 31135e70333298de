import { conform } from "./conform.ts";

conform("tcp");

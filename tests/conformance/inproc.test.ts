import { conform } from "./conform.ts";

conform("inproc");

import { conform } from "./conform.ts";

conform("ipc");

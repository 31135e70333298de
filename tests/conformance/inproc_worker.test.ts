import { conform } from "./conform.ts";

conform("inproc across a worker");

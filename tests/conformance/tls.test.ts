import { conform } from "./conform.ts";

conform("tls+tcp");

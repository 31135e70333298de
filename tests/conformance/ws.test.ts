import { conform } from "./conform.ts";

conform("ws");

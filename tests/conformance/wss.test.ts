import { conform } from "./conform.ts";

conform("wss");

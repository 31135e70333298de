import { conform } from "./conform.ts";

conform("an attached stream");

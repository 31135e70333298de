import { conform } from "../../conformance/conform.ts";
import { isLeftOut, ZMTP_PATTERNS } from "./patterns.ts";

conform("an attached stream", ZMTP_PATTERNS, isLeftOut);

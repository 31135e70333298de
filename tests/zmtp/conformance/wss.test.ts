import { conform } from "../../conformance/conform.ts";
import { isLeftOut, ZMTP_PATTERNS } from "./patterns.ts";

conform("wss", ZMTP_PATTERNS, isLeftOut);

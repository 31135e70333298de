import { conform } from "../../conformance/conform.ts";
import { isLeftOut, ZMTP_PATTERNS } from "./patterns.ts";

conform("ws", ZMTP_PATTERNS, isLeftOut);

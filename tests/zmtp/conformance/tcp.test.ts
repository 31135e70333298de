import { conform } from "../../conformance/conform.ts";
import { isLeftOut, ZMTP_PATTERNS } from "./patterns.ts";

conform("tcp", ZMTP_PATTERNS, isLeftOut);

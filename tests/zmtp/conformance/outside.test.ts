import { conform } from "../../conformance/conform.ts";
import { isLeftOut, ZMTP_PATTERNS } from "./patterns.ts";

conform("a transport from outside", ZMTP_PATTERNS, isLeftOut);

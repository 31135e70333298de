import { conform } from "../../conformance/conform.ts";
import { isLeftOut, ZMTP_PATTERNS } from "./patterns.ts";

/** One that talks in each way. The others differ from these above the connection, and do all they do over ws and over tls+tcp. */
const PATTERNS_HERE = ["PAIR", "PUSH/PULL", "PUB/SUB", "REQ/REP with numbers"];

conform(
  "wss",
  ZMTP_PATTERNS.filter(({ name }) => PATTERNS_HERE.some((one) => name === `ZMTP's ${one}`)),
  isLeftOut,
);

import { conform } from "./conform.ts";
import { PATTERNS } from "./patterns.ts";

/** One that talks in each way. The others differ from these above the connection, and do all they do over ws and over tls+tcp. */
const PATTERNS_HERE = ["PAIR", "PUSH/PULL", "PUB/SUB", "REQ/REP"];

conform("wss", PATTERNS.filter(({ name }) => PATTERNS_HERE.includes(name)));

// Instead of src/transport_rules.ts: what a page can choose.
import { BOOLEAN, BYTES, type Rules } from "../../src/rules.ts";

export const IPC_RULES: Rules = {};
export const TLS_RULES: Rules = {};
export const WEB_SOCKET_RULES: Rules = { maxBacklog: BYTES, sendText: BOOLEAN };

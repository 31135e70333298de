// Instead of transports/close_codes.ts: the code says it all.
import { SPError, type SPErrorCode } from "../../src/errors.ts";

export const APPLICATION: number = 3000;

/** By how they end: a page says 4009 for 1009. */
const CODES: Readonly<Record<number, SPErrorCode>> = { 2: "EPROTO", 8: "EREJECTED", 9: "EMSGSIZE" };

export function closeError(remoteAddress: string, code: number, reason: string): SPError {
  return new SPError(
    CODES[code % 1000] ?? "ECONNRESET",
    `${remoteAddress} closed the WebSocket: ${code} ${JSON.stringify(reason)}`,
  );
}

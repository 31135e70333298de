/* What is heard on a connection, and who says so. */
import { beginsAsSp, counterpart, protocolOf } from "../decode/sp.ts";
import { beginsAsHttp, httpHead } from "../decode/web_socket.ts";
import { beginsAsZmtp } from "../decode/zmtp_greeting.ts";
import type { Finding } from "./finding.ts";

/** The most that is told of what nobody knows, in bytes. */
const MOST_SAID = 32;

/** Tells a server by its first bytes; undefined if it is ZMTP's, which needs more questions, or if it said nothing. */
export function whoSays(bytes: Uint8Array<ArrayBuffer>): Finding | undefined {
  if (bytes.length === 0 || beginsAsZmtp(bytes)) return undefined;
  if (beginsAsSp(bytes) && bytes.length >= 8) {
    const protocol = protocolOf(bytes);
    const number = bytes[4]! << 8 | bytes[5]!;
    return { found: "sp", protocol: protocol?.name, number, peer: counterpart(protocol)?.name };
  }
  if (beginsAsHttp(bytes)) {
    const { start, headers } = httpHead(bytes);
    return {
      found: "http",
      status: start.replace(/^HTTP\/\S+ /, ""),
      server: headers.get("server"),
    };
  }
  // A record of TLS: an alert, or a handshake.
  if ((bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 3) return { found: "tls" };
  // An identity of no bytes, and nothing else, is how ZMTP 1.0 begins.
  if (bytes.length === 2 && bytes[0] === 1 && bytes[1] === 0) {
    return { found: "zmtp", version: "1.0" };
  }
  return { found: "unknown", said: bytes.subarray(0, MOST_SAID) };
}

/** Whether that is enough to know who says it. */
export function isClear(bytes: Uint8Array): boolean {
  if (beginsAsSp(bytes)) return bytes.length >= 8;
  if (bytes[0] === 0xff) return bytes.length >= 10;
  if (beginsAsHttp(bytes)) return hasHead(bytes);
  return bytes.length >= 10;
}

/** Whether the head of an HTTP answer is there. */
export function hasHead(bytes: Uint8Array): boolean {
  return /\r?\n\r?\n/.test(new TextDecoder("latin1").decode(bytes));
}

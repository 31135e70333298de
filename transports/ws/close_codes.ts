import { SPError, type SPErrorCode } from "../../src/base/errors.ts";

/** What a page adds to a close code that is not for pages. */
export const APPLICATION: number = 3000;

const CODES: Readonly<Record<number, readonly [SPErrorCode, string]>> = {
  1002: ["EPROTO", "it says that we broke the protocol"],
  1003: ["EPROTO", "it does not take this kind of message"],
  1006: ["ECONNRESET", "without saying so"],
  1007: ["EPROTO", "it says that the text was not UTF-8"],
  1008: ["EREJECTED", "it refused us"],
  1009: ["EMSGSIZE", "a message was too large for it"],
  1011: ["ECONNRESET", "something went wrong there"],
  1012: ["ECONNRESET", "it starts again"],
  1013: ["EREJECTED", "it has too much to do"],
};

/** Why a connection ended, by the code and the reason that its WebSocket was closed with. */
export function closeError(remoteAddress: string, code: number, reason: string): SPError {
  // A page cannot say 1008 and the like, so ours say 4008.
  const [name, what] = CODES[code] ?? CODES[code - APPLICATION] ??
    ["ECONNRESET", "for a reason of its own"];
  const said = reason === "" ? "" : `: ${JSON.stringify(reason)}`;
  return new SPError(name, `${remoteAddress} closed the WebSocket, ${what} (${code})${said}`);
}

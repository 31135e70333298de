import { RpcCode, RpcError } from "./errors.ts";

/** How deep a message may be nested unless told otherwise. */
export const DEFAULT_MAX_DEPTH = 100;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** What may spell the name `__proto__`, plainly or by escapes. */
const SUSPICIOUS = /__proto__|\\u/;

/**
 * Reads a message of somebody who is not trusted.
 *
 * @param bytes JSON as UTF-8.
 * @param maxDepth How many arrays and objects may stand in each other.
 * @throws {RpcError} `parseError` if it is not JSON, `invalidRequest` if it is nested too deep or has a member `__proto__`.
 */
export function parseMessage(bytes: Uint8Array, maxDepth: number): unknown {
  // Before it is parsed: a megabyte of brackets would become a million arrays.
  if (isDeeper(bytes, maxDepth)) throw invalid(`nested deeper than ${maxDepth}`);
  try {
    const text = decoder.decode(bytes);
    return SUSPICIOUS.test(text) ? JSON.parse(text, refuseProto) : JSON.parse(text);
  } catch (error) {
    if (error instanceof RpcError) throw error;
    throw new RpcError(RpcCode.parseError, "Parse error", undefined, { cause: error });
  }
}

/** The error of JSON that is not a request. */
export function invalid(why: string): RpcError {
  return new RpcError(RpcCode.invalidRequest, `Invalid Request: ${why}`);
}

/** Whoever copies a member of that name into another object changes that object's prototype. */
function refuseProto(key: string, value: unknown): unknown {
  if (key === "__proto__") throw invalid('it has a member "__proto__"');
  return value;
}

/** Whether JSON is nested deeper than that. What is not JSON may give any answer: it does not parse. */
function isDeeper(bytes: Uint8Array, maxDepth: number): boolean {
  if (bytes.length <= maxDepth) return false;
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case 0x22: // "
        isInString = !isInString;
        break;
      case 0x5c: // \, which stands in strings only: what it escapes does not count.
        i++;
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (!isInString && ++depth > maxDepth) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        if (!isInString) depth--;
    }
  }
  return false;
}

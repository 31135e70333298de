import { describe } from "../src/base/describe.ts";
import { isOverflow, notEncoded, type Refusal, showPath, textFault } from "./failure.ts";

const lenient = new TextDecoder();
const strict = new TextDecoder("utf-8", { fatal: true });

/** Decodes UTF-8; throws if it is none. The lenient decoder is asked first: on Deno the strict one takes three times as long. */
function decode(bytes: Uint8Array): string {
  const text = lenient.decode(bytes);
  return text.includes("\ufffd") ? strict.decode(bytes) : text;
}

/**
 * Parses JSON in UTF-8; a byte order mark is left out.
 *
 * @param refuse Makes the error that is thrown if it is not JSON.
 */
export function parseJson(bytes: Uint8Array, refuse: Refusal): unknown {
  try {
    return JSON.parse(decode(bytes));
  } catch (cause) {
    throw refuse(textFault(bytes, cause), cause);
  }
}

/**
 * Makes JSON of a value, on one line.
 *
 * @throws {SPError} `EINVAL` if JSON cannot hold the value; the error names the part that it cannot hold.
 */
export function stringifyJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw notEncoded(value, "JSON", cause, isOverflow(cause) ? undefined : findFault(value));
  }
  if (text === undefined) throw notEncoded(value, "JSON", undefined, NO_SUCH_VALUE);
  return text;
}

const NO_SUCH_VALUE = "JSON has no such value";

/** Names the bigint or the circle in a value. It walks the value as JSON does, which calls every `toJSON` once more. */
function findFault(value: unknown): string | undefined {
  /** What is around the item that is looked at, the value itself first, and the key of each in the one before. */
  const holders: unknown[] = [];
  const keys: PropertyKey[] = [];
  const around = new Set<unknown>();
  let fault: string | undefined;
  const look = (holder: unknown, key: string, item: unknown): void => {
    while (holders.length > 0 && holders.at(-1) !== holder) {
      around.delete(holders.pop());
      keys.pop();
    }
    const isWhole = holders.length === 0;
    const isCircle = around.has(item);
    keys.push(Array.isArray(holder) ? Number(key) : key);
    if (typeof item === "bigint" || isCircle) {
      const what = isCircle ? "an object that contains it" : describe(item);
      fault = isWhole ? NO_SUCH_VALUE : `${showPath(keys.slice(1))} is ${what}`;
    }
    if (typeof item === "object" && item !== null) {
      holders.push(item);
      around.add(item);
    } else keys.pop();
  };
  try {
    JSON.stringify(value, function (this: unknown, key: string, item: unknown) {
      if (fault === undefined) look(this, key, item);
      // Nothing is left to be walked once the fault is found.
      return fault === undefined ? item : null;
    });
  } catch {
    // As before; what was thrown then says why.
  }
  return fault;
}

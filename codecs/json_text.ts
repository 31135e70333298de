import { describe } from "../src/base/describe.ts";
import { notEncoded, type Refusal, showPath, textFault } from "./failure.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Parses JSON in UTF-8; a byte order mark is left out.
 *
 * @param refuse Makes the error that is thrown if it is not JSON.
 */
export function parseJson(bytes: Uint8Array, refuse: Refusal): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw refuse(textFault(decoder, bytes, cause), cause);
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
    throw notEncoded(value, "JSON", cause, findFault(value));
  }
  if (text === undefined) throw notEncoded(value, "JSON", undefined, NO_SUCH_VALUE);
  return text;
}

const NO_SUCH_VALUE = "JSON has no such value";

/** Names the bigint or the circle in a value. It walks the value as JSON does, which calls every `toJSON` once more. */
function findFault(value: unknown): string | undefined {
  /** What is around the item that is looked at, the value itself first. */
  const around: { readonly object: unknown; readonly path: readonly PropertyKey[] }[] = [];
  let fault: string | undefined;
  const look = (holder: unknown, key: string, item: unknown): void => {
    while (around.length > 0 && around.at(-1)!.object !== holder) around.pop();
    const holderPath = around.at(-1)?.path;
    const path = holderPath ? [...holderPath, Array.isArray(holder) ? Number(key) : key] : [];
    if (typeof item === "bigint") {
      fault = path.length === 0 ? NO_SUCH_VALUE : `${showPath(path)} is ${describe(item)}`;
    }
    if (typeof item !== "object" || item === null) return;
    if (around.some(({ object }) => object === item)) {
      fault = `${showPath(path)} is an object that contains it`;
    }
    around.push({ object: item, path });
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

import { describe } from "../src/base/describe.ts";
import { SPError, type SPErrorCode } from "../src/base/errors.ts";
import { findUtf8Fault, isUtf8 } from "../src/base/utf8.ts";

/** Makes an error of a reason. */
export type Refusal = (reason: string, cause: unknown) => SPError;

/** Makes errors that say what could not be done, and then why. */
export function refusal(code: SPErrorCode, what: string): Refusal {
  return (reason, cause) => new SPError(code, `${what}: ${reason}`, { cause });
}

/** So much of somebody else's text is shown, in characters. */
const SHOWN = 400;

// deno-lint-ignore no-control-regex -- they are what is looked for
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A text that may have a peer's bytes in it, for an error's message: without control characters, and not too long. */
export function printable(text: string): string {
  const short = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return short.replaceAll(
    CONTROL_CHARACTERS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The message of anything that was thrown. */
export function reasonOf(cause: unknown): string {
  return printable(cause instanceof Error ? cause.message : String(cause));
}

/** Shows the way to a part of a value: `load.cpus[0]`. */
export function showPath(path: readonly PropertyKey[]): string {
  return path.map((key, index) => {
    if (typeof key === "number") return `[${key}]`;
    const name = printable(String(key));
    return index === 0 ? name : `.${name}`;
  }).join("");
}

/** Why bytes could not be decoded as text of some format: because they are not UTF-8, or for the reason that the parser gave. */
export function textFault(bytes: Uint8Array, cause: unknown): string {
  return isUtf8(bytes) ? reasonOf(cause) : `it is not UTF-8: ${findUtf8Fault(bytes)}`;
}

/** @throws {SPError} `EINVAL` unless it has the functions of a codec that are needed. */
export function checkCodec(codec: unknown, ...needed: readonly ("encode" | "decode")[]): void {
  if (needed.every((name) => typeof Object(codec)[name] === "function")) return;
  const wanted = `function${needed.length > 1 ? "s" : ""} ${needed.join(" and ")}`;
  const what = `Cannot use ${describe(codec)} as a codec`;
  throw new SPError("EINVAL", `${what}: expected an object with the ${wanted}`);
}

/** The error of a value that a format cannot hold. */
export function notEncoded(
  value: unknown,
  format: string,
  cause?: unknown,
  reason: string = reasonOf(cause),
): SPError {
  const why = isOverflow(cause) ? "it is nested too deeply, or contains itself" : reason;
  return new SPError("EINVAL", `Cannot encode ${describe(value)} as ${format}: ${why}`, { cause });
}

/** Whether the stack of calls has overflowed. */
export function isOverflow(cause: unknown): boolean {
  return cause instanceof RangeError && /call stack/.test(cause.message);
}

import { SPError } from "../common.ts";

/** Says what was wanted, if a value is not that. */
export type Check = (value: unknown) => string | undefined;

/** A number from 1, whole or `Infinity`. */
export const COUNT: Check = (value) =>
  value === Infinity || Number.isSafeInteger(value) && (value as number) >= 1
    ? undefined
    : "a whole number, 1 or more, or Infinity";

/** A time. */
export const MILLISECONDS: Check = (value) =>
  typeof value === "number" && value >= 0 ? undefined : "milliseconds, 0 or more, or Infinity";

/** A function. */
export const FUNCTION: Check = (value) => typeof value === "function" ? undefined : "a function";

/** An array of texts. */
export const NAMES: Check = (value) =>
  Array.isArray(value) && value.every((name) => typeof name === "string")
    ? undefined
    : "an array of names";

/** An object. */
export const OBJECT: Check = (value) =>
  typeof value === "object" && value !== null ? undefined : "an object";

/** What is checked where it is used. */
export const ANY: Check = () => undefined;

/**
 * Refuses what is no socket that can do what is needed.
 *
 * @throws {SPError} `EINVAL`.
 */
export function checkSocket(
  what: string,
  socket: unknown,
  needed: "request" | "serve",
  wanted: string,
): void {
  if (typeof Object(socket)[needed] === "function") return;
  const given = (socket as object | undefined)?.constructor?.name ?? typeof socket;
  throw new SPError("EINVAL", `${what} ${given}: wanted ${wanted}`);
}

/**
 * Refuses options that are unknown or wrong.
 *
 * @param what Whose options they are.
 * @throws {SPError} `EINVAL`.
 */
export function checkOptions(
  what: string,
  options: object,
  checks: Readonly<Record<string, Check>>,
): void {
  if (OBJECT(options) !== undefined) {
    throw new SPError("EINVAL", `Cannot take ${String(options)} as ${what}: expected an object`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(checks, name)) {
      const known = Object.keys(checks).sort().join(", ");
      throw new SPError("EINVAL", `Unknown option "${name}" in ${what}; there are: ${known}`);
    }
    const wanted = checks[name]!(value);
    if (wanted !== undefined) {
      const given = typeof value === "string" ? JSON.stringify(value) : String(value);
      throw new SPError("EINVAL", `Cannot set ${name} to ${given} in ${what}: expected ${wanted}`);
    }
  }
}

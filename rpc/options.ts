import { SPError } from "../common.ts";
import type { Rule } from "../src/base/rules.ts";

/** Rule of an option that is an array of texts. */
export const NAMES: Rule = (value) =>
  Array.isArray(value) && value.every((name) => typeof name === "string")
    ? undefined
    : "an array of names";

/** Rule of an option that is checked where it is used. */
export const ANY: Rule = () => undefined;

/**
 * Refuses what is no socket that can do what is needed.
 *
 * @throws {SPError} `EINVAL`.
 */
export function checkSocket(
  what: string,
  socket: unknown,
  needed: "request" | "serve",
  expected: string,
): void {
  if (typeof Object(socket)[needed] === "function") return;
  const given = (socket as object | undefined)?.constructor?.name ?? typeof socket;
  throw new SPError("EINVAL", `${what} ${given}: expected ${expected}`);
}

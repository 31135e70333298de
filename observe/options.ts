/** What is wanted of an option, said if a value is not that; undefined if it is. */
export type Check = (value: unknown) => string | undefined;

/** True or false. */
export const isBoolean: Check = (value) => typeof value === "boolean" ? undefined : "true or false";

/** Text. */
export const isText: Check = (value) => typeof value === "string" ? undefined : "a text";

/** An object. */
export const isObject: Check = (value) =>
  typeof value === "object" && value !== null ? undefined : "an object";

/**
 * Looks whether options are there, and what they should be.
 *
 * @throws {TypeError} One is unknown, or is something else.
 */
export function checkOptions(
  what: string,
  options: object,
  checks: Readonly<Record<string, Check>>,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) {
      const known = Object.keys(checks).sort().join(", ");
      throw new TypeError(`Unknown option "${name}" in ${what}; there are: ${known}`);
    }
    const wanted = check(value);
    if (wanted !== undefined) {
      throw new TypeError(`Cannot set ${name} to ${String(value)} in ${what}: expected ${wanted}`);
    }
  }
}

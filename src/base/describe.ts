/** So many characters of a wrong text are shown. */
const SHOWN = 400;

/** Shows a wrong value in an error message: short, and with its type. Of a text that may be secret, only the type. */
export function describe(value: unknown, isSecret = false): string {
  if (typeof value === "string") {
    if (isSecret) return "a string";
    return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);
  }
  if (typeof value === "object" && value !== null) {
    return `an object of type ${value.constructor?.name ?? "null"}`;
  }
  // Its text would be its source.
  if (typeof value === "function") return value.name ? `the function ${value.name}` : "a function";
  return value === undefined || value === null
    ? String(value)
    : `${String(value)} (${typeof value})`;
}

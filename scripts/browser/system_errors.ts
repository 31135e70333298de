// Instead of src/system_errors.ts: a page is told no codes of the operating system.
import type { Explanation } from "../../src/system_errors.ts";

export function explain(_cause: unknown): Explanation {
  return { code: "EIO", reason: undefined, raw: "" };
}

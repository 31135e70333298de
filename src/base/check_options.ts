import { describe } from "./describe.ts";
import { SPError } from "./errors.ts";
import type { Rules } from "./rules.ts";

/**
 * Throws `EINVAL`, naming option, value and what was wanted, unless every option is known and right.
 *
 * @param what What the options are of, for the error's message.
 * @param path Of an option that is an object itself: its name and a period.
 */
export function checkOptions(what: string, options: object, rules: Rules, path = ""): void {
  if (typeof options !== "object" || options === null) {
    const subject = path === "" ? what : `${path.slice(0, -1)} in ${what}`;
    // It may be meant for an option that is secret.
    const given = describe(options, true);
    throw new SPError("EINVAL", `Cannot take ${given} as ${subject}: expected an object`);
  }
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const name = path + key;
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) {
      const known = Object.keys(rules).sort().map((other) => path + other).join(", ");
      throw new SPError("EINVAL", `Unknown option "${name}" in ${what}; there are: ${known}`);
    }
    if (typeof rule !== "function") {
      checkOptions(what, value, rule, `${name}.`);
      continue;
    }
    const wanted = rule(value);
    if (wanted !== undefined) {
      const given = describe(value, rule.isSecret);
      throw new SPError("EINVAL", `Cannot set ${name} to ${given} in ${what}: expected ${wanted}`);
    }
  }
}

/** Checks one option's value; returns what was wanted if it is wrong. */
export interface Rule {
  (value: unknown): string | undefined;
  /** Whether an error must not show the value, even if it is wrong. */
  readonly isSecret?: boolean;
}

/** Rules by the option's name; rules of its own for an option that is an object. */
export interface Rules {
  /** The rule of that option. */
  readonly [name: string]: Rule | Rules;
}

/** All of the rules, the later ones first; an option that is an object has those of each. */
export function mergeRules(...all: readonly Rules[]): Rules {
  const merged: Record<string, Rule | Rules> = {};
  for (const rules of all) {
    for (const [name, rule] of Object.entries(rules)) {
      const known = merged[name];
      merged[name] = typeof rule === "object" && typeof known === "object"
        ? { ...known, ...rule }
        : rule;
    }
  }
  return merged;
}

function number(min: number, max: number, wanted: string): Rule {
  return (value) => typeof value === "number" && value >= min && value <= max ? undefined : wanted;
}

/** A time in milliseconds. */
export const MILLISECONDS: Rule = number(0, Infinity, "milliseconds, 0 or more, or Infinity");
/** A time in milliseconds that is not over at once. */
export const DURATION: Rule = number(1, Infinity, "milliseconds, 1 or more, or Infinity");
/** A size in bytes. */
export const BYTES: Rule = number(0, Infinity, "bytes, 0 or more, or Infinity");
/** A whole number between two bounds. */
export function integer(min: number, max: number): Rule {
  return (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `a whole number from ${min} to ${max}`;
}
/** A count without a limit. */
export const COUNT: Rule = (value) =>
  value === Infinity ? undefined : integer(1, Number.MAX_SAFE_INTEGER)(value) &&
    "a whole number, 1 or more, or Infinity";
/** What ends a wait. */
export const SIGNAL: Rule = (value) => value instanceof AbortSignal ? undefined : "an AbortSignal";
/** True or false. */
export const BOOLEAN: Rule = (value) => typeof value === "boolean" ? undefined : "true or false";
/** A function. */
export const FUNCTION: Rule = (value) => typeof value === "function" ? undefined : "a function";
/** An object. */
export const OBJECT: Rule = (value) =>
  typeof value === "object" && value !== null ? undefined : "an object";
/** One of a few words. */
export function oneOf(...words: string[]): Rule {
  return (value) =>
    typeof value === "string" && words.includes(value)
      ? undefined
      : words.map((word) => JSON.stringify(word)).join(" or ");
}
/** Another rule's, or `false`. */
export function orFalse(rule: Rule): Rule {
  return (value) => {
    const wanted = value === false ? undefined : rule(value);
    return wanted === undefined ? undefined : `${wanted}, or false`;
  };
}
/** Another rule's, or an array of such. */
export function orSeveral(rule: Rule): Rule {
  return (value) => {
    const wanted = [value].flat().map(rule).find((one) => one !== undefined);
    return wanted === undefined ? undefined : `${wanted}, or an array of such`;
  };
}
/** Another rule's, for a value that no error shows: a key, or what may be one by mistake. */
export function secret(rule: Rule): Rule {
  return Object.assign((value: unknown) => rule(value), { isSecret: true });
}
/** Text. */
export const TEXT: Rule = (value) => typeof value === "string" ? undefined : "a string";

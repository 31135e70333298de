/* The option `keepAlive`: what may be asked for, and what is meant. */
import { integer, type Rule } from "../src/base/rules.ts";
import type { KeepAliveOptions } from "./options.ts";

/** When an idle connection is probed unless something else is said, in milliseconds. */
export const DEFAULT_IDLE = 15_000;

/** Linux takes no more than 32,767 seconds, and 127 probes; others say nothing of their limits. */
const SHORTEST = 1000;
const LONGEST = 32_767_000;
const COUNT = integer(1, 127);

const RULES: Readonly<Record<string, (value: unknown) => boolean>> = {
  count: (value) => COUNT(value) === undefined,
  idle: isTime,
  interval: isTime,
};

/** Rule of the option. */
export const KEEP_ALIVE: Rule = (value) => {
  if (typeof value === "boolean" || isTime(value)) return undefined;
  const times = `from ${SHORTEST} to ${LONGEST}`;
  if (typeof value !== "object" || value === null) {
    return `true or false, milliseconds ${times}, or { idle, interval, count }`;
  }
  const isRight = Object.entries(value).every(([name, one]) =>
    one === undefined || Object.hasOwn(RULES, name) && RULES[name]!(one)
  );
  const wanted = "{ idle, interval, count }: the first two milliseconds";
  return isRight ? undefined : `${wanted} ${times}, the last a whole number from 1 to 127`;
};

function isTime(value: unknown): boolean {
  return typeof value === "number" && value >= SHORTEST && value <= LONGEST;
}

/** What an option comes to: in whole seconds, since operating systems know no others. */
export function keepAliveOf(given: boolean | number | KeepAliveOptions): KeepAliveOptions | false {
  if (typeof given === "boolean") return given && {};
  const { idle, interval, count } = typeof given === "number" ? { idle: given } : given;
  return {
    ...(idle !== undefined && { idle: wholeSeconds(idle) }),
    ...(interval !== undefined && { interval: wholeSeconds(interval) }),
    ...(count !== undefined && { count }),
  };
}

function wholeSeconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000) * 1000;
}

import type { Signal, Value } from "./signal.ts";

/** A point in time since 1970: whole seconds, and nanoseconds below 1,000,000,000. Never one number, which could not hold both. */
export type Timestamp = readonly [seconds: number, nanoseconds: number];

/** The values of some signals at one time. Samples are never changed: a hook returns another one. */
export interface Sample {
  /** What the values are; there may be more signals than values. */
  readonly signals: readonly Signal[];
  /** The values, in the order of the signals. */
  readonly values: readonly Value[];
  /** Counts up from one sample to the next; 64 bits. */
  readonly sequence?: bigint | undefined;
  /** When it was measured. */
  readonly origin?: Timestamp | undefined;
  /** When it arrived here. */
  readonly received?: Timestamp | undefined;
  /** The first of a frame. */
  readonly newFrame?: boolean | undefined;
  /** The first after the sender has begun anew. */
  readonly newSimulation?: boolean | undefined;
}

const NANOSECONDS = 1_000_000_000;

/** The seconds from one point in time to another; negative if `to` is earlier. */
export function secondsBetween(from: Timestamp, to: Timestamp): number {
  return (to[0] - from[0]) + (to[1] - from[1]) / NANOSECONDS;
}

/** The point in time that is so many seconds later. */
export function later([seconds, nanoseconds]: Timestamp, by: number): Timestamp {
  const whole = Math.floor(by);
  const rest = nanoseconds + Math.round((by - whole) * NANOSECONDS);
  return [seconds + whole + Math.floor(rest / NANOSECONDS), rest % NANOSECONDS];
}

/** Milliseconds since 1970, the fraction cut off. */
export function toMilliseconds([seconds, nanoseconds]: Timestamp): number {
  return seconds * 1000 + Math.floor(nanoseconds / 1_000_000);
}

/** The point in time that is so many milliseconds after 1970. */
export function fromMilliseconds(milliseconds: number): Timestamp {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.round((milliseconds - seconds * 1000) * 1_000_000) % NANOSECONDS];
}

/** How far `performance.now()` may be from the clock before it is set anew, in milliseconds. */
const DRIFT = 2;
let base = Number.NaN;

/** The time by the system's clock, with the fractions of a millisecond that `performance.now()` knows. */
export function now(): Timestamp {
  const clock = Date.now();
  const fine = performance.now();
  if (!(Math.abs(base + fine - clock) <= DRIFT)) base = clock - fine;
  return fromMilliseconds(base + fine);
}

/** The longest pause that a timer takes, in milliseconds. */
const LONGEST = 2 ** 31 - 1;
/** Ticks that are made up for after a pause: those of so many milliseconds. The others are missed. */
const MOST_BEHIND = 1000;

/** Some ticks that are due now. */
export interface Ticks {
  /** The number of the first; the very first is 0. */
  readonly first: number;
  /** How many there are. */
  readonly count: number;
  /** Ticks left out before the first, because the program was held up for too long. */
  readonly missed: number;
}

/**
 * Ticks at a rate, without drift: tick n is due n / rate seconds after the start, however late the ones before it
 * were. A timer that wakes late, or less often than the rate, yields several ticks at once.
 *
 * @param rate Ticks a second; more than 0.
 * @param signal Ends it.
 */
export async function* ticks(rate: number, signal: AbortSignal): AsyncGenerator<Ticks, void, void> {
  const start = performance.now();
  const period = 1000 / rate;
  const most = Math.max(1, Math.ceil(MOST_BEHIND / period));
  let next = 0;
  while (!signal.aborted) {
    const due = Math.floor((performance.now() - start) / period) + 1;
    if (due > next) {
      const missed = Math.max(0, due - next - most);
      yield { first: next + missed, count: due - next - missed, missed };
      next = due;
      continue;
    }
    await sleep(next * period - (performance.now() - start), signal);
  }
}

/** Waits; an aborted wait ends at once, without an error. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(Math.max(milliseconds, 0), LONGEST));
    signal.addEventListener("abort", end);
  });
}

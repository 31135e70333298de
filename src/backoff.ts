/**
 * How long to wait before the next try to connect: random between 0 and a limit ("full jitter"), so
 * that a thousand clients of a restarted server do not come back all at once. The limit starts at
 * `min` and doubles up to `max`; the first wait is thus quick.
 */
export class Backoff {
  readonly #min: number;
  readonly #max: number;
  readonly #random: () => number;
  #limit: number;

  /**
   * @param min The first limit, in milliseconds.
   * @param max The last limit, in milliseconds; a smaller one than `min` counts as `min`.
   * @param random A number from 0 to 1, less than 1.
   */
  constructor(min: number, max: number, random: () => number = Math.random) {
    this.#min = min;
    this.#max = Math.max(min, max);
    this.#random = random;
    this.#limit = min;
  }

  /** The next wait, in milliseconds. */
  next(): number {
    const wait = this.#random() * this.#limit;
    this.#limit = Math.min(this.#max, this.#limit * 2);
    return wait;
  }

  /** Starts again from the first limit: the connection stood. */
  reset(): void {
    this.#limit = this.#min;
  }
}

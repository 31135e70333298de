/** The least that a limit comes to after the first wait, in milliseconds, so that no setting has a dialer spin. */
const FLOOR = 20;

/**
 * How long to wait before the next try to connect: random between 0 and a limit ("full jitter"), so
 * that a thousand clients of a restarted server do not come back all at once. The limit starts at
 * `min` and doubles, from 20 ms at least, up to `max`. The first wait is thus quick, or none where `min` is 0.
 */
export class Backoff {
  /** How long a connection must have stood for the next wait to be a first one again, in milliseconds. */
  readonly settled: number;
  readonly #min: number;
  readonly #max: number;
  readonly #random: () => number;
  #limit: number;

  /**
   * @param min The first limit, in milliseconds.
   * @param max The last limit, in milliseconds; it counts as `min`, or as 20, where it is smaller.
   * @param random A number from 0 to 1, less than 1.
   */
  constructor(min: number, max: number, random: () => number = Math.random) {
    this.settled = Math.max(min, FLOOR);
    this.#min = min;
    this.#max = Math.max(this.settled, max);
    this.#random = random;
    this.#limit = min;
  }

  /** The next wait, in milliseconds. */
  next(): number {
    const wait = this.#random() * this.#limit;
    this.#limit = Math.min(this.#max, Math.max(FLOOR, this.#limit * 2));
    return wait;
  }

  /** Starts again from the first limit: the connection stood. */
  reset(): void {
    this.#limit = this.#min;
  }
}

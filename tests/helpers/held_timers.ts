/** Timers that go off when the test says so, so that no machine is too slow for it. */

interface Held {
  readonly time: number | undefined;
  readonly callback: () => void;
}

/** From when it is made until it is disposed of, holds the timers that are set for certain times. */
export class HeldTimers implements Disposable {
  readonly #setTimeout = globalThis.setTimeout;
  readonly #clearTimeout = globalThis.clearTimeout;
  readonly #held: Map<unknown, Held> = new Map();

  /** How many were held so far. */
  set = 0;

  /** @param holds Tells by its time whether a timer is held; each is, if left out. */
  constructor(holds: (time: number | undefined) => boolean = () => true) {
    globalThis.setTimeout = ((callback: () => void, time?: number) => {
      if (!holds(time)) return this.#setTimeout(callback, time);
      this.set++;
      const handle = {};
      this.#held.set(handle, { time, callback });
      return handle;
    }) as typeof setTimeout;
    globalThis.clearTimeout = ((handle: number | undefined) => {
      if (!this.#held.delete(handle)) this.#clearTimeout(handle);
    }) as typeof clearTimeout;
  }

  /** The times of those that are held, the first one set first. */
  get times(): (number | undefined)[] {
    return Array.from(this.#held.values(), ({ time }) => time);
  }

  /** The first one goes off. */
  fire(): void {
    const [first] = this.#held;
    if (first === undefined) throw new Error("No timer is held");
    this.#held.delete(first[0]);
    first[1].callback();
  }

  [Symbol.dispose](): void {
    globalThis.setTimeout = this.#setTimeout;
    globalThis.clearTimeout = this.#clearTimeout;
  }
}

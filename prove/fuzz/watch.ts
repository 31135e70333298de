/** How long turns of the event loop take: a timer that is due each few milliseconds, and how late it comes. */
export class TurnWatch {
  /** The longest turn, in milliseconds, and when it ended, in milliseconds of the epoch. */
  longest: { milliseconds: number; at: number } = { milliseconds: 0, at: 0 };
  #last = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#arm();
  }

  /** Forgets what it has seen. */
  reset(): void {
    this.longest = { milliseconds: 0, at: 0 };
    this.#last = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #arm(): void {
    this.#timer = setTimeout(() => {
      const now = performance.now();
      const late = now - this.#last - PERIOD;
      if (late > this.longest.milliseconds) this.longest = { milliseconds: late, at: Date.now() };
      this.#last = now;
      this.#arm();
    }, PERIOD);
  }
}

const PERIOD = 5;

/** The longest exchange with a good peer. */
export interface Gap {
  readonly milliseconds: number;
  readonly stand: string;
  /** When it ended, in milliseconds of the epoch. */
  readonly at: number;
}

/** None yet. */
export const NO_GAP: Gap = { milliseconds: 0, stand: "", at: 0 };

import process from "node:process";

/** How often the clock is looked at, in milliseconds. */
const PERIOD = 5;

/** A turn of the event loop. */
export interface Turn {
  /** How long it took. */
  readonly milliseconds: number;
  /** When it ended, in milliseconds of the epoch. */
  readonly at: number;
}

const NO_TURN: Turn = { milliseconds: 0, at: 0 };

/** How long turns of the event loop take: a timer that is due each few milliseconds, and how late it comes. */
export class TurnWatch {
  /** The longest turn by the clock. */
  longest: Turn = NO_TURN;
  /** The longest that a turn was at work: what others take the processor away for does not count. */
  atWork = 0;
  #last: number = performance.now();
  #cpu: number = cpuTime();

  constructor() {
    this.#arm();
  }

  /** Forgets what it has seen. */
  reset(): void {
    this.longest = NO_TURN;
    this.atWork = 0;
    this.#last = performance.now();
    this.#cpu = cpuTime();
  }

  #arm(): void {
    setTimeout(() => {
      const [now, cpu] = [performance.now(), cpuTime()];
      const milliseconds = now - this.#last - PERIOD;
      if (milliseconds > this.longest.milliseconds) {
        this.longest = { milliseconds, at: Date.now() };
      }
      // Several threads may be at work: a collector's, say.
      this.atWork = Math.max(this.atWork, Math.min(milliseconds, cpu - this.#cpu));
      this.#last = now;
      this.#cpu = cpu;
      this.#arm();
    }, PERIOD);
  }
}

/** What the process has had of the processor, in milliseconds. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

/** The longest exchange with a good peer. */
export interface Gap {
  readonly milliseconds: number;
  readonly stand: string;
  /** When it ended, in milliseconds of the epoch. */
  readonly at: number;
}

/** None yet. */
export const NO_GAP: Gap = { milliseconds: 0, stand: "", at: 0 };

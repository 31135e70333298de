/* When messages are sent: --rate and --interval. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Flags } from "../invocation.ts";

/** How far a rate may be behind before it is let go, in milliseconds: a timer is late, a peer is slow. */
const DEBT = 50;

/** Waits for a message's turn. */
export class Pace {
  readonly #gap: number;
  readonly #debt: number;
  readonly #stop: AbortSignal;
  #due = -Infinity;

  /** @param stop When it is aborted, nothing waits any more: what was read is to be sent. */
  constructor(flags: Flags, stop: AbortSignal) {
    const rate = flags.number("rate");
    this.#gap = flags.number("interval") ?? (rate === undefined ? 0 : 1000 / rate);
    // An interval is one between any two messages; a rate is made good for.
    this.#debt = rate === undefined ? 0 : DEBT;
    this.#stop = stop;
  }

  /** Whether there is anything to wait for. */
  get isFree(): boolean {
    return this.#gap === 0;
  }

  /** Resolves when the next message may be sent. */
  async turn(): Promise<void> {
    if (this.#gap === 0 || this.#stop.aborted) return;
    const wait = this.#due - performance.now();
    if (wait > 0) {
      await sleep(wait, undefined, { signal: this.#stop }).catch(() => {});
    }
    const now = performance.now();
    this.#due = Math.max(this.#due, now - this.#debt) + this.#gap;
  }
}

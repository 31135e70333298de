import { CrowdTally, Turns } from "../../bench/lib/crowd.ts";
import { sleep } from "../../bench/lib/worker.ts";
import type { Answer } from "../lib/child.ts";

/** What a window is to see. */
export interface WindowOptions {
  /** How long it is open. */
  readonly milliseconds: number;
  /** How many loud peers there are. */
  readonly loud: number;
}

/** Looks at what a socket takes, while a window is open. */
export class Watch {
  #tally: CrowdTally | undefined;

  /** A message was taken. */
  add(message: Uint8Array): void {
    this.#tally?.add(message);
  }

  /** Counts from now on. */
  count(loud = 1): CrowdTally {
    return this.#tally = new CrowdTally(loud);
  }

  /** Waits until something has come from each of the loud, or the time is over. */
  async everyone({ milliseconds, loud }: WindowOptions, begin: () => void): Promise<Answer> {
    const tally = this.count(loud);
    begin();
    const end = performance.now() + milliseconds;
    while (tally.silent > 0 && performance.now() < end) await sleep(20);
    return { ...tally.seen() };
  }

  /** Opens a window, and resolves with what was seen. */
  async window({ milliseconds, loud }: WindowOptions, begin: () => void): Promise<Answer> {
    const turns = new Turns();
    turns.start();
    const tally = this.count(loud);
    begin();
    await sleep(milliseconds);
    this.#tally = undefined;
    return { ...tally.seen(), ...turns.end() };
  }
}

import { SPError } from "../base/errors.ts";
import { Stillness } from "../base/stillness.ts";
import { later, LONGEST_TIMER } from "../base/wait.ts";
import type { Pipe } from "./pipe.ts";

/** How often a watch looks within the shortest of its times: it acts up to a quarter of that late. */
const LOOKS = 4;

/** What a watch ends connections for, each in milliseconds; `Infinity` for never. */
export interface WatchOptions {
  /** Nothing has come for so long. */
  readonly idleTimeout: number;
  /** Nothing of a write has left for so long. */
  readonly sendStall: number;
  /** The queue out has been full for so long. */
  readonly slowPeerTimeout: number;
}

/**
 * Watches an endpoint's pipes, and ends those whose peers are silent, stuck or too slow.
 *
 * One timer looks at figures that are counted anyway, and only while there is something to watch: a message costs nothing. It
 * counts looks and not the clock's time, so that a process that was stopped for a while hears its peers before it judges them.
 */
export class Watch {
  readonly #options: WatchOptions;
  readonly #period: number;
  readonly #patients: Map<Pipe, Patient> = new Map();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param options What to watch for. */
  constructor(options: WatchOptions) {
    this.#options = options;
    const { idleTimeout, sendStall, slowPeerTimeout } = options;
    this.#period = Math.min(idleTimeout, sendStall, slowPeerTimeout) / LOOKS;
  }

  /** Begins to watch a pipe. */
  add(pipe: Pipe): void {
    if (this.#period > LONGEST_TIMER) return;
    this.#patients.set(pipe, new Patient(pipe));
    this.#timer ??= later(this.#period, this.#look);
  }

  /** Watches a pipe no longer: it is closing. */
  remove(pipe: Pipe): void {
    if (!this.#patients.delete(pipe) || this.#patients.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #look = (): void => {
    this.#timer = later(this.#period, this.#look);
    for (const patient of this.#patients.values()) this.#judge(patient);
  };

  #judge(patient: Patient): void {
    patient.look();
    const { idleTimeout, sendStall, slowPeerTimeout } = this.#options;
    if (this.#isOver(patient.silent, idleTimeout)) {
      end(patient.pipe, `nothing came for ${idleTimeout} ms (idleTimeout)`);
    } else if (this.#isOver(patient.stuck, sendStall)) {
      end(patient.pipe, `a write made no progress for ${sendStall} ms (sendStall)`);
    } else if (this.#isOver(patient.full, slowPeerTimeout)) {
      end(patient.pipe, `its queue was full for ${slowPeerTimeout} ms (slowPeerTimeout)`);
    }
  }

  #isOver(looks: number, limit: number): boolean {
    return looks * this.#period >= limit;
  }
}

/** A pipe that is watched: for how many looks in a row it has been silent, stuck and full. */
class Patient {
  readonly pipe: Pipe;
  silent = 0;
  stuck = 0;
  full = 0;
  #overflows = 0;
  readonly #heard: Stillness = new Stillness();
  readonly #written: Stillness = new Stillness();
  readonly #pending: Stillness = new Stillness();
  readonly #queue: Stillness = new Stillness();

  constructor(pipe: Pipe) {
    this.pipe = pipe;
  }

  look(): void {
    const { heard, isPaused, isWriting, written, pending, full, drops } = this.pipe;
    // A peer that we do not read cannot be heard.
    this.silent = this.#heard.look(isPaused ? NaN : heard);
    this.stuck = Math.min(
      this.#written.look(isWriting ? written : NaN),
      this.#pending.look(isWriting ? pending : NaN),
    );
    // What was dropped to make room makes the queue no less full.
    const { overflow = 0 } = drops;
    this.full = this.#queue.look(full || overflow > this.#overflows ? written : NaN);
    this.#overflows = overflow;
  }
}

function end(pipe: Pipe, why: string): void {
  const message = `Closed the connection to ${pipe.peer.remoteAddress}: ${why}`;
  pipe.destroy(new SPError("ETIMEDOUT", message));
}

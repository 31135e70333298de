import { Stillness } from "../../src/base/stillness.ts";
import { later } from "../../src/base/wait.ts";

/** How often it looks within its time: it acts up to a quarter of that late. */
const LOOKS = 4;

/** The peer of a heartbeat. */
export interface Silent {
  /** A number that changes with whatever comes; `NaN` while nothing is read. */
  heard(): number;
  /** Asks for a sign of life. */
  ping(): void;
  /** It gave none. */
  lost(): void;
}

/** Pings a peer that has been silent for a time, and gives it up if it is silent for the same time again. */
export class Heartbeat {
  readonly #period: number;
  readonly #peer: Silent;
  readonly #silence: Stillness = new Stillness();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param time In milliseconds. @param peer Who is listened to. */
  constructor(time: number, peer: Silent) {
    this.#period = time / LOOKS;
    this.#peer = peer;
    this.#arm();
  }

  /** Listens no longer. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #arm(): void {
    this.#timer = later(this.#period, () => {
      this.#arm();
      const looks = this.#silence.look(this.#peer.heard());
      if (looks === LOOKS) this.#peer.ping();
      else if (looks === 2 * LOOKS) this.#peer.lost();
    });
  }
}

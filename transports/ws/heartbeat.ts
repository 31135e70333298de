import { SPError } from "../../src/base/errors.ts";
import { Stillness } from "../../src/base/stillness.ts";
import { later } from "../../src/base/wait.ts";
import type { Pulse } from "./web_socket_connection.ts";

/** How often it looks within its time: it acts up to a quarter of that late. */
const LOOKS = 4;

/** Pings a peer that has been silent for a time, and gives it up if it is silent for the same time again. */
export class Heartbeat {
  readonly #time: number;
  readonly #peer: Pulse;
  readonly #ping: () => void;
  readonly #silence: Stillness = new Stillness();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param time In milliseconds; no peer is pinged if left out. @param peer Who is listened to. @param ping Sends a ping. */
  constructor(time: number | undefined = Infinity, peer: Pulse, ping: () => void) {
    this.#time = time;
    this.#peer = peer;
    this.#ping = ping;
    this.#arm();
  }

  /** Listens no longer. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #arm(): void {
    this.#timer = later(this.#time / LOOKS, () => {
      this.#arm();
      const looks = this.#silence.look(this.#peer.heard());
      if (looks === LOOKS) this.#ping();
      else if (looks === 2 * LOOKS) this.#peer.lost(pingError(this.#peer.address, this.#time));
    });
  }
}

/** Why a connection ends whose peer does not answer a ping. */
export function pingError(remoteAddress: string, time: number): SPError {
  const message = `Closed the connection to ${remoteAddress}: ` +
    `no answer to a ping in ${time} ms (webSocket.ping)`;
  return new SPError("ETIMEDOUT", message);
}

/** Nonces: a prefix that says what a box is for, and bytes that never come twice with the same key (RFC 26). */

import { SPError } from "../../src/base/errors.ts";
import { NONCE_SIZE } from "./boxes.ts";

/** Bytes of a counter. */
export const COUNTER_SIZE = 8;

/** How the nonces of messages begin, by who sends. */
export const MESSAGE_PREFIX = { client: "CurveZMQMESSAGEC", server: "CurveZMQMESSAGES" } as const;

/** A nonce: 16 characters and a counter, or 8 characters and 16 random bytes. */
export function nonceOf(prefix: string, rest: Uint8Array): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(NONCE_SIZE);
  new TextEncoder().encodeInto(prefix, nonce);
  nonce.set(rest, prefix.length);
  return nonce;
}

/** The counter of what we send: one for all commands of a connection. */
export class SendCounter {
  #last = 0;

  /** Counts, and writes the number. */
  next(target: Uint8Array, at: number): void {
    const counter = ++this.#last;
    const view = new DataView(target.buffer, target.byteOffset + at, COUNTER_SIZE);
    view.setUint32(0, Math.floor(counter / 2 ** 32));
    view.setUint32(4, counter % 2 ** 32);
  }
}

/** The counter of what the peer sends. */
export class ReceiveCounter {
  /** The last number. Of 64 bits each half, since a peer may begin anywhere. */
  #high = 0;
  #low = 0;

  /**
   * Reads a number.
   *
   * @throws {SPError} `EPROTO` unless it is larger than the last one: somebody has sent a command again.
   */
  take(bytes: Uint8Array, at: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, COUNTER_SIZE);
    const [high, low] = [view.getUint32(0), view.getUint32(4)];
    if (high < this.#high || (high === this.#high && low <= this.#low)) {
      const [sent, last] = [[high, low], [this.#high, this.#low]].map(([high, low]) =>
        String((BigInt(high!) << 32n) | BigInt(low!))
      );
      const expected = `expected more than ${last}`;
      throw new SPError("EPROTO", `The peer sent a box with the number ${sent}, ${expected}`);
    }
    this.#high = high;
    this.#low = low;
  }
}

import { Duplex } from "node:stream";
import { connect } from "node:tls";
import { concat, type Mutations } from "./mutations.ts";
import { type Batch, batchOf, type Leaving, leavingOf, type Talk } from "./talk.ts";

/** Records instead of a handshake: a first one that is nearly right, and others that have no business there. */
export class TlsTalk implements Talk {
  readonly leaving: Leaving;
  readonly waits = false;
  readonly #mutations: Mutations;
  readonly #hello: Uint8Array;
  #left: number;
  #began = false;

  /** @param mutations Of this connection. @param hello A ClientHello's record. */
  constructor(mutations: Mutations, hello: Uint8Array) {
    this.leaving = leavingOf(mutations);
    this.#mutations = mutations;
    this.#hello = hello;
    this.#left = 1 + mutations.random.below(6);
  }

  hear(): void {}

  next(): Batch | undefined {
    if (this.#left-- <= 0) return undefined;
    const bytes = this.#began ? this.#record() : this.#first();
    this.#began = true;
    return batchOf(this.#mutations, bytes, 1);
  }

  #first(): Uint8Array {
    const { random } = this.#mutations;
    if (random.oneIn(3)) return this.#record();
    return random.oneIn(4) ? this.#hello : this.#mutations.mutate(this.#hello);
  }

  /** Change of cipher, alert, handshake, data, heartbeat, or none of these; its length is right, as a rule. */
  #record(): Uint8Array {
    const { random } = this.#mutations;
    const type = random.oneIn(8) ? random.below(256) : 20 + random.below(5);
    const fragment = this.#mutations.noise(
      random.oneIn(20) ? random.below(20_000) : random.below(300),
    );
    const length = random.oneIn(6) ? random.below(65_536) : fragment.length;
    const record = Uint8Array.of(type, 3, random.below(5), length >> 8, length & 0xff);
    return concat(record, fragment);
  }
}

/** The first record of a client that speaks TLS: a right ClientHello. */
export function clientHello(): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read: () => {},
      write: (chunk: Uint8Array, _encoding, done) => {
        resolve(new Uint8Array(chunk));
        done();
      },
    });
    connect({ socket: wire, servername: "localhost" }).on("error", () => {});
  });
}

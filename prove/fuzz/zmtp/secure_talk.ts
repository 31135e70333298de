import { concat, type Mutations } from "../mutations.ts";
import type { Place, Security } from "../place.ts";
import { type Batch, batchOf, type Leaving, type Talk } from "../talk.ts";
import { areFrames, COMMAND, LONG, zmtpFrame, zmtpGreeting } from "./bytes.ts";
import { commandFor, metadataFor } from "./messages.ts";
import { Opposite } from "./security.ts";
import { ZmtpTalk } from "./talk.ts";

/** Bytes of a greeting. */
const GREETING = 64;
/** More than this is not waited for in the handshake. */
const MOST_TRIES = 8;

/** ZMTP with PLAIN or CURVE: a handshake that is broken at times, then frames, sealed as they should be or not. */
export class SecureTalk implements Talk {
  readonly leaving: Leaving;
  readonly #mutations: Mutations;
  readonly #opposite: Opposite;
  readonly #security: Security;
  readonly #frames: ZmtpTalk;
  #hasGreeted = false;
  #isBroken = false;
  #tries = 0;
  #pending: Uint8Array = new Uint8Array(0);
  #skip = GREETING;
  #last: Uint8Array = new Uint8Array(0);

  /** @param place Who is talked to. @param security How. @param mutations Of this connection. */
  constructor(place: Place, security: Security, mutations: Mutations) {
    this.#mutations = mutations;
    this.#security = security;
    this.#frames = new ZmtpTalk(place, mutations, true);
    this.leaving = this.#frames.leaving;
    this.#opposite = new Opposite(security, metadataFor(place, mutations), mutations);
  }

  get waits(): boolean {
    const { says, isDone } = this.#opposite;
    return this.#hasGreeted && !this.#isBroken && says.length === 0 && !isDone;
  }

  hear(chunk: Uint8Array): void {
    if (this.#opposite.isDone) return;
    let bytes = concat(this.#pending, chunk);
    for (;;) {
      const skipped = Math.min(this.#skip, bytes.length);
      this.#skip -= skipped;
      bytes = bytes.subarray(skipped);
      const header = (bytes[0] ?? 0) & LONG ? 9 : 2;
      if (this.#skip > 0 || bytes.length < header) break;
      let length = 0;
      for (let i = 1; i < header; i++) length = length * 256 + bytes[i]!;
      if (bytes.length < header + length) break;
      this.#opposite.hear(bytes.slice(header, header + length));
      this.#skip = header + length;
    }
    this.#pending = bytes.slice();
  }

  next(): Batch | undefined {
    if (!this.#hasGreeted) {
      this.#hasGreeted = true;
      const { mechanism, side } = this.#security;
      const greeting = zmtpGreeting({ mechanism, isServer: side === "client" });
      return batchOf(this.#mutations, greeting, 1);
    }
    const { says, isDone } = this.#opposite;
    const said = says.shift();
    if (said !== undefined) return this.#handshake(said);
    if (isDone && !this.#isBroken) return this.#sealed();
    if (++this.#tries > MOST_TRIES) return undefined;
    return batchOf(this.#mutations, zmtpFrame(COMMAND, commandFor(this.#mutations)), 1);
  }

  /** The next command of the handshake: in order, as a rule. */
  #handshake(body: Uint8Array): Batch {
    const { random } = this.#mutations;
    const right = zmtpFrame(COMMAND, body);
    if (!random.oneIn(6)) return batchOf(this.#mutations, right, 1);
    this.#isBroken = true;
    this.#tries = MOST_TRIES - random.below(3);
    switch (random.below(4)) {
      case 0:
        return batchOf(this.#mutations, concat(right, right), 2);
      case 1:
        return batchOf(
          this.#mutations,
          zmtpFrame(COMMAND, body.slice(0, random.below(body.length + 1))),
          1,
        );
      case 2:
        return batchOf(this.#mutations, zmtpFrame(COMMAND, this.#mutations.mutate(body)), 1);
      default:
        return batchOf(this.#mutations, this.#mutations.mutate(right), 1);
    }
  }

  /** Frames, sealed as they should be, as a rule; or not at all, twice, or changed afterwards. */
  #sealed(): Batch | undefined {
    const { random } = this.#mutations;
    const batch = this.#frames.next();
    if (batch === undefined) return undefined;
    const kind = random.below(100);
    // What is no frames cannot be sealed, and is sent as it is.
    const isSealed = kind >= 3 && areFrames(batch.bytes);
    const bytes = isSealed ? this.#opposite.seal(batch.bytes) : batch.bytes;
    if (kind < 93) this.#last = bytes;
    else if (kind < 95) return batchOf(this.#mutations, concat(bytes, bytes), 2 * batch.inputs);
    else if (kind < 97) return batchOf(this.#mutations, this.#last, batch.inputs);
    else if (bytes.length > 0) {
      return batchOf(this.#mutations, this.#mutations.mutate(bytes), batch.inputs);
    }
    return batchOf(this.#mutations, bytes, batch.inputs);
  }
}

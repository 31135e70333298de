import { frame, header } from "../../tests/conformance/raw_peer.ts";
import { answers, messageFor, Questions, sendsOnly } from "./messages.ts";
import { concat, type Mutations } from "./mutations.ts";
import { LARGEST, type Place } from "./place.ts";
import { type Batch, batchOf, inputsOf, type Leaving, leavingOf, type Talk } from "./talk.ts";

/** On a connection of bytes: a greeting, then frames. */
export class SPTalk implements Talk {
  readonly leaving: Leaving;
  readonly #place: Place;
  readonly #scheme: "tcp" | "ipc";
  readonly #mutations: Mutations;
  readonly #frames: Frames;
  readonly #listens: boolean;
  #left: number;
  #greeted = false;
  #last: Uint8Array;

  /** @param place Who is talked to. @param scheme How frames lie. @param mutations Of this connection. */
  constructor(place: Place, scheme: "tcp" | "ipc", mutations: Mutations) {
    this.leaving = leavingOf(mutations);
    this.#place = place;
    this.#scheme = scheme;
    this.#mutations = mutations;
    this.#listens = answers(place);
    this.#frames = new Frames(scheme === "ipc" ? 9 : 8);
    this.#left = inputsOf(mutations, sendsOnly(place));
    this.#last = header(place.peer.number);
  }

  /** Answers need questions. */
  get waits(): boolean {
    return this.#listens && this.#greeted && this.#frames.questions.asked.length === 0;
  }

  hear(chunk: Uint8Array): void {
    if (this.#listens) this.#frames.hear(chunk);
  }

  next(): Batch | undefined {
    const { random } = this.#mutations;
    if (this.#left <= 0) return undefined;
    const together: Uint8Array[] = [];
    if (!this.#greeted) {
      this.#greeted = true;
      together.push(this.#greeting());
      // Who has to hear questions first says no more now.
      if (this.#listens) return this.#batch(together);
    }
    let count = random.oneIn(3) ? 1 + random.below(8) : 1;
    while (count-- > 0 && together.length < this.#left) together.push(this.#frame());
    return this.#batch(together);
  }

  #batch(together: Uint8Array[]): Batch {
    this.#left -= together.length;
    const [first] = together;
    const bytes = together.length === 1 ? first! : concat(...together);
    return batchOf(this.#mutations, bytes, together.length);
  }

  #greeting(): Uint8Array {
    const right = header(this.#place.peer.number);
    const { random } = this.#mutations;
    if (!random.oneIn(8)) return right;
    // Nothing behind it is heard, as a rule.
    this.#left = Math.min(this.#left, 3);
    switch (random.below(5)) {
      case 0:
        return header(random.below(256));
      case 1:
        return this.#mutations.noise(random.below(200));
      case 2:
        return concat(right, right);
      default:
        return this.#mutations.mutate(right);
    }
  }

  #frame(): Uint8Array {
    const { random } = this.#mutations;
    const message = messageFor(this.#place, this.#mutations, this.#frames.questions.asked);
    const kind = random.below(100);
    if (kind < 90) return this.#last = frame(this.#scheme, message);
    if (kind < 93) {
      const length = this.#mutations.wrongLength(message.length, LARGEST);
      return frame(this.#scheme, message, { length });
    }
    if (kind < 94) return frame(this.#scheme, message, { type: random.below(256) });
    if (kind < 95) return this.#mutations.noise(random.below(100));
    if (kind < 97) {
      const length = LARGEST - 2 + random.below(4);
      return frame(this.#scheme, this.#mutations.noise(length));
    }
    if (kind < 98) {
      const same = frame(this.#scheme, message.subarray(0, 100));
      return concat(...Array.from({ length: 2 + random.below(200) }, () => same));
    }
    return this.#mutations.mutate(frame(this.#scheme, message), this.#last);
  }
}

/** Finds the questions in what a socket sends, as far as it is in order. */
class Frames {
  readonly questions: Questions = new Questions();
  readonly #prefix: number;
  #pending: Uint8Array = new Uint8Array(0);
  /** Bytes that are passed over: the greeting, and bodies. */
  #skip = 8;

  /** @param prefix How many bytes stand before a message. */
  constructor(prefix: number) {
    this.#prefix = prefix;
  }

  hear(chunk: Uint8Array): void {
    let bytes = this.#pending.length === 0 ? chunk : concat(this.#pending, chunk);
    for (;;) {
      const skipped = Math.min(this.#skip, bytes.length);
      this.#skip -= skipped;
      bytes = bytes.subarray(skipped);
      if (this.#skip > 0 || bytes.length < this.#prefix) break;
      let length = 0;
      for (let i = this.#prefix - 4; i < this.#prefix; i++) length = length * 256 + bytes[i]!;
      const begin = Math.min(length, 64);
      if (bytes.length < this.#prefix + begin) break;
      this.questions.hear(bytes.subarray(this.#prefix, this.#prefix + begin));
      this.#skip = this.#prefix + length;
    }
    this.#pending = bytes.slice();
  }
}

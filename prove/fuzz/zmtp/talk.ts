import { concat, type Mutations } from "../mutations.ts";
import { LARGEST, type Place } from "../place.ts";
import { type Batch, batchOf, inputsOf, type Leaving, leavingOf, type Talk } from "../talk.ts";
import { COMMAND, commandBody, LONG, MORE, zmtpFrame, zmtpGreeting } from "./bytes.ts";
import { commandFor, framesFor, metadataFor, onlySends, repliesTo } from "./messages.ts";
import { Requests } from "./requests.ts";

const EMPTY = new Uint8Array(0);

/** ZMTP on a connection of bytes: a greeting, the commands of the mechanism NULL, then frames. */
export class ZmtpTalk implements Talk {
  readonly leaving: Leaving;
  readonly #place: Place;
  readonly #mutations: Mutations;
  readonly #requests: Requests = new Requests();
  readonly #listens: boolean;
  #left: number;
  /** What was said of the handshake. */
  #said: 0 | 1 | 2 = 0;
  #last: Uint8Array = EMPTY;

  /** @param place Who is talked to. @param mutations Of this connection. @param isGreeted Whether others have seen to the handshake. */
  constructor(place: Place, mutations: Mutations, isGreeted = false) {
    this.leaving = leavingOf(mutations);
    this.#place = place;
    this.#mutations = mutations;
    this.#listens = repliesTo(place);
    this.#said = isGreeted ? 2 : 0;
    this.#left = 2 + inputsOf(mutations, onlySends(place));
  }

  /** Replies need requests. */
  get waits(): boolean {
    return this.#listens && this.#said === 2 && this.#requests.asked.length === 0;
  }

  hear(chunk: Uint8Array): void {
    if (this.#listens) this.#requests.hear(chunk);
  }

  next(): Batch | undefined {
    const { random } = this.#mutations;
    if (this.#left <= 0) return undefined;
    if (this.#said === 0) {
      const greeting = this.#greeting();
      this.#said = 1;
      if (random.oneIn(3)) return this.#batch([greeting]);
      this.#said = 2;
      return this.#batch([greeting, this.#ready()]);
    }
    if (this.#said === 1) {
      this.#said = 2;
      return this.#batch([this.#ready()]);
    }
    const together: Uint8Array[] = [];
    let count = random.oneIn(3) ? 1 + random.below(8) : 1;
    while (count-- > 0 && together.length < this.#left) together.push(this.#input());
    return this.#batch(together);
  }

  #batch(together: Uint8Array[]): Batch {
    this.#left -= together.length;
    return batchOf(this.#mutations, concat(...together), together.length);
  }

  /** In order, as a rule. */
  #greeting(): Uint8Array {
    const { random } = this.#mutations;
    const padding = random.oneIn(3) ? this.#mutations.noise(8) : EMPTY;
    const version = random.pick([[3, 1], [3, 1], [3, 0], [4, 0]] as const);
    const right = zmtpGreeting({ padding, version, isServer: random.oneIn(5) });
    if (!random.oneIn(8)) return right;
    // Nothing behind it is heard, as a rule.
    this.#left = Math.min(this.#left, 3);
    switch (random.below(6)) {
      case 0:
        return zmtpGreeting({ mechanism: random.pick(["PLAIN", "CURVE", "null", "GSSAPI", ""]) });
      case 1:
        return zmtpGreeting({ version: [random.below(4), random.below(3)] });
      case 2:
        return this.#mutations.noise(random.below(200));
      case 3: // half of it
        return right.subarray(0, random.pick([1, 9, 10, 11, 12, 32, 63]));
      case 4:
        return concat(right, right);
      default:
        return this.#mutations.mutate(right);
    }
  }

  /** In order, as a rule; not always flagged as a command, nor in the short form. */
  #ready(): Uint8Array {
    const { random } = this.#mutations;
    const body = commandBody("READY", metadataFor(this.#place, this.#mutations));
    const flags = random.oneIn(20) ? 0 : COMMAND;
    if (!random.oneIn(10)) return zmtpFrame(flags, body, { isLong: random.oneIn(10) });
    this.#left = Math.min(this.#left, 3);
    switch (random.below(5)) {
      case 0:
        return zmtpFrame(COMMAND, commandBody("ERROR", Uint8Array.of(3), body.subarray(0, 3)));
      case 1:
        return zmtpFrame(COMMAND, commandFor(this.#mutations));
      case 2: {
        const length = this.#mutations.wrongLength(body.length, LARGEST);
        return zmtpFrame(COMMAND, body, { length });
      }
      case 3:
        return EMPTY;
      default:
        return this.#mutations.mutate(zmtpFrame(COMMAND, body));
    }
  }

  #input(): Uint8Array {
    const { random } = this.#mutations;
    const kind = random.below(100);
    if (kind < 70) return this.#last = this.#message();
    if (kind < 80) return this.#command();
    if (kind < 83) {
      const body = this.#mutations.noise(this.#mutations.length());
      const length = this.#mutations.wrongLength(body.length, LARGEST);
      return zmtpFrame(random.pick([0, MORE, COMMAND]), body, { length });
    }
    if (kind < 85) { // flags that mean nothing
      return zmtpFrame(random.below(256) & ~LONG, this.#mutations.noise(random.below(20)));
    }
    if (kind < 87) return this.#repeated(zmtpFrame(MORE, EMPTY), 400);
    if (kind < 88) return this.#repeated(this.#command().subarray(0, 100), 60);
    if (kind < 89) return this.#repeated(zmtpFrame(0, EMPTY), 400);
    if (kind < 91) return this.#mutations.noise(random.below(100));
    if (kind < 93) return this.#aboutTheLargest();
    return this.#mutations.mutate(this.#message(), this.#last);
  }

  /** A message, at times with commands between its frames. */
  #message(): Uint8Array {
    const { random } = this.#mutations;
    const bodies = framesFor(this.#place, this.#mutations, this.#requests.asked);
    const frames = bodies.map((body, i) =>
      zmtpFrame(i < bodies.length - 1 ? MORE : 0, body, { isLong: random.oneIn(20) })
    );
    if (random.oneIn(6)) frames.splice(random.below(frames.length + 1), 0, this.#command());
    return concat(...frames);
  }

  #command(): Uint8Array {
    const { random } = this.#mutations;
    return zmtpFrame(COMMAND | (random.oneIn(20) ? MORE : 0), commandFor(this.#mutations));
  }

  #repeated(frame: Uint8Array, most: number): Uint8Array {
    const count = 2 + this.#mutations.random.below(most);
    return concat(...Array.from({ length: count }, () => frame));
  }

  /** Frames that are together as large as a message may be, or a little larger or smaller. */
  #aboutTheLargest(): Uint8Array {
    const { random } = this.#mutations;
    const length = LARGEST - 2 + random.below(4);
    const count = 1 + random.below(4);
    const part = Math.floor(length / count);
    return concat(...Array.from({ length: count }, (_, i) => {
      const isLast = i === count - 1;
      const body = this.#mutations.noise(isLast ? length - part * i : part);
      return zmtpFrame(isLast ? 0 : MORE, body);
    }));
  }
}

/** What went wrong. */
export interface Fault {
  readonly kind: "wrong" | "lost" | "uncaught" | "left";
  readonly what: string;
  /** Whose exchange it was, if it was one's: `REP`. */
  readonly stand?: string;
  /** Milliseconds of the epoch. */
  readonly at: number;
}

/** A good peer's message, as it was read. */
export interface Mark {
  readonly lane: number;
  readonly number: number;
}

/** Faults that are kept whole. */
const KEPT = 50;
/** Bytes before the padding: the key, the lane, the number, the length and the check. */
const HEAD = 24;
/** Messages of each lane that are looked at again later: their memory must not have been used for anything else. */
const LOOKED_AT_AGAIN = 8;

/** Tells good peers' messages from the mutator's, and sees to it that they are whole, and where they belong. */
export class Judge {
  /** The first of what went wrong. */
  readonly faults: Fault[] = [];
  /** How often each kind went wrong. */
  readonly counts: Record<Fault["kind"], number> = { wrong: 0, lost: 0, uncaught: 0, left: 0 };
  /** Messages of the mutator's that were delivered, where they may be. */
  mutated = 0;
  /** Good peers' messages that came as they should. */
  good = 0;
  readonly #key: Uint8Array = crypto.getRandomValues(new Uint8Array(8));
  #lanes = 0;

  /** What good messages begin with, and the mutator's never have. */
  get key(): Uint8Array {
    return this.#key;
  }

  fault(kind: Fault["kind"], what: string, stand?: string): void {
    this.counts[kind]++;
    if (this.faults.length >= KEPT) return;
    this.faults.push({
      kind,
      what: shortened(what),
      ...(stand !== undefined && { stand }),
      at: Date.now(),
    });
  }

  /** A new lane. */
  lane(stand: string, options: LaneOptions = {}): Lane {
    return new Lane(this, ++this.#lanes, stand, options);
  }

  /** Lays out a message. */
  seal({ lane, number }: Mark): Uint8Array {
    // Now and then one that is not copied, but sent by reference.
    const length = HEAD + (number % 61 === 0 ? 20_000 : number * 37 % 400);
    const message = new Uint8Array(length);
    message.set(this.#key);
    const view = new DataView(message.buffer);
    view.setUint32(8, lane);
    view.setUint32(12, number);
    view.setUint32(16, length);
    for (let i = HEAD; i < length; i++) message[i] = number + i;
    view.setUint32(20, checkOf(message));
    return message;
  }

  /** Reads a message: undefined if it is one of the mutator's. Throws if it is a good peer's, and not whole. */
  read(message: Uint8Array): Mark | undefined {
    const at = indexOf(message, this.#key);
    if (at < 0) return undefined;
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const isWhole = at === 0 && message.length >= HEAD && view.getUint32(16) === message.length &&
      view.getUint32(20) === checkOf(message);
    if (!isWhole) throw new Error(`a good peer's message is at byte ${at} of: ${toHex(message)}`);
    return { lane: view.getUint32(8), number: view.getUint32(12) };
  }
}

/** How a lane is judged. */
export interface LaneOptions {
  /** Whether the mutator's messages may come as well, or questions, if it is questions. */
  readonly isOpen?: boolean;
  /** Whether the mutator's answers may come. */
  readonly isAnsweredByAll?: boolean;
  /** Whether others may take some of its messages, so that not all come, nor in order; none comes twice. */
  readonly isShared?: boolean;
}

/** Messages that go one way, from a good peer or to one. */
export class Lane {
  readonly #judge: Judge;
  readonly #id: number;
  readonly #stand: string;
  readonly #options: LaneOptions;
  readonly #held: (() => Uint8Array)[] = [];
  readonly #seen: Set<number> = new Set();
  #said = 0;
  #heard = 0;
  #caughtUp: (() => void) | undefined;

  constructor(judge: Judge, id: number, stand: string, options: LaneOptions) {
    this.#judge = judge;
    this.#id = id;
    this.#stand = stand;
    this.#options = options;
  }

  /** The next message. */
  say(): Uint8Array {
    return this.#judge.seal({ lane: this.#id, number: ++this.#said });
  }

  /**
   * Judges a message that came: the next one, or one of the mutator's.
   *
   * @param message The message. @param again Looks at it again later: needed if it is a copy of what came.
   */
  hear(message: Uint8Array, again: () => Uint8Array = () => message): void {
    const mark = this.#read(message, this.#options.isOpen);
    if (mark === undefined) return;
    const { isShared = false } = this.#options;
    const { number } = mark;
    if (isShared ? this.#seen.has(number) : number !== this.#heard + 1) {
      this.#wrong(isShared ? `${number} came twice` : `${number} came behind ${this.#heard}`);
    }
    if (isShared) this.#remember(number);
    this.#heard = number;
    this.#judge.good++;
    this.#hold(again);
    if (this.#heard >= this.#said) this.#caughtUp?.();
  }

  /** Answers a question that came, so that `isAnswer` knows it. */
  answer(question: Uint8Array): Uint8Array {
    const mark = this.#read(question, this.#options.isOpen);
    // The mutator's are sent back, but not all of one that its backtrace would make too large on the way.
    return mark === undefined ? question.subarray(0, 1000) : this.#judge.seal(mark);
  }

  /** Judges an answer to a question that was said. True if it is the one that was wanted. */
  isAnswer(
    answer: Uint8Array,
    question: Uint8Array,
    again: () => Uint8Array = () => answer,
  ): boolean {
    const mark = this.#read(answer, this.#options.isAnsweredByAll);
    if (mark === undefined) return false;
    const asked = this.#judge.read(question)!;
    if (mark.number !== asked.number) {
      this.#wrong(`${mark.number} came as answer to ${asked.number}`);
    }
    this.#judge.good++;
    this.#hold(again);
    return true;
  }

  /** Resolves when all that was said has been heard. */
  caughtUp(): Promise<void> {
    if (this.#heard >= this.#said) return Promise.resolve();
    return new Promise((resolve) => this.#caughtUp = resolve);
  }

  /** After something was lost: begins again behind it. */
  skip(): void {
    this.#heard = this.#said;
  }

  #read(message: Uint8Array, isOpen = false): Mark | undefined {
    try {
      const mark = this.#judge.read(message);
      if (mark === undefined) {
        if (!isOpen) this.#wrong(`the mutator's message came: ${toHex(message)}`);
        this.#judge.mutated++;
      } else if (mark.lane !== this.#id) this.#wrong(`a message of lane ${mark.lane} came`);
      return mark;
    } catch (error) {
      this.#wrong((error as Error).message);
      return undefined;
    }
  }

  #hold(again: () => Uint8Array): void {
    this.#held.push(again);
    if (this.#held.length <= LOOKED_AT_AGAIN) return;
    const old = this.#held.shift()!();
    try {
      if (this.#judge.read(old) !== undefined) return;
    } catch {
      // Told below.
    }
    this.#wrong(`a message that had come was changed later: ${toHex(old)}`);
  }

  #remember(number: number): void {
    this.#seen.add(number);
    if (this.#seen.size > 10_000) this.#seen.delete(this.#seen.values().next().value!);
  }

  #wrong(what: string): void {
    this.#judge.fault("wrong", what, this.#stand);
  }
}

/** Deno shows a whole module where an assertion of its own fails. */
function shortened(text: string): string {
  return text.length <= 700 ? text : `${text.slice(0, 200)} ... ${text.slice(-500)}`;
}

function indexOf(message: Uint8Array, key: Uint8Array): number {
  for (let at = message.indexOf(key[0]!); at >= 0; at = message.indexOf(key[0]!, at + 1)) {
    let i = 1;
    while (i < key.length && message[at + i] === key[i]) i++;
    if (i === key.length) return at;
  }
  return -1;
}

/** Of everything but the check itself (FNV-1a). */
function checkOf(message: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < message.length; i++) {
    if (i < 20 || i >= HEAD) hash = Math.imul(hash ^ message[i]!, 0x01000193);
  }
  return hash >>> 0;
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 64), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

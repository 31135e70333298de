/* Takes messages out of a stream of bytes: by what ends them, or by the length that stands before them. */
import { Buffer } from "node:buffer";
import { EXIT, Failure } from "../ends.ts";

/** As large as a message may become that standard input does not end. */
const LONGEST = 512 * 1024 * 1024;

/** Takes messages out of chunks. */
export interface Splitter {
  /** Takes a chunk. Returns the messages that are complete now; they may be views of it. */
  push(chunk: Uint8Array): Uint8Array[];
  /** Returns what is left at the end: a message without its mark. */
  end(): Uint8Array[];
  /** Bytes of a message that is not complete. */
  readonly left: number;
}

/** Bytes of a message that has begun. */
class Beginning {
  readonly #parts: Uint8Array[] = [];
  length = 0;

  add(part: Uint8Array, what: string): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.length += part.length;
    if (this.length > LONGEST) {
      throw new Failure(
        EXIT.failed,
        `${what} is longer than 512 MiB: other flags than --lines, say`,
      );
    }
  }

  take(): Uint8Array {
    const whole = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#parts.length = 0;
    this.length = 0;
    return whole;
  }
}

/** Messages that end with a byte: a newline, a zero. */
export class EndedBy implements Splitter {
  readonly #mark: number;
  readonly #what: string;
  readonly #beginning: Beginning = new Beginning();

  /** @param mark The byte. @param what What a message is called: `line`. */
  constructor(mark: number, what: string) {
    this.#mark = mark;
    this.#what = `a ${what} of standard input`;
  }

  get left(): number {
    return this.#beginning.length;
  }

  push(chunk: Uint8Array): Uint8Array[] {
    const messages: Uint8Array[] = [];
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(this.#mark, from);
      if (end < 0) break;
      const part = chunk.subarray(from, end);
      if (this.#beginning.length === 0) messages.push(part);
      else {
        this.#beginning.add(part, this.#what);
        messages.push(this.#beginning.take());
      }
      from = end + 1;
    }
    this.#beginning.add(chunk.subarray(from), this.#what);
    return messages;
  }

  end(): Uint8Array[] {
    return this.#beginning.length === 0 ? [] : [this.#beginning.take()];
  }
}

/** Messages behind their length, four bytes big-endian. */
export class LengthPrefixed implements Splitter {
  readonly #beginning: Beginning = new Beginning();

  get left(): number {
    return this.#beginning.length;
  }

  push(chunk: Uint8Array): Uint8Array[] {
    this.#beginning.add(chunk, "a message of standard input");
    if (this.#beginning.length < this.#wanted) return [];
    const messages: Uint8Array[] = [];
    let rest = this.#beginning.take();
    for (;;) {
      this.#wanted = 4;
      if (rest.length < 4) break;
      const length = new DataView(rest.buffer, rest.byteOffset).getUint32(0);
      if (length > LONGEST) {
        const what = `a message of ${length} bytes in standard input: is it --length-prefixed?`;
        throw new Failure(EXIT.failed, what);
      }
      if (rest.length < 4 + length) {
        this.#wanted = 4 + length;
        break;
      }
      messages.push(rest.subarray(4, 4 + length));
      rest = rest.subarray(4 + length);
    }
    this.#beginning.add(rest, "");
    return messages;
  }

  /** How many bytes the next message needs. */
  #wanted = 4;

  end(): Uint8Array[] {
    const { left } = this;
    if (left === 0) return [];
    const what = `standard input ends within a message: ${left} bytes are there of ${this.#wanted}`;
    throw new Failure(EXIT.failed, what);
  }
}

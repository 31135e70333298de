import type { Packer } from "./packer.ts";

const NOTHING = new Uint8Array(0);
/** The most places that an empty outbox keeps. */
const MOST_KEPT = 256;

/**
 * What a pipe has accepted and not yet handed to its connection: pieces of slabs, and large bodies by
 * reference, in order. Messages that lie one behind the other in one slab are one piece, whoever
 * else sends the same slab: a broadcast costs a pipe two numbers a message.
 */
export class Outbox {
  readonly #prefix: 0 | 8 | 9;
  readonly #buffers: Uint8Array[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** Messages that begin in a piece; 0 for the body of the message that the piece before it begins. */
  readonly #counts: number[] = [];
  #head = 0;
  /** Behind the last piece. The arrays stay as long as they have been: to empty them is to grow them again. */
  #tail = 0;
  #bytes = 0;
  #messages = 0;

  /** @param prefix Bytes before each message, as in {@linkcode Packer}. */
  constructor(prefix: 0 | 8 | 9) {
    this.#prefix = prefix;
  }

  /** Bytes waiting, prefixes included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Messages waiting. */
  get messages(): number {
    return this.#messages;
  }

  /** Where the oldest message lies, or begins; undefined if there is none. */
  get first(): Uint8Array | undefined {
    return this.#head === this.#tail ? undefined : this.#buffers[this.#head];
  }

  /** Appends the message that a packer has just laid out. */
  append(packed: Packer): void {
    const { start, end, body } = packed;
    const last = this.#tail - 1;
    if (
      last >= this.#head && this.#ends[last] === start && this.#buffers[last] === packed.buffer &&
      this.#prefix > 0 && this.#counts[last]! > 0
    ) {
      this.#ends[last] = end;
      this.#counts[last]!++;
    } else this.#add(packed.buffer, start, end, 1);
    this.#bytes += end - start;
    this.#messages++;
    if (body !== undefined) {
      this.#add(body, 0, body.length, 0);
      this.#bytes += body.length;
    }
  }

  /**
   * Moves pieces, whole messages only, into `chunks`, in place of what is there, until they are `limit` bytes or nothing is
   * left.
   *
   * @returns How many bytes it moved.
   */
  take(chunks: Uint8Array[], limit: number): number {
    let taken = 0;
    let at = this.#head;
    let count = 0;
    while (at < this.#tail && (taken < limit || this.#counts[at] === 0)) {
      const buffer = this.#buffers[at]!;
      const start = this.#starts[at]!;
      const end = this.#ends[at]!;
      chunks[count++] = start === 0 && end === buffer.length ? buffer : buffer.subarray(start, end);
      taken += end - start;
      this.#messages -= this.#counts[at]!;
      at++;
    }
    if (chunks.length !== count) chunks.length = count;
    this.#bytes -= taken;
    this.#advance(at - this.#head);
    return taken;
  }

  /** Takes the oldest message out, and returns it as it was given: without its prefix. */
  shift(): Uint8Array | undefined {
    if (this.#messages === 0) return undefined;
    const at = this.#head;
    const buffer = this.#buffers[at]!;
    const from = this.#starts[at]! + this.#prefix;
    const pieceEnd = this.#ends[at]!;
    const next = this.#buffers[at + 1];
    const length = this.drop();
    if (from + length <= pieceEnd) return buffer.subarray(from, from + length);
    const body = next!;
    if (pieceEnd === from) return body;
    const whole = new Uint8Array(length);
    whole.set(buffer.subarray(from, pieceEnd));
    whole.set(body, pieceEnd - from);
    return whole;
  }

  /** Forgets the oldest message. Returns how long it was, without its prefix; -1 if there is none. */
  drop(): number {
    if (this.#messages === 0) return -1;
    const at = this.#head;
    const start = this.#starts[at]!;
    const pieceEnd = this.#ends[at]!;
    const end = this.#prefix === 0
      ? pieceEnd
      : start + this.#prefix + this.#payload(this.#buffers[at]!, start);
    this.#messages--;
    this.#bytes -= end - start;
    if (end < pieceEnd) {
      this.#counts[at]!--;
      this.#starts[at] = end;
    } else this.#advance(end === pieceEnd ? 1 : 2);
    return end - start - this.#prefix;
  }

  /** Forgets everything. */
  clear(): void {
    this.#advance(this.#tail - this.#head);
    this.#bytes = 0;
    this.#messages = 0;
  }

  #add(buffer: Uint8Array, start: number, end: number, count: number): void {
    const at = this.#tail++;
    this.#buffers[at] = buffer;
    this.#starts[at] = start;
    this.#ends[at] = end;
    this.#counts[at] = count;
  }

  /** Lets go of the first pieces. */
  #advance(pieces: number): void {
    for (const end = this.#head + pieces; this.#head < end; this.#head++) {
      this.#buffers[this.#head] = NOTHING;
    }
    if (this.#head === this.#tail) {
      this.#head = this.#tail = 0;
      if (this.#ends.length > MOST_KEPT) this.#cut(0);
    } else if (this.#head >= 64 && this.#head * 2 > this.#tail) this.#compact();
  }

  /** Moves the pieces to the front: a peer that never catches up must not have the arrays grow for ever. */
  #compact(): void {
    const left = this.#tail - this.#head;
    for (const array of [this.#buffers, this.#starts, this.#ends, this.#counts]) {
      array.copyWithin(0, this.#head, this.#tail);
    }
    this.#head = 0;
    this.#tail = left;
    this.#cut(left);
  }

  #cut(length: number): void {
    this.#buffers.length =
      this.#starts.length =
      this.#ends.length =
      this.#counts.length =
        length;
  }

  /** A message's length, read back from its prefix. */
  #payload(buffer: Uint8Array, start: number): number {
    const at = start + this.#prefix - 8;
    const high = buffer[at + 2]! << 8 | buffer[at + 3]!;
    const low = buffer[at + 4]! << 24 | buffer[at + 5]! << 16 | buffer[at + 6]! << 8 |
      buffer[at + 7]!;
    return high * 0x1_0000_0000 + (low >>> 0);
  }
}

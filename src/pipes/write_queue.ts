import type { Packer } from "../memory/packer.ts";
import type { Encoder, WireMessage } from "../contracts/wire.ts";

const NOTHING = new Uint8Array(0);
const NONE: readonly number[] = [];
/** Array elements that an empty write queue keeps. */
const MOST_KEPT = 256;

/**
 * What a pipe has accepted and its connection has not written: pieces of slabs, and large bodies by reference, in order.
 * Messages that lie one behind the other in one slab are one piece, whoever else sends the same slab.
 *
 * `take` hands pieces to the connection. Their messages are in flight until `written`, so that after a connection broke
 * they can still be told apart from those that never left.
 */
export class WriteQueue {
  readonly #encoder: Encoder;
  readonly #buffers: Uint8Array[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** Messages that begin in a piece; 0 for a further part of the message that a piece before it begins. */
  readonly #counts: number[] = [];
  #head = 0;
  /** Behind the last piece. The arrays keep their length: to empty them is to grow them again. */
  #tail = 0;
  /** Bytes of each message that waits, with its frame. */
  readonly #lengths: number[] = [];
  #oldest = 0;
  /** Behind the newest message. */
  #newest = 0;
  /** The same of the messages in flight. */
  #inFlight: readonly number[] = NONE;
  #inFlightBytes = 0;
  #bytes = 0;
  /** Bodies by reference that wait: their memory is the user's, who can take it away. */
  #borrowed = 0;

  /** @param encoder How messages are laid out. */
  constructor(encoder: Encoder) {
    this.#encoder = encoder;
  }

  /** Bytes waiting, frames included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Messages waiting. */
  get messages(): number {
    return this.#newest - this.#oldest;
  }

  /** Bytes that the connection holds. */
  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  /** Messages that the connection holds. */
  get inFlight(): number {
    return this.#inFlight.length;
  }

  /** Where the oldest waiting message lies, or begins; undefined if there is none. */
  get first(): Uint8Array | undefined {
    return this.#head === this.#tail ? undefined : this.#buffers[this.#head];
  }

  /** Appends the message that a packer has just laid out. */
  append(packed: Packer): void {
    const { start, end, rest } = packed;
    const last = this.#tail - 1;
    if (
      last >= this.#head && this.#ends[last] === start && this.#buffers[last] === packed.buffer &&
      !this.#encoder.keepsApart && this.#counts[last]! > 0
    ) {
      this.#ends[last] = end;
      this.#counts[last]!++;
    } else this.#add(packed.buffer, start, end, 1);
    let length = end - start;
    for (let i = 0; i < rest.length; i++) {
      const piece = rest[i]!;
      this.#add(piece, 0, piece.length, 0);
      length += piece.length;
    }
    if (packed.isBorrowed) this.#borrowed++;
    this.#lengths[this.#newest++] = length;
    this.#bytes += length;
  }

  /**
   * Moves pieces, whole messages only, into `chunks`, in place of what is there, until they are `limit` bytes or nothing is
   * left. Their messages are in flight then.
   */
  take(chunks: Uint8Array[], limit: number): void {
    let taken = 0;
    let messages = 0;
    let at = this.#head;
    let count = 0;
    while (at < this.#tail && (taken < limit || this.#counts[at] === 0)) {
      const buffer = this.#buffers[at]!;
      const start = this.#starts[at]!;
      const end = this.#ends[at]!;
      chunks[count++] = start === 0 && end === buffer.length ? buffer : buffer.subarray(start, end);
      taken += end - start;
      messages += this.#counts[at]!;
      at++;
    }
    if (chunks.length !== count) chunks.length = count;
    this.#inFlight = this.#lengths.slice(this.#oldest, this.#oldest + messages);
    this.#forgetLengths(messages);
    this.#inFlightBytes = taken;
    this.#bytes -= taken;
    this.#advance(at - this.#head);
    if (this.messages === 0) this.#borrowed = 0;
  }

  /** What was in flight is written. */
  written(): void {
    this.#inFlight = NONE;
    this.#inFlightBytes = 0;
  }

  /** How many of the messages in flight are not wholly written if their last `unwritten` bytes are not. */
  incomplete(unwritten: number): number {
    let messages = 0;
    for (let at = this.#inFlight.length - 1; at >= 0 && unwritten > 0; at--) {
      unwritten -= this.#inFlight[at]!;
      messages++;
    }
    return messages;
  }

  /** The oldest waiting message, as it was given; `drop` takes it out. */
  peek(): WireMessage | undefined {
    return this.messages === 0 ? undefined : this.#encoder.unpack(this.#oldestPieces());
  }

  /** The pieces that the oldest waiting message was laid out in. */
  #oldestPieces(): Uint8Array[] {
    const at = this.#head;
    const start = this.#starts[at]!;
    const end = Math.min(start + this.#lengths[this.#oldest]!, this.#ends[at]!);
    const pieces = [this.#buffers[at]!.subarray(start, end)];
    for (let next = at + 1; next < this.#tail && this.#counts[next] === 0; next++) {
      if (this.#counts[at]! > 1) break;
      pieces.push(this.#buffers[next]!);
    }
    return pieces;
  }

  /** Forgets the oldest waiting message. Returns how long it was, without its frame; -1 if there is none. */
  drop(): number {
    if (this.messages === 0) return -1;
    const at = this.#head;
    const length = this.#lengths[this.#oldest]!;
    const payload = this.#encoder.payload?.(this.#oldestPieces()) ??
      length - this.#encoder.overhead;
    this.#forgetLengths(1);
    this.#bytes -= length;
    if (this.#counts[at]! > 1) {
      this.#counts[at]!--;
      this.#starts[at]! += length;
    } else {
      let next = at + 1;
      while (next < this.#tail && this.#counts[next] === 0) next++;
      this.#advance(next - at);
    }
    return payload;
  }

  /**
   * Forgets waiting messages of which a part was taken away: a buffer that was detached, or made smaller, is no longer as long
   * as was announced, and would put all that follows out of step.
   *
   * @param gone Called with the length of each, without its frame.
   */
  prune(gone: (length: number) => void): void {
    if (this.#borrowed === 0) return;
    let message = this.#oldest;
    let kept = this.#head;
    for (let at = this.#head, next = at; at < this.#tail; at = next) {
      let isGone = this.#ends[at]! > this.#buffers[at]!.length;
      let rest = 0;
      for (next = at + 1; next < this.#tail && this.#counts[next] === 0; next++) {
        isGone ||= this.#ends[next]! > this.#buffers[next]!.length;
        rest += this.#ends[next]!;
      }
      message += this.#counts[at]!;
      if (isGone) {
        // It is the last one that begins in this piece.
        const length = this.#lengths[--message]!;
        this.#lengths.copyWithin(message, message + 1, this.#newest--);
        this.#bytes -= length;
        gone(length - this.#encoder.overhead);
        this.#ends[at]! -= length - rest;
        this.#counts[at]!--;
      }
      for (let piece = at; piece < (isGone ? at + 1 : next); piece++) {
        if (isGone && this.#counts[piece] === 0) continue;
        this.#set(
          kept++,
          this.#buffers[piece]!,
          this.#starts[piece]!,
          this.#ends[piece]!,
          this.#counts[piece]!,
        );
      }
    }
    this.#buffers.fill(NOTHING, kept, this.#tail);
    this.#tail = kept;
  }

  /** Forgets everything. */
  clear(): void {
    this.#advance(this.#tail - this.#head);
    this.#forgetLengths(this.messages);
    this.#bytes = 0;
    this.#borrowed = 0;
    this.written();
  }

  #add(buffer: Uint8Array, start: number, end: number, count: number): void {
    this.#set(this.#tail++, buffer, start, end, count);
  }

  #set(at: number, buffer: Uint8Array, start: number, end: number, count: number): void {
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
    if (!isSparse(this.#head, this.#tail)) return;
    for (const array of [this.#buffers, this.#starts, this.#ends, this.#counts]) {
      compact(array, this.#head, this.#tail);
    }
    this.#tail -= this.#head;
    this.#head = 0;
  }

  /** Lets go of the first lengths. */
  #forgetLengths(count: number): void {
    this.#oldest += count;
    if (!isSparse(this.#oldest, this.#newest)) return;
    compact(this.#lengths, this.#oldest, this.#newest);
    this.#newest -= this.#oldest;
    this.#oldest = 0;
  }
}

/** Whether an array in use from `head` to `tail` has mostly elements before them that are done with. */
function isSparse(head: number, tail: number): boolean {
  return head > 0 && (head === tail || head >= 64 && head * 2 > tail);
}

/** Moves what is in use to the front: a peer that never catches up must not make the array grow for ever. */
function compact(array: unknown[], head: number, tail: number): void {
  const left = tail - head;
  if (left > 0) array.copyWithin(0, head, tail);
  if (left > 0 || array.length > MOST_KEPT) array.length = left;
}

import { SPError } from "../../../src/base/errors.ts";

/**
 * Larger chunks are not joined, but for the beginning of one behind smaller chunks, so that a prefix is not a write of
 * its own.
 */
const LARGEST_JOINED = 128 * 1024;
const BEGINNING = 1024;

/**
 * The chunks of one write, as pieces to hand to a runtime that takes one piece at a time: chunks are joined, since a
 * call and packets of its own for each cost more than the copy; those that are too large for `scratch`, or for this to be
 * true, go as they are.
 */
export class Batch {
  #chunks: Uint8Array[] = [];
  /** How long each was, which a chunk is no more once its memory is taken away. */
  #lengths: number[] = [];
  #at = 0;
  #offset = 0;
  /** Bytes that have not been taken. */
  bytes = 0;

  /** Begins with new chunks; the array is the caller's to use again. */
  load(chunks: readonly Uint8Array[]): void {
    for (let i = 0; i < chunks.length; i++) {
      const { length } = chunks[i]!;
      if (length === 0) continue;
      this.#chunks.push(chunks[i]!);
      this.#lengths.push(length);
      this.bytes += length;
    }
  }

  /** Whether everything has been taken. */
  get empty(): boolean {
    return this.#at === this.#chunks.length;
  }

  /**
   * The bytes to write next: of the chunks as they are, or joined in `scratch`.
   *
   * @throws {SPError} `EINVAL` if the memory of a chunk was taken away: less than was announced would follow.
   */
  next(scratch: Uint8Array): Uint8Array {
    const chunks = this.#chunks;
    let at = this.#at;
    let piece = this.#chunk(at);
    if (this.#offset > 0) piece = piece.subarray(this.#offset);
    const largest = Math.min(LARGEST_JOINED, scratch.length - 1);
    if (at === chunks.length - 1 || piece.length > largest) return piece;
    let filled = 0;
    for (;;) {
      const end = piece.length > largest ? Math.min(BEGINNING, scratch.length) : scratch.length;
      const room = Math.max(end - filled, 0);
      if (piece.length > room) {
        scratch.set(piece.subarray(0, room), filled);
        return scratch.subarray(0, filled + room);
      }
      scratch.set(piece, filled);
      filled += piece.length;
      if (++at === chunks.length) return scratch.subarray(0, filled);
      piece = this.#chunk(at);
    }
  }

  /** Says how many bytes of the last piece were taken. */
  advance(count: number): void {
    const lengths = this.#lengths;
    let left = this.#offset + count;
    let at = this.#at;
    while (at < lengths.length && left >= lengths[at]!) left -= lengths[at++]!;
    this.bytes -= count;
    if (at === lengths.length) this.clear();
    else {
      this.#at = at;
      this.#offset = left;
    }
  }

  #chunk(at: number): Uint8Array {
    const chunk = this.#chunks[at]!;
    if (chunk.length !== this.#lengths[at]) throw memoryGone();
    return chunk;
  }

  /** Lets go of everything. */
  clear(): void {
    this.#chunks.length = 0;
    this.#lengths.length = 0;
    this.bytes = 0;
    this.#at = 0;
    this.#offset = 0;
  }
}

/** Why a connection ends whose message was taken away while it was written: the peer waits for the rest in vain. */
export function memoryGone(): SPError {
  return new SPError(
    "EINVAL",
    "Cannot go on writing a message whose memory is gone: its buffer was detached",
  );
}

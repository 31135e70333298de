import { copyOf } from "./new_memory.ts";

/** Messages may keep so many bytes in memory that nobody wants. */
const MOST_IDLE = 64 * 1024;

/** More than this is not counted. */
const MOST_COUNTED = 16 * 1024 * 1024;

/** What stands before a message that nobody wants. */
const PREFIX = 8;

/**
 * Sees to it that the few messages that are wanted do not keep the many in memory that are not: a small message is a view on the
 * chunk that it came in, with all that came beside it. One for each peer.
 */
export class Sieve {
  /** So many more bytes were not wanted than were. */
  #idle = 0;

  /** A message of so many bytes is not wanted. */
  skip(length: number): void {
    this.#idle = Math.min(this.#idle + length + PREFIX, MOST_COUNTED);
  }

  /** A message that is wanted: itself, or a copy if it would keep too much. */
  keep(message: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (this.#idle === 0) return message;
    const copies = this.#idle > MOST_IDLE && message.length < message.buffer.byteLength;
    this.#idle = Math.max(0, this.#idle - message.length);
    return copies ? copyOf(message) : message;
  }
}

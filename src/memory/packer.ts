import { Slabs } from "./slabs.ts";
import type { Encoder, WireMessage } from "../contracts/wire.ts";

/** Bodies up to this many bytes are copied into a slab; larger ones go by reference. */
export const COPY_LIMIT: number = 16 * 1024;

/**
 * Lays messages out as they go on the wire, one behind the other in a slab of memory, so that a turn's
 * messages are one contiguous piece and one write.
 *
 * `pack` answers with the packer itself: its fields say where the message lies until the next call.
 * That spares an object for each message, and lets a broadcast lay out a message once for all its pipes.
 */
export class Packer {
  readonly #encoder: Encoder;
  readonly #slabs: Slabs;
  #used = 0;
  #isBegun = false;

  /** Where to write what was reserved last. */
  slab: Uint8Array = new Uint8Array(0);
  /** Where the last message lies, or begins. */
  buffer: Uint8Array = this.slab;
  /** First byte in `buffer`. */
  start = 0;
  /** Behind the last byte in `buffer`. */
  end = 0;
  /** The last message's further pieces. */
  readonly rest: Uint8Array[] = [];
  /** Bytes of the last message without its frame. */
  payload = 0;
  /** Whether a part of the last message goes by reference: its memory is the user's. */
  isBorrowed = false;

  /**
   * @param encoder How messages are laid out.
   * @param keepsMemory Whether what was packed is not to be changed, not even when it is written.
   */
  constructor(encoder: Encoder, keepsMemory = true) {
    this.#encoder = encoder;
    this.#slabs = new Slabs(keepsMemory);
  }

  /** Lays out one message. */
  pack(message: WireMessage): this {
    this.#isBegun = this.isBorrowed = false;
    if (this.rest.length > 0) this.rest.length = 0;
    this.#encoder.encode(message, this);
    return this;
  }

  /** Takes room for the message's next bytes, to be written to `slab` from the place that is returned. */
  reserve(size: number): number {
    if (this.#used + size > this.slab.length) {
      this.slab = this.#slabs.next(size);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used = at + size;
    if (this.#isBegun) this.rest.push(this.slab.subarray(at, at + size));
    else this.#begin(this.slab, at, at + size);
    return at;
  }

  /** Passes a part of the message on by reference. */
  borrow(bytes: Uint8Array): void {
    this.isBorrowed = true;
    if (this.#isBegun) this.rest.push(bytes);
    else this.#begin(bytes, 0, bytes.length);
  }

  /**
   * What was packed is written and may be overwritten, unless the memory is kept.
   *
   * @param first Where the oldest message lies, or begins, that is not written; undefined if all are.
   */
  written(first: Uint8Array | undefined): void {
    if (this.#slabs.written(first)) this.#used = 0;
  }

  #begin(buffer: Uint8Array, start: number, end: number): void {
    this.#isBegun = true;
    this.buffer = buffer;
    this.start = start;
    this.end = end;
  }
}

import type { Outgoing } from "./message.ts";
import { unshared } from "./new_memory.ts";
import { Slabs } from "./slabs.ts";

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
  readonly #prefix: 0 | 8 | 9;
  readonly #slabs: Slabs;
  #slab: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #used = 0;

  /** Where the last message lies, or (with `body`) its prefix and header. */
  buffer: Uint8Array<ArrayBuffer> = this.#slab;
  /** First byte in `buffer`. */
  start = 0;
  /** Behind the last byte in `buffer`. */
  end = 0;
  /** The last message's body, where it goes by reference. */
  body: Uint8Array | undefined;
  /** Bytes of the last message without its prefix. */
  payload = 0;
  /** Whether the last message's body goes by reference: its memory is the user's. */
  isBorrowed = false;

  /**
   * @param prefix Bytes before each message: 8 on tcp, 9 on ipc, 0 where messages are kept apart.
   * @param keepsMemory Whether what was packed is not to be changed, not even when it is written.
   */
  constructor(prefix: 0 | 8 | 9, keepsMemory = true) {
    this.#prefix = prefix;
    this.#slabs = new Slabs(keepsMemory);
  }

  /** Lays out one message. */
  pack(message: Outgoing): this {
    const header = "body" in message ? message.header : undefined;
    const body = "body" in message ? message.body : message;
    const headerLength = header === undefined ? 0 : header.length;
    const payload = this.payload = headerLength + body.length;
    if (this.#prefix === 0) return this.#packWhole(header, body);
    const copied = body.length <= COPY_LIMIT;
    let at = this.#reserve(this.#prefix + (copied ? payload : headerLength));
    const slab = this.#slab;
    if (this.#prefix === 9) slab[at++] = 1;
    const high = payload > 0xffff_ffff ? Math.floor(payload / 0x1_0000_0000) : 0;
    slab[at] = high >>> 24;
    slab[at + 1] = high >>> 16;
    slab[at + 2] = high >>> 8;
    slab[at + 3] = high;
    slab[at + 4] = payload >>> 24;
    slab[at + 5] = payload >>> 16;
    slab[at + 6] = payload >>> 8;
    slab[at + 7] = payload;
    at += 8;
    if (header !== undefined) {
      slab.set(header, at);
      at += headerLength;
    }
    if (copied) slab.set(body, at);
    this.body = copied ? undefined : body;
    this.isBorrowed = !copied;
    return this;
  }

  /**
   * What was packed is written and may be overwritten, unless the memory is kept.
   *
   * @param first Where the oldest message lies, or begins, that is not written; undefined if all are.
   */
  written(first: Uint8Array | undefined): void {
    if (this.#slabs.written(first)) this.#used = 0;
  }

  /** One message, one piece: by reference where it is large, has no header, and does not lie in shared memory. */
  #packWhole(header: Uint8Array | undefined, body: Uint8Array): this {
    this.body = undefined;
    this.isBorrowed = false;
    if (header === undefined || header.length === 0) {
      if (body.length > COPY_LIMIT) {
        this.buffer = unshared(body);
        this.start = 0;
        this.end = body.length;
        this.isBorrowed = true;
        return this;
      }
      const at = this.#reserve(body.length);
      this.#slab.set(body, at);
      return this;
    }
    const at = this.#reserve(this.payload);
    this.#slab.set(header, at);
    this.#slab.set(body, at + header.length);
    return this;
  }

  /** Takes a contiguous piece of the slab, a new and larger slab if this one is used up. */
  #reserve(size: number): number {
    if (this.#used + size > this.#slab.length) {
      this.#slab = this.#slabs.next(size);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used = at + size;
    this.buffer = this.#slab;
    this.start = at;
    this.end = at + size;
    return at;
  }
}

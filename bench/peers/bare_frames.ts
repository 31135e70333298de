/**
 * SP's frames over tcp, made by hand with the least that does the job: an 8-byte length, then the body.
 *
 * @module
 */

const headerSize = 8;
const slabSize = 64 * 1024;

/** Bodies from this size on go out by reference, not copied into a slab. */
const largeBody = 16 * 1024;

/** Writes `length` as an unsigned 64-bit integer, big endian. */
function writeLength(target: Uint8Array, at: number, length: number): void {
  target[at] =
    target[at + 1] =
    target[at + 2] =
    target[at + 3] =
      0;
  target[at + 4] = length >>> 24;
  target[at + 5] = length >>> 16;
  target[at + 6] = length >>> 8;
  target[at + 7] = length;
}

/** A body with its length before it, in a buffer of its own. */
export function frame(body: Uint8Array): Uint8Array {
  const whole = new Uint8Array(headerSize + body.length);
  writeLength(whole, 0, body.length);
  whole.set(body, headerSize);
  return whole;
}

/**
 * Packs frames into 64 KiB slabs. The slabs are taken in turn and used again: no more than seven may wait to be sent when
 * the eighth is packed.
 */
export class SlabPacker {
  readonly #slabs = Array.from({ length: 8 }, () => new Uint8Array(slabSize));
  #turn = 0;

  /** As many frames of `body` as a slab holds; a large body comes as its header and itself. */
  fill(body: Uint8Array): Uint8Array[] {
    const slab = this.#next();
    if (body.length >= largeBody) {
      writeLength(slab, 0, body.length);
      return [slab.subarray(0, headerSize), body];
    }
    let end = 0;
    while (end + headerSize + body.length <= slabSize) end = this.#add(slab, end, body);
    return [slab.subarray(0, end)];
  }

  /** All of `bodies`, small ones, in as few slabs as hold them. */
  pack(bodies: readonly Uint8Array[]): Uint8Array[] {
    const packed: Uint8Array[] = [];
    let slab = this.#next();
    let end = 0;
    for (const body of bodies) {
      if (end + headerSize + body.length > slabSize) {
        packed.push(slab.subarray(0, end));
        slab = this.#next();
        end = 0;
      }
      end = this.#add(slab, end, body);
    }
    packed.push(slab.subarray(0, end));
    return packed;
  }

  #next(): Uint8Array {
    this.#turn = (this.#turn + 1) % this.#slabs.length;
    return this.#slabs[this.#turn]!;
  }

  #add(slab: Uint8Array, at: number, body: Uint8Array): number {
    writeLength(slab, at, body.length);
    slab.set(body, at + headerSize);
    return at + headerSize + body.length;
  }
}

/** Takes bytes as they come and hands out each message: a view on the chunk, or a copy if it lay across two chunks. */
export class FrameParser {
  readonly #onMessage: (message: Uint8Array) => void;
  readonly #header = new Uint8Array(headerSize);
  #headerHas = 0;
  #body: Uint8Array | undefined;
  #bodyHas = 0;

  constructor(onMessage: (message: Uint8Array) => void) {
    this.#onMessage = onMessage;
  }

  /** Takes one chunk. */
  push(chunk: Uint8Array): void {
    let at = this.#finishStarted(chunk);
    while (at + headerSize <= chunk.length) {
      const length = readLength(chunk, at);
      const end = at + headerSize + length;
      if (end > chunk.length) {
        this.#body = new Uint8Array(length);
        this.#body.set(chunk.subarray(at + headerSize), 0);
        this.#bodyHas = chunk.length - at - headerSize;
        return;
      }
      this.#onMessage(chunk.subarray(at + headerSize, end));
      at = end;
    }
    this.#header.set(chunk.subarray(at), 0);
    this.#headerHas = chunk.length - at;
  }

  /** Completes the message that the last chunk ended in; gives the position after it. */
  #finishStarted(chunk: Uint8Array): number {
    let at = 0;
    if (this.#headerHas > 0) {
      at = Math.min(headerSize - this.#headerHas, chunk.length);
      this.#header.set(chunk.subarray(0, at), this.#headerHas);
      this.#headerHas += at;
      if (this.#headerHas < headerSize) return chunk.length;
      this.#headerHas = 0;
      this.#body = new Uint8Array(readLength(this.#header, 0));
      this.#bodyHas = 0;
    }
    if (this.#body === undefined) return at;
    const end = Math.min(at + this.#body.length - this.#bodyHas, chunk.length);
    this.#body.set(chunk.subarray(at, end), this.#bodyHas);
    this.#bodyHas += end - at;
    if (this.#bodyHas < this.#body.length) return chunk.length;
    const message = this.#body;
    this.#body = undefined;
    this.#onMessage(message);
    return end;
  }
}

function readLength(bytes: Uint8Array, at: number): number {
  const high = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  const low = bytes[at + 4]! * 2 ** 24 +
    ((bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!);
  return high * 2 ** 32 + low;
}

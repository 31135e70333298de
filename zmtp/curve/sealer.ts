import { newMemory } from "../../src/memory/new_memory.ts";
import { COMMAND, headerSize, LONG, MORE, readSize, writeHeader } from "../wire/frames.ts";
import { BOX_OVERHEAD, type Boxes, SEAL_SCRATCH } from "./boxes.ts";
import { BOX_AT, INNER, MESSAGE, MESSAGE_OVERHEAD } from "./message_frames.ts";
import type { MessageNonce, SendCounter } from "./nonces.ts";

/** What one direction of a connection has agreed on. */
export interface SendSecret {
  readonly boxes: Boxes;
  /** The key that both ends share. */
  readonly key: Uint8Array;
  readonly nonce: MessageNonce;
  readonly counter: SendCounter;
}

/** Makes MESSAGE frames of plain ones. */
export class Sealer {
  readonly #secret: SendSecret;

  /** @param secret For our direction. */
  constructor(secret: SendSecret) {
    this.#secret = secret;
  }

  /**
   * Seals each frame in a box.
   *
   * @param chunks Whole frames, which may be cut anywhere; they are not changed.
   * @returns The frames to send, in new memory.
   */
  seal(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
    let size = 0;
    for (const reader = new FrameReader(chunks); reader.next(); reader.skip()) {
      const length = reader.length + MESSAGE_OVERHEAD;
      size += headerSize(length) + length;
    }
    const sealed = newMemory(size);
    let at = 0;
    for (const reader = new FrameReader(chunks); reader.next();) {
      at = this.#seal(reader, sealed, at);
    }
    return sealed;
  }

  /** Seals the frame that the reader stands in. Returns where the next one begins. */
  #seal(reader: FrameReader, target: Uint8Array<ArrayBuffer>, at: number): number {
    const { boxes, key, nonce, counter } = this.#secret;
    const { flags, length } = reader;
    const size = length + MESSAGE_OVERHEAD;
    const body = at + headerSize(size);
    const box = body + BOX_AT;
    const end = body + size;
    const content = box + BOX_OVERHEAD;
    target[content] = (flags & MORE ? INNER.MORE : 0) |
      (flags & COMMAND ? INNER.COMMAND : 0);
    reader.copy(target, content + 1);
    counter.next(target, body + MESSAGE.length);
    nonce.set(target, body + MESSAGE.length);
    boxes.sealInto(key, nonce.bytes, target.subarray(box - SEAL_SCRATCH, end));
    // What stands before the box was scratch memory.
    writeHeader(target, at, 0, size);
    target.set(MESSAGE, body);
    target.set(nonce.bytes.subarray(-8), body + MESSAGE.length);
    return end;
  }
}

/**
 * How many bytes of plain frames have not left, by how many of the sealed ones have not. A frame that was cut counts whole: its
 * box cannot be opened.
 *
 * @param sealed What a sealer has returned.
 */
export function plainBytesLeft(sealed: Uint8Array, unwritten: number): number {
  const written = sealed.length - unwritten;
  let left = 0;
  for (let at = 0; at < sealed.length;) {
    const size = readSize(sealed, at);
    at += headerSize(size) + size;
    const length = size - MESSAGE_OVERHEAD;
    if (at > written) left += headerSize(length) + length;
  }
  return left;
}

/** Walks through plain frames in chunks that cut them anywhere. */
class FrameReader {
  /** The frame's flags. */
  flags = 0;
  /** Bytes of its body. */
  length = 0;
  readonly #chunks: readonly Uint8Array[];
  readonly #header = new Uint8Array(9);
  /** Where it stands: in which chunk, and at which byte. */
  #index = 0;
  #at = 0;

  constructor(chunks: readonly Uint8Array[]) {
    this.#chunks = chunks;
  }

  /** Reads the next frame's header; false if there is none. */
  next(): boolean {
    if (!this.#move(1, this.#header, 0)) return false;
    this.flags = this.#header[0]!;
    this.#move(this.flags & LONG ? 8 : 1, this.#header, 1);
    this.length = readSize(this.#header, 0);
    return true;
  }

  /** Goes to the end of the body. */
  skip(): void {
    this.#move(this.length);
  }

  /** Copies the body, and goes to its end. */
  copy(target: Uint8Array, at: number): void {
    this.#move(this.length, target, at);
  }

  /** Goes on by so many bytes, and copies them if it is said where to. Returns whether there were so many. */
  #move(count: number, target?: Uint8Array, at = 0): boolean {
    for (let left = count; left > 0;) {
      const chunk = this.#chunks[this.#index];
      if (chunk === undefined) return false;
      const part = chunk.subarray(this.#at, this.#at + left);
      target?.set(part, at + count - left);
      left -= part.length;
      this.#at += part.length;
      if (this.#at < chunk.length) continue;
      this.#index++;
      this.#at = 0;
    }
    return true;
  }
}

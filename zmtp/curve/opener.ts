import { SPError } from "../../src/base/errors.ts";
import { newMemory } from "../../src/memory/new_memory.ts";
import { IncomingBody } from "../../src/memory/incoming_body.ts";
import { malformed } from "../wire/commands.ts";
import { COMMAND, headerSize, LONG, MORE, readSize, writeHeader } from "../wire/frames.ts";
import { BOX_OVERHEAD, type Boxes, OPEN_SCRATCH } from "./boxes.ts";
import { BOX_AT, INNER, MESSAGE, MESSAGE_OVERHEAD } from "./message_frames.ts";
import type { MessageNonce, ReceiveCounter } from "./nonces.ts";

/** What the peer's direction of a connection has agreed on. */
export interface ReceiveSecret {
  readonly boxes: Boxes;
  /** The key that both ends share. */
  readonly key: Uint8Array;
  readonly nonce: MessageNonce;
  readonly counter: ReceiveCounter;
}

/** Makes plain frames of MESSAGE frames. */
export class Opener {
  readonly #secret: ReceiveSecret;
  readonly #limit: number;
  readonly #header = new Uint8Array(9);
  /** How much of the next header has come. */
  #headerSize = 0;
  readonly #body = new IncomingBody();

  /**
   * @param secret For the peer's direction.
   * @param maxFrameSize The body of the largest plain frame to take, in bytes.
   */
  constructor(secret: ReceiveSecret, maxFrameSize: number) {
    this.#secret = secret;
    this.#limit = maxFrameSize;
  }

  /** Whether a frame has come in part. */
  get isWithinFrame(): boolean {
    return this.#headerSize > 0 || this.#body.length > 0;
  }

  /**
   * Takes a chunk, cut anywhere, and does not keep its memory.
   *
   * @param deliver Gets each plain frame, in memory of its own. If it returns false, the rest of the chunk is ignored.
   * @throws {SPError} `EPROTO` if a frame was not sealed by the peer, or was sent before; `EMSGSIZE` if it is too large.
   */
  take(
    chunk: Uint8Array<ArrayBuffer>,
    deliver: (frame: Uint8Array<ArrayBuffer>) => boolean,
  ): void {
    const body = this.#body;
    for (let at = 0; at < chunk.length;) {
      let whole: Uint8Array<ArrayBuffer> | undefined;
      if (body.length === 0) {
        at = this.#readHeader(chunk, at);
        if (body.length === 0) return;
        if (chunk.length - at >= body.length) {
          // No need to gather it.
          whole = chunk.subarray(at, at + body.length);
          at += whole.length;
          body.drop();
        }
      } else {
        at += body.fill(chunk, at);
        whole = body.take();
      }
      if (whole !== undefined && !deliver(this.#open(whole))) return;
    }
  }

  /** Reads on in a header; once it is complete, the body has its length. Returns where it stopped. */
  #readHeader(chunk: Uint8Array, from: number): number {
    const header = this.#header;
    for (let at = from; at < chunk.length;) {
      header[this.#headerSize++] = chunk[at++]!;
      const flags = header[0]!;
      if ((flags & ~LONG) !== 0) {
        const shown = flags.toString(16).padStart(2, "0");
        throw malformed(`The peer sent a frame with the flags 0x${shown}, expected 0x00 or 0x02`);
      }
      if (this.#headerSize < (flags === 0 ? 2 : header.length)) continue;
      this.#headerSize = 0;
      this.#body.length = this.#checkLength(readSize(header, 0));
      return at;
    }
    return chunk.length;
  }

  #checkLength(length: number): number {
    if (length < MESSAGE_OVERHEAD) {
      const least = `expected ${MESSAGE_OVERHEAD} or more`;
      throw malformed(`The peer sent a MESSAGE of ${length} bytes, ${least}`);
    }
    if (length > Number.MAX_SAFE_INTEGER) {
      throw malformed("The peer announced a frame of more than 2^53 bytes");
    }
    const size = length - MESSAGE_OVERHEAD;
    if (size <= this.#limit) return length;
    throw new SPError(
      "EMSGSIZE",
      `The peer announced a frame of ${size} bytes, at most ${this.#limit} are taken`,
    );
  }

  /** Opens the body of a MESSAGE. Returns the plain frame. */
  #open(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const { boxes, key, nonce, counter } = this.#secret;
    if (MESSAGE.some((byte, at) => body[at] !== byte)) {
      throw malformed(
        "The peer sent a frame that is not encrypted, expected MESSAGE",
      );
    }
    counter.take(body, MESSAGE.length);
    nonce.set(body, MESSAGE.length);
    const box = body.subarray(BOX_AT);
    const memory = newMemory(OPEN_SCRATCH + box.length - BOX_OVERHEAD);
    if (!boxes.openInto(key, nonce.bytes, box, memory)) {
      throw malformed("The peer sent a MESSAGE whose box does not open: it was changed on its way");
    }
    const inner = memory[OPEN_SCRATCH]!;
    const flags = (inner & INNER.MORE ? MORE : 0) |
      (inner & INNER.COMMAND ? COMMAND : 0);
    const length = box.length - BOX_OVERHEAD - 1;
    // The header takes the place of the flags, and of scratch memory before them.
    const start = OPEN_SCRATCH + 1 - headerSize(length);
    writeHeader(memory, start, flags, length);
    return memory.subarray(start);
  }
}

import { SPError } from "../base/errors.ts";
import { ENCODERS, IPC_IN_BAND } from "./encoder.ts";
import { IncomingBody } from "../memory/incoming_body.ts";
import { DEFAULT_MAX_MESSAGE_SIZE, type Outgoing } from "../memory/message.ts";
import { copyOf, unshared } from "../memory/new_memory.ts";
import { COPY_LIMIT, Packer } from "../memory/packer.ts";
import type { TransformController, Transformer } from "../contracts/transformer.ts";
import type { Decoder, DecoderController } from "../contracts/wire.ts";

/** Options of the framing streams. */
export interface FrameOptions {
  /** The mapping: `"tcp"` (also for TLS and any other byte stream, the default) or `"ipc"`. */
  framing?: "tcp" | "ipc";
  /** The largest message accepted, in bytes, its protocol header included; default 1 MiB. */
  maxMessageSize?: number;
}

const EMPTY = new Uint8Array(0);

/**
 * Takes messages out of a byte stream.
 *
 * A message that lies whole in a chunk is a view on that chunk, or on a copy of it where the chunk is lent; one that
 * lies across chunks is put together, in one copy, or in none where the connection reads to `room`. A peer that
 * announces more than it sends costs at most 64 KiB, once it has sent 32 KiB at most 1 MiB, and then at most four times
 * what it sent.
 */
export class FrameDecoder implements Decoder {
  readonly #prefix: 8 | 9;
  readonly #limit: number;
  readonly #lent: boolean;
  /** The prefix's first bytes, when a chunk ends inside it. */
  readonly #partial: Uint8Array<ArrayBuffer>;
  #partialLength = 0;
  /** The body under way, when a chunk ends before or inside it. */
  readonly #body: IncomingBody = new IncomingBody();
  #failed = false;

  /**
   * @param options The mapping and the limit.
   * @param lent Whether the memory of chunks is used again once `transform` returns.
   */
  constructor(options: FrameOptions = {}, lent = false) {
    this.#lent = lent;
    this.#prefix = options.framing === "ipc" ? 9 : 8;
    this.#limit = options.maxMessageSize ?? DEFAULT_MAX_MESSAGE_SIZE;
    this.#partial = new Uint8Array(this.#prefix);
  }

  /**
   * Takes a chunk of the byte stream, passes on each message that it completes.
   *
   * @returns What is left of the chunk, once the controller is full; its memory is not lent.
   */
  transform(
    chunk: Uint8Array<ArrayBuffer>,
    controller: DecoderController<Uint8Array<ArrayBuffer>>,
  ): Uint8Array<ArrayBuffer> | undefined {
    return this.#decode(chunk, controller, this.#lent);
  }

  /** Goes on with what was left of a chunk. */
  resume(
    rest: Uint8Array<ArrayBuffer>,
    controller: DecoderController<Uint8Array<ArrayBuffer>>,
  ): Uint8Array<ArrayBuffer> | undefined {
    return this.#decode(rest, controller, false);
  }

  #decode(
    chunk: Uint8Array<ArrayBuffer>,
    controller: DecoderController<Uint8Array<ArrayBuffer>>,
    lent: boolean,
  ): Uint8Array<ArrayBuffer> | undefined {
    let at = 0;
    if (this.#body.length > 0) at = this.#fill(chunk, 0, controller);
    else if (this.#partialLength > 0) at = this.#completePrefix(chunk, controller);
    const prefix = this.#prefix;
    let { buffer, byteOffset, length: end } = chunk;
    while (!this.#failed && end - at >= prefix) {
      if (controller.isFull === true) return lent ? copy(chunk, at, end) : view(chunk, at, end);
      const length = this.#readPrefix(chunk, at, controller);
      if (length < 0) return undefined;
      at += prefix;
      if (end - at < length) {
        this.#begin(length, chunk, at, controller);
        return undefined;
      }
      // A large message is copied by itself, a small one together with all that follows.
      if (lent && length <= COPY_LIMIT) {
        chunk = copy(chunk, at, end);
        end -= at;
        at = 0;
        lent = false;
        ({ buffer, byteOffset } = chunk);
      }
      // Not by `subarray`: it asks for the buffer, and whether a subclass wants to make the view, for each message.
      const message = lent
        ? copy(chunk, at, at + length)
        : new Uint8Array(buffer, byteOffset + at, length);
      controller.enqueue(message);
      at += length;
    }
    if (!this.#failed && at < end) this.#keepPartial(chunk, at);
    return undefined;
  }

  /** Where the next chunk is best read to: see `ConnectionSink`. */
  room(): Uint8Array<ArrayBuffer> | undefined {
    return this.#body.room(this.#prefix);
  }

  /** A byte stream that ends inside a message has lost it. */
  flush(controller: TransformController<Uint8Array<ArrayBuffer>>): void {
    if (this.#failed || (this.#body.length === 0 && this.#partialLength === 0)) return;
    this.#fail(controller, "EPROTO", "The stream ended inside a message");
  }

  /** Reads the prefix at an offset: the length, or -1 once it was refused. */
  #readPrefix(
    bytes: Uint8Array<ArrayBuffer>,
    at: number,
    controller: TransformController<Uint8Array<ArrayBuffer>>,
  ): number {
    if (this.#prefix === 9 && bytes[at++] !== IPC_IN_BAND) {
      return this.#fail(
        controller,
        "EPROTO",
        `The peer sent an ipc frame of type ${bytes[at - 1]}, expected ${IPC_IN_BAND}`,
      );
    }
    const high = (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 |
      bytes[at + 3]!) >>> 0;
    const low = (bytes[at + 4]! << 24 | bytes[at + 5]! << 16 | bytes[at + 6]! << 8 |
      bytes[at + 7]!) >>> 0;
    const length = high * 0x1_0000_0000 + low;
    // Above 2^53 the sum is rounded, and is over any limit; an Infinity limit still ends at 2^53.
    if (length <= this.#limit && length <= Number.MAX_SAFE_INTEGER) return length;
    return this.#fail(
      controller,
      "EMSGSIZE",
      `The peer announced a message of ${length} bytes, maxMessageSize is ${this.#limit}`,
    );
  }

  /** Keeps the first bytes of a prefix, with which a chunk ends. */
  #keepPartial(chunk: Uint8Array<ArrayBuffer>, at: number): void {
    this.#partial.set(chunk.subarray(at));
    this.#partialLength = chunk.length - at;
  }

  /** Completes a prefix that began in an earlier chunk. Returns where the chunk goes on. */
  #completePrefix(
    chunk: Uint8Array<ArrayBuffer>,
    controller: TransformController<Uint8Array<ArrayBuffer>>,
  ): number {
    const taken = Math.min(this.#prefix - this.#partialLength, chunk.length);
    this.#partial.set(chunk.subarray(0, taken), this.#partialLength);
    this.#partialLength += taken;
    if (this.#partialLength < this.#prefix) return taken;
    this.#partialLength = 0;
    const length = this.#readPrefix(this.#partial, 0, controller);
    return length < 0 ? chunk.length : this.#begin(length, chunk, taken, controller);
  }

  /** Begins a body of known length. Returns where the chunk goes on. */
  #begin(
    length: number,
    chunk: Uint8Array<ArrayBuffer>,
    at: number,
    controller: TransformController<Uint8Array<ArrayBuffer>>,
  ): number {
    if (chunk.length - at >= length) {
      // An empty one has memory of its own: its receiver may give it away.
      controller.enqueue(length === 0 ? new Uint8Array(0) : this.#take(chunk, at, at + length));
      return at + length;
    }
    this.#body.length = length;
    // A body that begins with the next chunk may be all of it, and then need not be copied.
    return at === chunk.length ? at : this.#fill(chunk, at, controller);
  }

  /** Goes on with the body under way. Returns where the chunk goes on. */
  #fill(
    chunk: Uint8Array<ArrayBuffer>,
    at: number,
    controller: TransformController<Uint8Array<ArrayBuffer>>,
  ): number {
    const body = this.#body;
    const end = at + body.length;
    if (end <= chunk.length && body.isBare) {
      body.drop();
      controller.enqueue(this.#take(chunk, at, end));
      return end;
    }
    at += body.fill(chunk, at);
    const message = body.take();
    if (message === undefined) return at;
    if (message.buffer !== chunk.buffer) {
      controller.enqueue(message);
      return at;
    }
    // It was read into its own memory, with the next prefix, or a part of it, behind it.
    const { length } = chunk;
    this.#keepPartial(chunk, at);
    controller.enqueue(message);
    this.#completePrefix(EMPTY, controller);
    return length;
  }

  /** A message out of a chunk, to keep. */
  #take(chunk: Uint8Array<ArrayBuffer>, at: number, end: number): Uint8Array<ArrayBuffer> {
    return (this.#lent ? copy : view)(chunk, at, end);
  }

  #fail(
    controller: TransformController<Uint8Array<ArrayBuffer>>,
    code: "EPROTO" | "EMSGSIZE",
    message: string,
  ): -1 {
    this.#failed = true;
    this.#body.drop();
    this.#partialLength = 0;
    controller.error(new SPError(code, message));
    return -1;
  }
}

function view(chunk: Uint8Array<ArrayBuffer>, start: number, end: number): Uint8Array<ArrayBuffer> {
  return chunk.subarray(start, end);
}

function copy(chunk: Uint8Array<ArrayBuffer>, start: number, end: number): Uint8Array<ArrayBuffer> {
  return copyOf(chunk.subarray(start, end));
}

/** Puts messages into a byte stream: small ones copied behind their prefix, large bodies passed on as they are. */
export class FrameEncoder implements Transformer<Outgoing, Uint8Array<ArrayBuffer>> {
  readonly #packer: Packer;

  /** @param options The mapping. */
  constructor(options: FrameOptions = {}) {
    this.#packer = new Packer(ENCODERS[options.framing ?? "tcp"]);
  }

  /** Frames one message. */
  transform(message: Outgoing, controller: TransformController<Uint8Array<ArrayBuffer>>): void {
    const packed = this.#packer.pack(message);
    controller.enqueue(unshared(packed.buffer.subarray(packed.start, packed.end)));
    for (const piece of packed.rest) controller.enqueue(unshared(piece));
  }
}

/**
 * The bytes of a connection in, messages out: {@linkcode FrameDecoder} as a `TransformStream`.
 *
 * The stream errors with an `SPError` when the bytes are no frames (`EPROTO`) or announce a message that
 * is too large (`EMSGSIZE`).
 *
 * @example
 * ```ts
 * import { FrameDecoderStream, FrameEncoderStream } from "@nanostreams/nanostreams";
 *
 * const messages = ReadableStream.from([new Uint8Array([1, 2, 3]), new Uint8Array(0)]);
 * const bytes = messages.pipeThrough(new FrameEncoderStream({ framing: "ipc" }));
 * for await (const message of bytes.pipeThrough(new FrameDecoderStream({ framing: "ipc" }))) {
 *   console.log(message.length); // 3, then 0
 * }
 * ```
 */
export class FrameDecoderStream extends TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
  /**
   * Makes a decoder.
   *
   * @param options The mapping and the limit.
   */
  constructor(options: FrameOptions = {}) {
    const decoder = new FrameDecoder(options);
    super({
      transform: (chunk, controller) => void decoder.transform(unshared(chunk), controller),
      flush: (controller) => decoder.flush(controller),
    });
  }
}

/**
 * Messages in, the bytes of a connection out: {@linkcode FrameEncoder} as a `TransformStream`.
 * Takes bare bodies and `{ header, body }`. See {@linkcode FrameDecoderStream} for an example.
 */
export class FrameEncoderStream extends TransformStream<Outgoing, Uint8Array<ArrayBuffer>> {
  /**
   * Makes an encoder.
   *
   * @param options The mapping.
   */
  constructor(options: FrameOptions = {}) {
    super(new FrameEncoder(options));
  }
}

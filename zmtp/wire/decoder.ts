import { SPError } from "../../src/base/errors.ts";
import type { Decoder, DecoderController } from "../../src/contracts/wire.ts";
import { IncomingBody } from "../../src/memory/incoming_body.ts";
import { copyOf } from "../../src/memory/new_memory.ts";
import { COPY_LIMIT } from "../../src/memory/packer.ts";
import { Sieve } from "../../src/memory/sieve.ts";
import type { Assembler } from "./assembler.ts";
import { COMMAND, type Frames, LONG, LONGEST_COMMAND, readLongSize } from "./frames.ts";

/** Bytes before the body of a long frame. */
const LONG_HEADER = 9;

/**
 * Takes frames out of a byte stream.
 *
 * A frame that lies whole in a chunk is a view on that chunk, or on a copy of it where the chunk is lent; one that lies across chunks is
 * put together, in one copy, or in none where the connection reads to `room`. A view keeps the whole chunk in memory, and so
 * each is copied where a peer sends more commands than messages.
 */
export class FramesDecoder implements Decoder {
  readonly #assembler: Assembler;
  readonly #lent: boolean;
  /** The header's first bytes, when a chunk ends inside it. */
  readonly #partial: Uint8Array<ArrayBuffer> = new Uint8Array(LONG_HEADER);
  #partialLength = 0;
  /** The flags of the frame whose body is under way. */
  #flags = 0;
  readonly #body: IncomingBody = new IncomingBody();
  /** What was read behind a body, into its memory. */
  #behind: Uint8Array<ArrayBuffer> | undefined;
  /** Commands are what nobody keeps. */
  readonly #sieve: Sieve = new Sieve();
  #hasFailed = false;

  /** @param assembler Makes messages of the frames. @param lent Whether the memory of chunks is used again. */
  constructor(assembler: Assembler, lent: boolean) {
    this.#assembler = assembler;
    this.#lent = lent;
  }

  /** Takes a chunk, passes on each message that it completes. */
  transform(
    chunk: Uint8Array<ArrayBuffer>,
    controller: DecoderController<Frames>,
  ): Uint8Array<ArrayBuffer> | undefined {
    return this.#decode(chunk, controller, this.#lent);
  }

  /** Goes on with what was left of a chunk. */
  resume(
    rest: Uint8Array<ArrayBuffer>,
    controller: DecoderController<Frames>,
  ): Uint8Array<ArrayBuffer> | undefined {
    return this.#decode(rest, controller, false);
  }

  /** Where the next chunk is best read to: see `ConnectionSink`. */
  room(): Uint8Array<ArrayBuffer> | undefined {
    return this.#body.room(LONG_HEADER);
  }

  /** A byte stream that ends inside a message has lost it. */
  flush(controller: DecoderController<Frames>): void {
    const isBetween = this.#body.length === 0 && this.#partialLength === 0 &&
      !this.#assembler.isUnderWay;
    if (this.#hasFailed || isBetween) return;
    this.#fail(new SPError("EPROTO", "The stream ended inside a message"), controller);
  }

  #decode(
    chunk: Uint8Array<ArrayBuffer>,
    controller: DecoderController<Frames>,
    lent: boolean,
  ): Uint8Array<ArrayBuffer> | undefined {
    let at = 0;
    if (this.#body.length > 0) at = this.#fill(chunk, 0, controller);
    else if (this.#partialLength > 0) at = this.#completeHeader(chunk, controller);
    const behind = this.#behind;
    if (behind !== undefined) {
      this.#behind = undefined;
      [chunk, at, lent] = [behind, 0, false];
    }
    let { buffer, byteOffset, length: end } = chunk;
    while (!this.#hasFailed && end - at >= 2) {
      if (controller.isFull === true) return lent ? copyOf(chunk.subarray(at)) : chunk.subarray(at);
      const flags = chunk[at]!;
      const isLong = (flags & LONG) !== 0;
      if (isLong && end - at < LONG_HEADER) break;
      const length = isLong ? readLongSize(chunk, at + 1) : chunk[at + 1]!;
      if (this.#isRefused(flags, length, controller)) return undefined;
      at += isLong ? LONG_HEADER : 2;
      if (end - at < length) {
        this.#begin(flags, length, chunk, at, controller);
        return undefined;
      }
      if ((flags & COMMAND) !== 0) {
        this.#sieve.skip(length);
        this.#assembler.frame(flags, new Uint8Array(buffer, byteOffset + at, length), controller);
        at += length;
        continue;
      }
      // A large frame is copied by itself, a small one together with all that follows.
      if (lent && length <= COPY_LIMIT) {
        chunk = copyOf(chunk.subarray(at));
        end -= at;
        at = 0;
        lent = false;
        ({ buffer, byteOffset } = chunk);
      }
      // Not by `subarray`: it asks for the buffer, and whether a subclass wants to make the view, for each frame.
      const body = lent
        ? copyOf(chunk.subarray(at, at + length))
        : this.#sieve.keep(new Uint8Array(buffer, byteOffset + at, length));
      this.#assembler.frame(flags, body, controller);
      at += length;
    }
    if (!this.#hasFailed && at < end) {
      this.#partial.set(chunk.subarray(at));
      this.#partialLength = end - at;
    }
    return undefined;
  }

  /** Whether a frame is too large; then the connection is over. */
  #isRefused(flags: number, length: number, controller: DecoderController<Frames>): boolean {
    let reason: SPError | undefined;
    if ((flags & COMMAND) === 0) reason = this.#assembler.refusal(length);
    else if (length > LONGEST_COMMAND) {
      const what = `The peer announced a command of ${length} bytes`;
      reason = new SPError("EMSGSIZE", `${what}, expected at most ${LONGEST_COMMAND}`);
    }
    if (reason !== undefined) this.#fail(reason, controller);
    return reason !== undefined;
  }

  /** Completes a header that began in an earlier chunk. Returns where the chunk goes on. */
  #completeHeader(
    chunk: Uint8Array<ArrayBuffer>,
    controller: DecoderController<Frames>,
  ): number {
    const partial = this.#partial;
    let at = 0;
    const wanted = (): number =>
      this.#partialLength > 0 && (partial[0]! & LONG) !== 0 ? LONG_HEADER : 2;
    while (this.#partialLength < wanted() && at < chunk.length) {
      partial[this.#partialLength++] = chunk[at++]!;
    }
    if (this.#partialLength < wanted()) return at;
    this.#partialLength = 0;
    const flags = partial[0]!;
    const length = (flags & LONG) !== 0 ? readLongSize(partial, 1) : partial[1]!;
    if (this.#isRefused(flags, length, controller)) return chunk.length;
    return this.#begin(flags, length, chunk, at, controller);
  }

  /** Begins a body of known length. Returns where the chunk goes on. */
  #begin(
    flags: number,
    length: number,
    chunk: Uint8Array<ArrayBuffer>,
    at: number,
    controller: DecoderController<Frames>,
  ): number {
    if (length === 0) {
      // Memory of its own: its receiver may give it away.
      this.#assembler.frame(flags, new Uint8Array(0), controller);
      return at;
    }
    this.#flags = flags;
    this.#body.length = length;
    return at === chunk.length ? at : this.#fill(chunk, at, controller);
  }

  /** Goes on with the body under way. Returns where the chunk goes on. */
  #fill(
    chunk: Uint8Array<ArrayBuffer>,
    at: number,
    controller: DecoderController<Frames>,
  ): number {
    const body = this.#body;
    const end = at + body.length;
    const isCommand = (this.#flags & COMMAND) !== 0;
    if (isCommand) this.#sieve.skip(Math.min(body.length, chunk.length - at));
    if (end <= chunk.length && body.isBare && !this.#lent) {
      body.drop();
      const view = chunk.subarray(at, end);
      this.#assembler.frame(this.#flags, isCommand ? view : this.#sieve.keep(view), controller);
      return end;
    }
    at += body.fill(chunk, at);
    const whole = body.take();
    if (whole === undefined) return at;
    const isOwnMemory = whole.buffer === chunk.buffer;
    if (isOwnMemory && at < chunk.length) this.#behind = copyOf(chunk.subarray(at));
    this.#assembler.frame(this.#flags, whole, controller);
    return isOwnMemory ? chunk.length : at;
  }

  #fail(reason: SPError, controller: DecoderController<Frames>): void {
    this.#hasFailed = true;
    this.#body.drop();
    this.#partialLength = 0;
    controller.error(reason);
  }
}

/** Takes frames out of WebSocket messages, each of which is one behind its flags (ZWS 2.0). */
export class WebSocketDecoder implements Decoder {
  readonly #assembler: Assembler;
  #hasFailed = false;

  /** @param assembler Makes messages of the frames. */
  constructor(assembler: Assembler) {
    this.#assembler = assembler;
  }

  /** Takes a WebSocket message. */
  transform(chunk: Uint8Array<ArrayBuffer>, controller: DecoderController<Frames>): void {
    if (this.#hasFailed) return;
    const isEmpty = chunk.length === 0;
    const reason = isEmpty
      ? new SPError(
        "EPROTO",
        "The peer sent an empty WebSocket message, expected flags and a frame",
      )
      : this.#assembler.refusal(chunk.length - 1);
    if (reason !== undefined) {
      this.#hasFailed = true;
      return controller.error(reason);
    }
    // Bit 1 says that it is a command, where the flags of other transports have bit 2.
    const flags = (chunk[0]! & 1) | (chunk[0]! & 2) << 1;
    this.#assembler.frame(flags, chunk.subarray(1), controller);
  }

  /** A connection that ends inside a message has lost it. */
  flush(controller: DecoderController<Frames>): void {
    if (!this.#assembler.isUnderWay || this.#hasFailed) return;
    this.#hasFailed = true;
    controller.error(new SPError("EPROTO", "The connection ended inside a message"));
  }
}

import { SPError } from "../../src/base/errors.ts";
import type { DecoderController } from "../../src/contracts/wire.ts";
import { parseCommand } from "./commands.ts";
import { COMMAND, FRAME_OVERHEAD, type Frames, MORE } from "./frames.ts";

/** The frames of one message may cost so much besides their bytes, whatever the limit. */
const LEAST_LIMIT = 1024 * 1024;

/** The longest context of a PING that is sent back, in bytes (RFC 37, 3.8.4). */
const LONGEST_CONTEXT = 16;

/** What an assembler is told of its socket. */
export interface AssemblerOptions {
  /** The largest message to take, in bytes. */
  readonly maxMessageSize: number;
  /** Whether peers subscribe here: a PUB or XPUB. */
  readonly isPublisher: boolean;
  /** The peer asks for an answer with this context, and to be given up if it says nothing for so many milliseconds; 0 for never. */
  readonly ping: (ttl: number, context: Uint8Array) => void;
}

/**
 * Makes messages of frames, and does what commands say. Commands may come between the frames of a message.
 *
 * A publisher's subscriptions, whichever way they are said, are passed on as messages: a byte 1 or 0, then the prefix.
 */
export class Assembler {
  readonly #options: AssemblerOptions;
  /** The frames of the message under way. */
  #frames: Frames | undefined;
  #size = 0;

  /** @param options Of the socket, and of the connection. */
  constructor(options: AssemblerOptions) {
    this.#options = options;
  }

  /** Whether a message is under way. */
  get isUnderWay(): boolean {
    return this.#frames !== undefined;
  }

  /** Why no more bytes of the message under way are taken; undefined if so many may come. */
  refusal(length: number): SPError | undefined {
    const { maxMessageSize } = this.#options;
    const size = this.#size + length;
    if (!(size <= maxMessageSize && size <= Number.MAX_SAFE_INTEGER)) {
      const what = `The peer announced a message of ${size} bytes`;
      return new SPError("EMSGSIZE", `${what}, maxMessageSize is ${maxMessageSize}`);
    }
    const frames = this.#frames?.length ?? 0;
    // By themselves, so that a message of just the permitted size may have several.
    if (frames * FRAME_OVERHEAD <= Math.max(maxMessageSize, LEAST_LIMIT)) return undefined;
    const what = `The peer sent a message of more than ${frames} frames`;
    return new SPError(
      "EMSGSIZE",
      `${what}, which cost more than maxMessageSize, ${maxMessageSize}`,
    );
  }

  /** A frame has come. */
  frame(flags: number, body: Uint8Array<ArrayBuffer>, controller: DecoderController<Frames>): void {
    if ((flags & COMMAND) !== 0) return this.#command(body, controller);
    const frames = this.#frames;
    if (frames === undefined) {
      if ((flags & MORE) === 0) return controller.enqueue([body]);
      this.#frames = [body];
      this.#size = body.length;
      return;
    }
    frames.push(body);
    this.#size += body.length;
    if ((flags & MORE) !== 0) return;
    this.#frames = undefined;
    this.#size = 0;
    controller.enqueue(frames);
  }

  /** What is not known is of no concern to us. */
  #command(body: Uint8Array<ArrayBuffer>, controller: DecoderController<Frames>): void {
    if (body.length === 0 || body[0]! >= body.length) return;
    const { name, data } = parseCommand(body);
    if (name === "PING" && data.length >= 2) {
      const ttl = (data[0]! << 8 | data[1]!) * 100;
      this.#options.ping(ttl, data.subarray(2, 2 + LONGEST_CONTEXT));
    } else if (this.#options.isPublisher && (name === "SUBSCRIBE" || name === "CANCEL")) {
      const said = new Uint8Array(1 + data.length);
      said[0] = name === "SUBSCRIBE" ? 1 : 0;
      said.set(data, 1);
      controller.enqueue([said]);
    }
  }
}

/*
 * The package `ws` lays out each message as a frame, and writes each by itself. Here the frames that it lays out are
 * gathered, so that a turn's messages are one write, as they are on TCP. What becomes of it are the rows over ws in
 * `npm run bench -- throughput`.
 */

/** What `ws` is told of a frame. */
export interface WebSocketFrameOptions {
  readonly fin: boolean;
  readonly opcode: number;
  readonly mask: boolean;
  /** Where it puts the mask's key. */
  readonly maskBuffer: Uint8Array;
  /** Whether the message has to stay as it is. */
  readonly readOnly: boolean;
  readonly rsv1: boolean;
}

/** Of `ws.Sender`. */
export interface Framer {
  /** What to write for a message, in order. */
  frame(message: Uint8Array, options: WebSocketFrameOptions): Uint8Array[];
}

/** Opcodes (RFC 6455, 11.8). */
const TEXT = 1;
const BINARY = 2;

/** Larger pieces are not copied together: each peer of a broadcast would have its own. */
const JOINED = 4 * 1024;

/** The frames of messages. */
export class Frames {
  readonly #framer: Framer;
  readonly #options: WebSocketFrameOptions;

  /** @param framer Lays them out. @param masked Whether a client sends them. @param text Whether they are text. */
  constructor(framer: Framer, masked: boolean, text: boolean) {
    this.#framer = framer;
    this.#options = {
      fin: true,
      opcode: text ? TEXT : BINARY,
      mask: masked,
      maskBuffer: new Uint8Array(4),
      readOnly: true,
      rsv1: false,
    };
  }

  /** How long the frame of each message that was gathered last is, in bytes. */
  readonly lengths: number[] = [];

  /** What to write for messages, in order and in few pieces. */
  gather(messages: readonly Uint8Array[]): Uint8Array[] {
    const parts: Uint8Array[] = [];
    this.lengths.length = messages.length;
    for (let i = 0; i < messages.length; i++) {
      const frame = this.#framer.frame(messages[i]!, this.#options);
      let length = 0;
      for (let k = 0; k < frame.length; k++) {
        parts.push(frame[k]!);
        length += frame[k]!.length;
      }
      this.lengths[i] = length;
    }
    return joinSmall(parts);
  }

  /** How many of those messages have not wholly left if the last `unwritten` bytes have not. */
  incomplete(unwritten: number): number {
    let messages = 0;
    for (let i = this.lengths.length - 1; i >= 0 && unwritten > 0; i--) {
      unwritten -= this.lengths[i]!;
      messages++;
    }
    return messages;
  }
}

/** Makes one of small pieces that follow each other. */
function joinSmall(parts: readonly Uint8Array[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < parts.length;) {
    let end = at;
    let size = 0;
    for (; end < parts.length && parts[end]!.length <= JOINED; end++) size += parts[end]!.length;
    if (end - at < 2) {
      pieces.push(parts[at++]!);
      continue;
    }
    const piece = new Uint8Array(size);
    for (let offset = 0; at < end; at++) {
      piece.set(parts[at]!, offset);
      offset += parts[at]!.length;
    }
    pieces.push(piece);
  }
  return pieces;
}

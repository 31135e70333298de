import { isGone } from "../../src/memory/message.ts";
import { unshared } from "../../src/memory/new_memory.ts";
import { disown } from "../../src/memory/owned.ts";
import { COPY_LIMIT, type Packer } from "../../src/memory/packer.ts";
import type { Encoder } from "../../src/contracts/wire.ts";
import {
  frameList,
  headerSize,
  LONG,
  MORE,
  type OutgoingFrames,
  readLongSize,
  sizeOfFrames,
  writeHeader,
} from "./frames.ts";

/** What all encoders have in common. */
abstract class FramesEncoder implements Encoder {
  readonly overhead = 2;
  abstract readonly keepsApart: boolean;

  abstract encode(message: OutgoingFrames, packer: Packer): void;

  abstract unpack(pieces: readonly Uint8Array[]): OutgoingFrames;

  /** The bytes that stand before the frames differ from message to message. */
  payload(pieces: readonly Uint8Array[]): number {
    return sizeOfFrames(this.unpack(pieces));
  }

  isGone(message: OutgoingFrames): boolean {
    return message instanceof Uint8Array ? isGone(message) : message.some(isGone);
  }

  share(message: OutgoingFrames): void {
    for (const frame of frameList(message)) disown(frame);
  }
}

/** Lays frames out in a byte stream, each behind its flags and its size. */
class StreamEncoder extends FramesEncoder {
  readonly keepsApart: boolean;

  constructor(keepsApart: boolean) {
    super();
    this.keepsApart = keepsApart;
  }

  encode(message: OutgoingFrames, packer: Packer): void {
    if (!(message instanceof Uint8Array)) return this.#encodeAll(message, packer);
    const { length } = message;
    packer.payload = length;
    if (length > COPY_LIMIT) {
      const at = packer.reserve(9);
      writeHeader(packer.slab, at, 0, length);
      return this.#borrow(message, packer);
    }
    const at = packer.reserve(headerSize(length) + length);
    const { slab } = packer;
    slab.set(message, writeHeader(slab, at, 0, length));
  }

  /** Small frames that follow each other are one piece, together with what stands before a large one. */
  #encodeAll(frames: readonly Uint8Array[], packer: Packer): void {
    packer.payload = sizeOfFrames(frames);
    for (let next = 0; next < frames.length;) {
      const first = next;
      let size = 0;
      let large: Uint8Array | undefined;
      while (next < frames.length && large === undefined) {
        const frame = frames[next++]!;
        size += headerSize(frame.length);
        if (frame.length > COPY_LIMIT) large = frame;
        else size += frame.length;
      }
      let at = packer.reserve(size);
      const { slab } = packer;
      for (let i = first; i < next; i++) {
        const frame = frames[i]!;
        at = writeHeader(slab, at, i < frames.length - 1 ? MORE : 0, frame.length);
        if (frame === large) break;
        slab.set(frame, at);
        at += frame.length;
      }
      if (large !== undefined) this.#borrow(large, packer);
    }
  }

  /** Within a thread who receives it gets the very memory, which is to be this thread's alone. */
  #borrow(frame: Uint8Array, packer: Packer): void {
    packer.borrow(this.keepsApart ? unshared(frame) : frame);
  }

  unpack(pieces: readonly Uint8Array[]): OutgoingFrames {
    const frames: Uint8Array[] = [];
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i]!;
      for (let at = 0; at < piece.length;) {
        const isLong = (piece[at]! & LONG) !== 0;
        const length = isLong ? readLongSize(piece, at + 1) : piece[at + 1]!;
        at += isLong ? 9 : 2;
        const isBorrowed = length > COPY_LIMIT;
        frames.push(isBorrowed ? pieces[++i]! : piece.subarray(at, at + length));
        if (!isBorrowed) at += length;
      }
    }
    return frames;
  }
}

/** ZWS 2.0: a frame is a WebSocket message, behind a byte that says whether more follow. */
class WebSocketEncoder extends FramesEncoder {
  readonly keepsApart: boolean = true;

  encode(message: OutgoingFrames, packer: Packer): void {
    packer.payload = sizeOfFrames(message);
    const frames = frameList(message);
    for (let i = 0; i < frames.length; i++) {
      const frame = frames[i]!;
      const at = packer.reserve(1 + frame.length);
      packer.slab[at] = i < frames.length - 1 ? MORE : 0;
      packer.slab.set(unshared(frame), at + 1);
    }
  }

  unpack(pieces: readonly Uint8Array[]): OutgoingFrames {
    return pieces.map((piece) => piece.subarray(1));
  }
}

/** On connections that carry bytes. */
export const STREAM: Encoder = new StreamEncoder(false);
/** Within a thread, where each message is a chunk, or several. */
export const APART: Encoder = new StreamEncoder(true);
/** On WebSockets. */
export const WEB_SOCKET: Encoder = new WebSocketEncoder();

/* A frame is `flags(1) size(1 or 8) body(size)` (RFC 37, 2.2). */
import { SPError } from "../../src/base/errors.ts";
import { keepBytes, type MessageLike, toBytes } from "../../src/memory/message.ts";

/** A message as it comes: its frames, one or more. */
export type Frames = Uint8Array<ArrayBuffer>[];

/** What a socket takes as a message: one frame, or an array of frames. */
export type FramesLike = MessageLike | readonly MessageLike[];

/** A message as it is sent: one frame, or several. */
export type OutgoingFrames = Uint8Array | readonly Uint8Array[];

/** More frames of the message follow. */
export const MORE = 1;
/** The size has eight bytes. */
export const LONG = 2;
/** It is a command, and no part of a message. */
export const COMMAND = 4;

/** The largest body whose size has one byte. */
export const MOST_SHORT = 255;

/** The longest command that is taken, in bytes: in the handshake, and a subscription. */
export const LONGEST_COMMAND: number = 64 * 1024;

/** What a frame of a message costs besides its bytes: the view. */
export const FRAME_OVERHEAD = 160;

/**
 * Views a message as bytes, without a copy where there is something to view.
 *
 * @throws {SPError} `EINVAL` if it is neither a frame nor an array of frames, or an empty array.
 */
export function toFrames(message: FramesLike): OutgoingFrames {
  if (!Array.isArray(message)) return toBytes(message as MessageLike);
  if (message.length === 1) return toBytes(message[0]);
  if (message.length > 0) return message.map(toBytes);
  throw new SPError("EINVAL", "Cannot send a message of no frames: expected one at least");
}

/** A message that has to wait, in memory that its sender may use again: see `keepBytes`. */
export function keepFrames(message: OutgoingFrames): OutgoingFrames {
  return message instanceof Uint8Array ? keepBytes(message) : message.map(keepBytes);
}

/** The first frame of a message. */
export function firstFrame(message: OutgoingFrames): Uint8Array {
  return message instanceof Uint8Array ? message : message[0]!;
}

/** The frames of a message, as an array. */
export function frameList(message: OutgoingFrames): readonly Uint8Array[] {
  return message instanceof Uint8Array ? [message] : message;
}

/** A message's size in bytes: that of all its frames. */
export function sizeOfFrames(message: OutgoingFrames): number {
  if (message instanceof Uint8Array) return message.length;
  let size = 0;
  for (let i = 0; i < message.length; i++) size += message[i]!.length;
  return size;
}

/** What a message costs a queue, but for what every message costs. */
export function costOfFrames(message: Frames): number {
  return sizeOfFrames(message) + (message.length - 1) * FRAME_OVERHEAD;
}

/** How many bytes stand before a body of this length. */
export function headerSize(length: number): 2 | 9 {
  return length > MOST_SHORT ? 9 : 2;
}

/** Writes what stands before a body. Returns where the body begins. */
export function writeHeader(into: Uint8Array, at: number, flags: number, length: number): number {
  if (length <= MOST_SHORT) {
    into[at] = flags;
    into[at + 1] = length;
    return at + 2;
  }
  const high = Math.floor(length / 0x1_0000_0000);
  into[at] = flags | LONG;
  into[at + 1] = high >>> 24;
  into[at + 2] = high >>> 16;
  into[at + 3] = high >>> 8;
  into[at + 4] = high;
  into[at + 5] = length >>> 24;
  into[at + 6] = length >>> 16;
  into[at + 7] = length >>> 8;
  into[at + 8] = length;
  return at + 9;
}

/** A frame by itself. */
export function encodeFrame(flags: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(headerSize(body.length) + body.length);
  frame.set(body, writeHeader(frame, 0, flags, body.length));
  return frame;
}

/** Reads a size of eight bytes; more than 2^53 is not exact, and over any limit. */
export function readLongSize(bytes: Uint8Array, at: number): number {
  const high = (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>>
    0;
  const low = (bytes[at + 4]! << 24 | bytes[at + 5]! << 16 | bytes[at + 6]! << 8 |
    bytes[at + 7]!) >>> 0;
  return high * 0x1_0000_0000 + low;
}

/** Reads the size behind the flags that stand there. */
export function readSize(bytes: Uint8Array, at: number): number {
  return (bytes[at]! & LONG) === 0 ? bytes[at + 1]! : readLongSize(bytes, at + 1);
}

/*
 * Messages as frames of RFC 6455, 5.2, many in one piece of memory. The package `ws` opens and closes WebSockets, and
 * reads from them, but lays out and writes each message by itself, which was most of what a small one cost. What becomes
 * of it are the rows over ws in `npm run bench -- throughput`.
 */
import { newMemory } from "../../src/new_memory.ts";
import { COPY_LIMIT } from "../../src/packer.ts";
import { combine, KEY_LENGTH } from "./ws_mask.ts";

/** Opcodes: what kind of message a frame is. */
export const TEXT = 1;
export const BINARY = 2;

/** In the first byte: the message has no other frames. */
const FINAL = 0x80;
/** In the second: a key follows the length. */
const MASKED = 0x80;

/** Keys for masks. Nobody may foresee them (RFC 6455, 10.3), and to ask for one costs about as much as to ask for many. */
const keys = new Uint8Array(8 * 1024);
let nextKey = keys.length;

/**
 * Lays out messages, each as one frame.
 *
 * @param masked Whether a client sends them.
 * @returns What to write, in order. Large messages that are not masked go by reference.
 */
export function layOutFrames(
  messages: readonly Uint8Array[],
  opcode: typeof TEXT | typeof BINARY,
  masked: boolean,
): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  let size = 0;
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i]!;
    size += headLength(message.length, masked);
    const apart = !masked && message.length > COPY_LIMIT;
    if (!apart) size += message.length;
    if (!apart && i < messages.length - 1) continue;
    pieces.push(layOut(messages, from, i, newMemory(size), opcode, masked));
    if (apart) pieces.push(message);
    from = i + 1;
    size = 0;
  }
  return pieces;
}

/** Fills a piece of memory with some of the messages; if there is no room for the last one, with its head. */
function layOut(
  messages: readonly Uint8Array[],
  first: number,
  last: number,
  piece: Uint8Array<ArrayBuffer>,
  opcode: number,
  masked: boolean,
): Uint8Array {
  const words = new Int32Array(piece.buffer, 0, masked ? piece.length >> 2 : 0);
  let at = 0;
  for (let i = first; i <= last; i++) {
    const message = messages[i]!;
    at = writeHead(piece, at, opcode, message.length, masked);
    if (at === piece.length) break;
    piece.set(message, at);
    const end = at + message.length;
    if (masked) combine(piece, words, piece, at - KEY_LENGTH, at, end);
    at = end;
  }
  return piece;
}

function headLength(length: number, masked: boolean): number {
  return (length <= 125 ? 2 : length <= 0xffff ? 4 : 10) + (masked ? KEY_LENGTH : 0);
}

/** What stands before a message, a new key included. Returns where the message begins. */
function writeHead(
  piece: Uint8Array,
  at: number,
  opcode: number,
  length: number,
  masked: boolean,
): number {
  const mask = masked ? MASKED : 0;
  piece[at++] = FINAL | opcode;
  if (length <= 125) piece[at++] = mask | length;
  else if (length <= 0xffff) {
    piece[at++] = mask | 126;
    at = writeNumber(piece, at, 2, length);
  } else {
    piece[at++] = mask | 127;
    at = writeNumber(piece, at, 4, Math.floor(length / 0x1_0000_0000));
    at = writeNumber(piece, at, 4, length);
  }
  if (!masked) return at;
  if (nextKey === keys.length) {
    crypto.getRandomValues(keys);
    nextKey = 0;
  }
  for (let i = 0; i < KEY_LENGTH; i++) piece[at++] = keys[nextKey++]!;
  return at;
}

/** The lowest bytes of a number, the highest of them first. */
function writeNumber(piece: Uint8Array, at: number, bytes: number, number: number): number {
  for (let i = bytes - 1; i >= 0; i--) piece[at++] = number >>> 8 * i;
  return at;
}

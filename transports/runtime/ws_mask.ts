/*
 * Masking: whatever a client sends over a WebSocket is masked (RFC 6455, 5.3), each byte by one of a key's four.
 *
 * The package `ws` goes byte by byte, which is most of what it costs to read a message of 64 KiB; unless `node:http` has
 * functions for it, as it has from Node 26.12 on. Those are looked for while `ws` is loaded, and for so long they are there
 * in older Node, in Deno and in Bun too, in place of the native package `bufferutil`, if the program has that. Nothing
 * changes where the program has loaded `ws` before. What becomes of it are the larger messages over ws in
 * `npm run bench -- --all`.
 */
import { builtin } from "./node.ts";

/** What `ws` looks for in `node:http`. */
export interface Masking {
  /** Copies so many bytes, masked, to an offset of `output`. */
  websocketMask?: (
    source: Uint8Array,
    key: Uint8Array,
    output: Uint8Array,
    offset: number,
    length: number,
  ) => void;
  /** Takes the mask from bytes, where they are. */
  websocketUnmask?: (bytes: Uint8Array, key: Uint8Array) => void;
}

/** To look at fewer bytes as words costs more than it saves. */
const FEW = 64;

/** Of so many words, a view of their own is the faster way to them. */
const MANY = 256;

/** How long a key is. */
export const KEY_LENGTH = 4;

/** A key's bytes, each where the memory that is masked wants it: in the first, second, third or fourth byte of a word. */
const turned = new Uint8Array(KEY_LENGTH);
const turnedWord = new Int32Array(turned.buffer);

/** Has `ws` find functions that mask fast, while `load` loads it. */
export async function withMasking<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  const http = builtin<Masking>("node:http");
  if (http.websocketMask !== undefined || !Object.isExtensible(http)) return await load();
  http.websocketMask = mask;
  http.websocketUnmask = unmask;
  try {
    return await load();
  } finally {
    delete http.websocketMask;
    delete http.websocketUnmask;
  }
}

function mask(
  source: Uint8Array,
  key: Uint8Array,
  output: Uint8Array,
  offset: number,
  length: number,
): void {
  output.set(source.length === length ? source : source.subarray(0, length), offset);
  combine(output, undefined, key, 0, offset, offset + length);
}

function unmask(bytes: Uint8Array, key: Uint8Array): void {
  if (bytes.length >= FEW) combine(bytes, undefined, key, 0, 0, bytes.length);
  else for (let i = 0; i < bytes.length; i++) bytes[i]! ^= key[i % KEY_LENGTH]!;
}

/**
 * Each byte from `start` to `end`, exclusive-or a key's first, second, third, fourth, first, ...
 *
 * @param words The same memory, from its very first byte on, if the caller has it at hand.
 * @param keyStart Where the key lies in `key`.
 */
export function combine(
  bytes: Uint8Array,
  words: Int32Array | undefined,
  key: Uint8Array,
  keyStart: number,
  start: number,
  end: number,
): void {
  const offset = bytes.byteOffset;
  for (let i = 0; i < KEY_LENGTH; i++) turned[offset + start + i & 3] = key[keyStart + i]!;
  const word = turnedWord[0]!;
  let at = start;
  for (; at < end && (offset + at & 3) !== 0; at++) bytes[at]! ^= turned[offset + at & 3]!;
  const count = (end - at) / KEY_LENGTH | 0;
  if (count >= MANY || words === undefined && count > 0) {
    combineAll(new Int32Array(bytes.buffer, offset + at, count), word);
  } else {
    const first = (offset + at) / KEY_LENGTH | 0;
    for (let i = first; i < first + count; i++) words![i]! ^= word;
  }
  at += count * KEY_LENGTH;
  for (; at < end; at++) bytes[at]! ^= turned[offset + at & 3]!;
}

/** Eight at a time, which no compiler does by itself. */
function combineAll(words: Int32Array, word: number): void {
  const rest = words.length % 8;
  const end = words.length - rest;
  for (let i = 0; i < end; i += 8) {
    words[i]! ^= word;
    words[i + 1]! ^= word;
    words[i + 2]! ^= word;
    words[i + 3]! ^= word;
    words[i + 4]! ^= word;
    words[i + 5]! ^= word;
    words[i + 6]! ^= word;
    words[i + 7]! ^= word;
  }
  for (let i = end; i < words.length; i++) words[i]! ^= word;
}

/*
 * Masking: whatever a client sends over a WebSocket is masked (RFC 6455, 5.3), each byte by one of a key's four.
 *
 * The package `ws` goes byte by byte, at both ends, which is most of what a message of 64 KiB costs; unless `node:http` has
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

/** How long a key is, and a word. */
const KEY_LENGTH = 4;

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
  combine(output, key, offset, offset + length);
}

function unmask(bytes: Uint8Array, key: Uint8Array): void {
  combine(bytes, key, 0, bytes.length);
}

/** Each byte from `start` to `end`, exclusive-or the key's first, second, third, fourth, first, ... */
function combine(bytes: Uint8Array, key: Uint8Array, start: number, end: number): void {
  const offset = bytes.byteOffset;
  let at = start;
  if (end - start >= FEW) {
    for (let i = 0; i < KEY_LENGTH; i++) turned[(offset + start + i) % KEY_LENGTH] = key[i]!;
    // Words begin at multiples of four.
    for (; (offset + at) % KEY_LENGTH !== 0; at++) bytes[at]! ^= key[at - start]!;
    const count = Math.floor((end - at) / KEY_LENGTH);
    combineAll(new Int32Array(bytes.buffer, offset + at, count), turnedWord[0]!);
    at += count * KEY_LENGTH;
  }
  for (; at < end; at++) bytes[at]! ^= key[(at - start) % KEY_LENGTH]!;
}

/** Eight at a time, which no compiler does by itself. */
function combineAll(words: Int32Array, word: number): void {
  const end = words.length - words.length % 8;
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

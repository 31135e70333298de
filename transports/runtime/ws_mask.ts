/*
 * Masking for the package `ws`: whatever a client sends is masked (RFC 6455, 5.3), each byte by one of a key's four.
 *
 * `ws` goes byte by byte, at both ends, which is most of what a message of 64 KiB costs; unless `node:http` has
 * functions for it, as it has from Node 26.12 on. Those are looked for while `ws` is loaded, and for so long they are there
 * in older Node, in Deno and in Bun too, in place of the native package `bufferutil`, if the program has that. Nothing
 * changes where the program has loaded `ws` before. What becomes of it are the larger messages over ws in
 * `npm run bench -- --all throughput`.
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

const keyBytes = new Uint8Array(4);
const keyWord = new Int32Array(keyBytes.buffer);

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

/** Each byte from `start` on, exclusive-or the key's first, second, third, fourth, first, ... */
function combine(bytes: Uint8Array, key: Uint8Array, start: number, end: number): void {
  let at = start;
  if (end - start >= FEW) {
    // Words begin at multiples of four.
    for (; (bytes.byteOffset + at) % 4 !== 0; at++) bytes[at]! ^= key[(at - start) % 4]!;
    for (let i = 0; i < 4; i++) keyBytes[i] = key[(at - start + i) % 4]!;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, Math.floor((end - at) / 4));
    const word = keyWord[0]!;
    for (let i = 0; i < words.length; i++) words[i]! ^= word;
    at += words.byteLength;
  }
  for (; at < end; at++) bytes[at]! ^= key[(at - start) % 4]!;
}

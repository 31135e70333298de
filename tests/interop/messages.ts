/** What interop tests send, and how the tools of nanomsg and nng print it. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { pattern } from "../helpers/bytes.ts";

/** One for each size that something on the way treats differently: msgpack's three lengths, several reads.
 * In all but the first every value of a byte comes up. */
export const MESSAGES: readonly Uint8Array[] = [pattern(1), pattern(256), pattern(70_000)];
/** What is sent back: as long and as mixed, and unlike any of them. */
export const ANSWER: Uint8Array = pattern(300, 1);

/** How a tool is told to print what it receives; without ambiguity, unlike ascii. */
export type Format = "hex" | "raw" | "msgpack";
/** All of them. */
export const FORMATS: readonly Format[] = ["hex", "raw", "msgpack"];

/** What a tool prints for a message. */
export function printed(message: Uint8Array, format: Format): Uint8Array {
  if (format === "raw") return message;
  if (format === "hex") {
    const escapes = Array.from(message, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`);
    return Buffer.from(`"${escapes.join("")}"\n`);
  }
  const { length } = message;
  const head = length < 0x100
    ? [0xc4, length]
    : length < 0x1_0000
    ? [0xc5, length >> 8, length]
    : [0xc6, length >> 24, length >> 16, length >> 8, length];
  return Buffer.concat([Uint8Array.from(head), message]);
}

/** The FNV-1a hash of bytes, or of what came before and these, as the C peers print it. */
export function fnv(data: Uint8Array, before = 0x811c9dc5): number {
  let hash = before;
  for (const byte of data) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** As `assert.deepEqual`, for what is too long to be shown. */
export function assertSame(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (Buffer.compare(actual, expected) === 0) return;
  const show = (data: Uint8Array): string =>
    `${data.length} bytes, ${JSON.stringify(Buffer.from(data.subarray(0, 40)).toString("latin1"))}`;
  assert.fail(`${what}: ${show(actual)}; wanted ${show(expected)}`);
}

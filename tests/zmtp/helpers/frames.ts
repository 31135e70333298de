/** ZMTP frames, written as plainly as possible: to compare with, and to speak to peers. */

import assert from "node:assert/strict";
import { concat } from "../../helpers/bytes.ts";

/** A frame, taken apart. */
export interface Frame {
  readonly flags: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Bits of a frame's flags. */
export const MORE = 1;
export const LONG = 2;
export const COMMAND = 4;

/** A frame; LONG is set as it is needed. */
export function frame(flags: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  if (body.length <= 255) return concat([Uint8Array.of(flags, body.length), body]);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(body.length));
  return concat([Uint8Array.of(flags | LONG), length, body]);
}

/** The whole frames at the beginning, and what is left behind them. */
export function split(bytes: Uint8Array<ArrayBuffer>): [Frame[], Uint8Array<ArrayBuffer>] {
  const frames: Frame[] = [];
  let rest = bytes;
  for (;;) {
    const [flags = 0] = rest;
    const header = flags & LONG ? 9 : 2;
    if (rest.length < header) return [frames, rest];
    const length = flags & LONG
      ? Number(new DataView(rest.buffer, rest.byteOffset).getBigUint64(1))
      : rest[1]!;
    if (rest.length < header + length) return [frames, rest];
    frames.push({ flags: flags & ~LONG, body: rest.slice(header, header + length) });
    rest = rest.subarray(header + length);
  }
}

/** The frames that these bytes are. */
export function unframe(bytes: Uint8Array<ArrayBuffer>): Frame[] {
  const [frames, rest] = split(bytes);
  assert.equal(rest.length, 0, `${rest.length} bytes are no whole frame`);
  return frames;
}

/** Where things stand in frames: plain ones, as encoders and decoders know them, and those that carry boxes. */

import { BOX_OVERHEAD } from "./boxes.ts";
import { COUNTER_SIZE } from "./nonces.ts";

/** Bits of a plain frame's flags. */
export const PLAIN = { MORE: 0x01, LONG: 0x02, COMMAND: 0x04 } as const;
/** Bits of the flags in a box: COMMAND is another bit than outside (RFC 26). */
export const INNER = { MORE: 0x01, COMMAND: 0x02 } as const;

/** How the body of a MESSAGE begins. */
export const MESSAGE: Uint8Array<ArrayBuffer> = new TextEncoder().encode("\x07MESSAGE");
/** Where the box stands in the body of a MESSAGE: behind the counter. */
export const BOX_AT: number = MESSAGE.length + COUNTER_SIZE;
/** By how much the body of a MESSAGE is longer than that of the plain frame: the box has a byte of flags too. */
export const MESSAGE_OVERHEAD: number = BOX_AT + BOX_OVERHEAD + 1;

/** The largest body whose length is one byte. */
const LARGEST_SHORT = 255;

/** Bytes of flags and length before a body of that length. */
export function headerSize(length: number): 2 | 9 {
  return length > LARGEST_SHORT ? 9 : 2;
}

/** Writes flags and length; LONG is set as it is needed. */
export function writeHeader(target: Uint8Array, at: number, flags: number, length: number): void {
  if (length <= LARGEST_SHORT) {
    target[at] = flags;
    target[at + 1] = length;
    return;
  }
  target[at] = flags | PLAIN.LONG;
  const view = new DataView(target.buffer, target.byteOffset + at + 1, 8);
  view.setUint32(0, Math.floor(length / 2 ** 32));
  view.setUint32(4, length % 2 ** 32);
}

/** Reads the length behind the flags; as a number, which is exact up to 2^53 and too large beyond. */
export function readLength(header: Uint8Array, at: number): number {
  if ((header[at]! & PLAIN.LONG) === 0) return header[at + 1]!;
  const view = new DataView(header.buffer, header.byteOffset + at + 1, 8);
  return view.getUint32(0) * 2 ** 32 + view.getUint32(4);
}

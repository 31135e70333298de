/** A decoder's connection that reads as an operating system has it. */

import type { FrameDecoder } from "../../src/sp/framing.ts";
import type { TransformController } from "../../src/contracts/transformer.ts";

/** Reads bytes where the decoder wants them, or else into memory that it overwrites; returns how long each read was. */
export function readAll(
  bytes: Uint8Array,
  decoder: FrameDecoder,
  controller: TransformController<Uint8Array>,
  most: (read: number) => number = () => Infinity,
): number[] {
  const shared = new Uint8Array(64 * 1024);
  const reads: number[] = [];
  for (let at = 0; at < bytes.length; at += reads.at(-1)!) {
    const room = decoder.room() ?? shared;
    const length = Math.min(room.length, bytes.length - at, most(reads.length));
    room.set(bytes.subarray(at, at + length));
    decoder.transform(room.subarray(0, length), controller);
    shared.fill(0xff);
    reads.push(length);
  }
  return reads;
}

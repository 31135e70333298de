/** ZMTP's frames once more, in the plainest way: what the fast codec is compared with, and what mock peers speak. */

import { concat, utf8 } from "../../helpers/bytes.ts";

/** A frame as it lies on the wire. */
export interface PlainFrame {
  readonly flags: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A frame; long where it has to be, or where the flags say so. */
export function plainFrame(flags: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  if (body.length <= 255 && (flags & 2) === 0) {
    return concat([Uint8Array.of(flags, body.length), body]);
  }
  const size = new DataView(new ArrayBuffer(8));
  size.setBigUint64(0, BigInt(body.length));
  return concat([Uint8Array.of(flags | 2), new Uint8Array(size.buffer), body]);
}

/** What stands before a frame of a length that is only said. */
export function announced(flags: number, length: bigint): Uint8Array<ArrayBuffer> {
  const size = new DataView(new ArrayBuffer(8));
  size.setBigUint64(0, length);
  return concat([Uint8Array.of(flags | 2), new Uint8Array(size.buffer)]);
}

/** A message. */
export function plainMessage(frames: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concat(frames.map((frame, i) => plainFrame(i < frames.length - 1 ? 1 : 0, frame)));
}

/** A command. */
export function plainCommand(
  name: string,
  data: Uint8Array | string = "",
): Uint8Array<ArrayBuffer> {
  const bytes = typeof data === "string" ? utf8(data) : data;
  return plainFrame(4, concat([Uint8Array.of(name.length), utf8(name), bytes]));
}

/** Properties, as they stand in READY. */
export function plainMetadata(
  properties: readonly (readonly [string, string | Uint8Array])[],
): Uint8Array<ArrayBuffer> {
  return concat(properties.flatMap(([name, value]) => {
    const bytes = typeof value === "string" ? utf8(value) : value;
    const size = new DataView(new ArrayBuffer(4));
    size.setUint32(0, bytes.length);
    return [Uint8Array.of(name.length), utf8(name), new Uint8Array(size.buffer), bytes];
  }));
}

/** A greeting of 64 bytes. */
export function plainGreeting(
  { major = 3, minor = 1, mechanism = "NULL", fill = 0 }: {
    major?: number;
    minor?: number;
    mechanism?: string;
    fill?: number;
  } = {},
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(64).fill(fill);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes.fill(0, 12, 32);
  bytes.set([major, minor], 10);
  bytes.set(utf8(mechanism), 12);
  return bytes;
}

/** All frames of bytes, which have to end behind one. */
export function plainFrames(bytes: Uint8Array<ArrayBuffer>): PlainFrame[] {
  const frames: PlainFrame[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const flags = bytes[at]!;
    const isLong = (flags & 2) !== 0;
    const length = isLong ? Number(view.getBigUint64(at + 1)) : bytes[at + 1]!;
    at += isLong ? 9 : 2;
    if (at + length > bytes.length) throw new Error(`The bytes end inside a frame, at ${at}`);
    frames.push({ flags, body: bytes.slice(at, at + length) });
    at += length;
  }
  return frames;
}

/** The messages of bytes, without commands. */
export function plainMessages(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[][] {
  const messages: Uint8Array<ArrayBuffer>[][] = [];
  let frames: Uint8Array<ArrayBuffer>[] = [];
  for (const { flags, body } of plainFrames(bytes)) {
    if ((flags & 4) !== 0) continue;
    frames.push(body);
    if ((flags & 1) !== 0) continue;
    messages.push(frames);
    frames = [];
  }
  if (frames.length > 0) throw new Error("The bytes end inside a message");
  return messages;
}

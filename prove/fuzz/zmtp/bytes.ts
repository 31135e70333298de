import { concat } from "../mutations.ts";

/** Bits of a frame's first byte. */
export const MORE = 1, LONG = 2, COMMAND = 4;

/** How a frame lies if not as it should. */
export interface FrameOptions {
  /** What it says its length is. */
  readonly length?: bigint;
  /** Whether its length has eight bytes though one would do. */
  readonly isLong?: boolean;
}

/** A frame: flags, size, body. */
export function zmtpFrame(flags: number, body: Uint8Array, options: FrameOptions = {}): Uint8Array {
  const { length = BigInt(body.length), isLong = false } = options;
  if (length < 256n && !isLong) return concat(Uint8Array.of(flags, Number(length)), body);
  const head = new Uint8Array(9);
  head[0] = flags | LONG;
  new DataView(head.buffer).setBigUint64(1, length);
  return concat(head, body);
}

/** The body of a command. */
export function commandBody(name: string, ...data: Uint8Array[]): Uint8Array {
  return concat(Uint8Array.of(name.length), text(name), ...data);
}

/** A property of metadata. */
export function property(
  name: string,
  value: Uint8Array,
  length: number = value.length,
): Uint8Array {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, length);
  return concat(Uint8Array.of(name.length), text(name), size, value);
}

/** Text as bytes. */
export function text(characters: string): Uint8Array {
  return new TextEncoder().encode(characters);
}

/** How a greeting differs from one of 3.1. */
export interface GreetingOptions {
  readonly mechanism?: string;
  readonly version?: readonly [major: number, minor: number];
  readonly isServer?: boolean;
  /** Between the signature's first byte and its last: anything goes. */
  readonly padding?: Uint8Array;
}

/** The 64 bytes that begin a connection. */
export function zmtpGreeting(options: GreetingOptions = {}): Uint8Array {
  const { mechanism = "NULL", version = [3, 1], isServer = false, padding } = options;
  const greeting = new Uint8Array(64);
  if (padding !== undefined) greeting.set(padding.subarray(0, 8), 1);
  greeting[0] = 0xff;
  greeting[9] = 0x7f;
  greeting.set(version, 10);
  greeting.set(text(mechanism), 12);
  greeting[32] = isServer ? 1 : 0;
  return greeting;
}

/** Whether bytes are whole frames, one behind the other. */
export function areFrames(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at + 2 <= bytes.length) {
    const isLong = (bytes[at]! & LONG) !== 0;
    if (isLong && at + 9 > bytes.length) return false;
    at += isLong ? 9 + Number(view.getBigUint64(at + 1)) : 2 + bytes[at + 1]!;
  }
  return at === bytes.length;
}

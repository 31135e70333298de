/** ZMTP's bytes, laid out and taken apart by hand: nothing of the library's. */

import assert from "node:assert/strict";
import { concat, text, utf8 } from "../../helpers/bytes.ts";

/** A frame as it lies on the wire. */
export interface Frame {
  readonly flags: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What a greeting says. */
export interface GreetingFields {
  readonly major?: number;
  readonly minor?: number;
  readonly mechanism?: string;
  readonly asServer?: boolean;
}

/** The length of a greeting. */
export const GREETING_LENGTH = 64;

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function named(name: string): Uint8Array {
  return concat([Uint8Array.of(name.length), utf8(name)]);
}

/** A greeting of 64 bytes. */
export function greeting(
  { major = 3, minor = 1, mechanism = "NULL", asServer = false }: GreetingFields = {},
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(GREETING_LENGTH);
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, major, minor]);
  bytes.set(utf8(mechanism), 12);
  bytes[32] = asServer ? 1 : 0;
  return bytes;
}

/** A frame with flags of choice; its length is in one byte if it fits and the flags do not say otherwise. */
export function frame(body: string | Uint8Array, flags = 0): Uint8Array<ArrayBuffer> {
  const bytes = typeof body === "string" ? utf8(body) : body;
  if (bytes.length <= 255 && (flags & 2) === 0) {
    return concat([Uint8Array.of(flags, bytes.length), bytes]);
  }
  return concat([Uint8Array.of(flags | 2), uint32(0), uint32(bytes.length), bytes]);
}

/** A message of one or several frames. */
export function message(...frames: (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  return concat(frames.map((body, i) => frame(body, i < frames.length - 1 ? 1 : 0)));
}

/** A command. */
export function command(name: string, data: string | Uint8Array = ""): Uint8Array<ArrayBuffer> {
  return frame(concat([named(name), typeof data === "string" ? utf8(data) : data]), 4);
}

/** Properties, as READY and INITIATE have them. */
export function metadata(
  properties: Readonly<Record<string, string | Uint8Array>>,
): Uint8Array<ArrayBuffer> {
  return concat(
    Object.entries(properties).flatMap(([name, value]) => {
      const bytes = typeof value === "string" ? utf8(value) : value;
      return [named(name), uint32(bytes.length), bytes];
    }),
  );
}

/** READY, as NULL has it. */
export function ready(
  socketType: string,
  more: Readonly<Record<string, string | Uint8Array>> = {},
): Uint8Array<ArrayBuffer> {
  return command("READY", metadata({ "Socket-Type": socketType, ...more }));
}

/** The frames in bytes that begin with one; a frame that is not whole is left out. */
export function framesOf(bytes: Uint8Array<ArrayBuffer>): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0;;) {
    const next = frameAt(bytes, at);
    if (next === undefined) return frames;
    frames.push(next.frame);
    at = next.end;
  }
}

/** The frame at an offset, if it is whole. */
export function frameAt(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
): { frame: Frame; end: number } | undefined {
  const flags = bytes[at];
  if (flags === undefined) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLong = (flags & 2) !== 0;
  const start = at + (isLong ? 9 : 2);
  if (bytes.length < start) return;
  const length = isLong ? Number(view.getBigUint64(at + 1)) : bytes[at + 1]!;
  if (bytes.length < start + length) return;
  return { frame: { flags, body: bytes.slice(start, start + length) }, end: start + length };
}

/** Whether it is a command. */
export function isCommand({ flags }: Frame): boolean {
  return (flags & 4) !== 0;
}

/** A frame for people: commands as `!NAME data`, others as text, with a `+` behind if more follow. */
export function describe({ flags, body }: Frame): string {
  if ((flags & 4) === 0) return `${text(body)}${(flags & 1) === 0 ? "" : "+"}`;
  const name = text(body.subarray(1, 1 + body[0]!));
  return `!${name} ${text(body.subarray(1 + body[0]!))}`.trimEnd();
}

/** What a peer said behind its greeting, as frames. */
export function framesBehindGreeting(said: Uint8Array<ArrayBuffer>): Frame[] {
  return framesOf(said.subarray(GREETING_LENGTH));
}

/** Whether bytes have these in them. */
export function includes(bytes: Uint8Array, part: Uint8Array | string): boolean {
  const wanted = typeof part === "string" ? utf8(part) : part;
  for (let at = bytes.indexOf(wanted[0]!); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}

/** Fails with hexadecimal text unless both have the same bytes. */
export function assertBytes(actual: Uint8Array, expected: Uint8Array, what?: string): void {
  const hexadecimal = (bytes: Uint8Array): string =>
    Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  assert.equal(hexadecimal(actual), hexadecimal(expected), what);
}

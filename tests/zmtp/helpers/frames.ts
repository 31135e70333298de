/** ZMTP's bytes, laid out and taken apart as plainly as possible: to compare with, and to speak to peers. */

import assert from "node:assert/strict";
import { concat, text, utf8 } from "../../helpers/bytes.ts";

/** A frame, taken apart. */
export interface Frame {
  /** Without LONG. */
  readonly flags: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Bits of a frame's flags. */
export const MORE = 1;
export const LONG = 2;
export const COMMAND = 4;

/** What a greeting says. */
export interface GreetingFields {
  readonly major?: number;
  readonly minor?: number;
  readonly mechanism?: string;
  readonly asServer?: boolean;
}

/** The length of a greeting. */
export const GREETING_LENGTH = 64;

function toBytes(body: string | Uint8Array): Uint8Array {
  return typeof body === "string" ? utf8(body) : body;
}

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
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, major, minor]);
  bytes.set(utf8(mechanism), 12);
  bytes[32] = asServer ? 1 : 0;
  return bytes;
}

/** A frame; LONG is set as it is needed. */
export function frame(flags: number, body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = toBytes(body);
  if (bytes.length <= 255) return concat([Uint8Array.of(flags, bytes.length), bytes]);
  return concat([Uint8Array.of(flags | LONG), uint32(0), uint32(bytes.length), bytes]);
}

/** A message of one or several frames. */
export function message(...frames: (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  return concat(frames.map((body, i) => frame(i < frames.length - 1 ? MORE : 0, body)));
}

/** A command. */
export function command(name: string, data: string | Uint8Array = ""): Uint8Array<ArrayBuffer> {
  return frame(COMMAND, concat([named(name), toBytes(data)]));
}

/** Properties, as READY and INITIATE have them. */
export function metadata(
  properties: Readonly<Record<string, string | Uint8Array>>,
): Uint8Array<ArrayBuffer> {
  return concat(
    Object.entries(properties).flatMap(([name, value]) => {
      const bytes = toBytes(value);
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

/** The frame at an offset, if it is whole, and where it ends. */
export function frameAt(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
): { frame: Frame; end: number } | undefined {
  const [flags = 0, short = 0] = bytes.subarray(at);
  const isLong = (flags & LONG) !== 0;
  const start = at + (isLong ? 9 : 2);
  if (bytes.length < start) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = start + (isLong ? Number(view.getBigUint64(at + 1)) : short);
  if (bytes.length < end) return undefined;
  return { frame: { flags: flags & ~LONG, body: bytes.slice(start, end) }, end };
}

/** The whole frames at the beginning, and what is left behind them. */
export function split(bytes: Uint8Array<ArrayBuffer>): [Frame[], Uint8Array<ArrayBuffer>] {
  const frames: Frame[] = [];
  for (let at = 0;;) {
    const next = frameAt(bytes, at);
    if (next === undefined) return [frames, bytes.subarray(at)];
    frames.push(next.frame);
    at = next.end;
  }
}

/** The frames that these bytes are. */
export function unframe(bytes: Uint8Array<ArrayBuffer>): Frame[] {
  const [frames, rest] = split(bytes);
  assert.equal(rest.length, 0, `${rest.length} bytes are no whole frame`);
  return frames;
}

/** Whether it is a command. */
export function isCommand({ flags }: Frame): boolean {
  return (flags & COMMAND) !== 0;
}

/** A frame for people: commands as `!NAME data`, others as text, with a `+` behind if more follow. */
export function describe({ flags, body }: Frame): string {
  if ((flags & COMMAND) === 0) return `${text(body)}${(flags & MORE) === 0 ? "" : "+"}`;
  const name = text(body.subarray(1, 1 + body[0]!));
  return `!${name} ${text(body.subarray(1 + body[0]!))}`.trimEnd();
}

/** What a peer said behind its greeting, as frames. */
export function framesBehindGreeting(said: Uint8Array<ArrayBuffer>): Frame[] {
  return split(said.subarray(GREETING_LENGTH))[0];
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

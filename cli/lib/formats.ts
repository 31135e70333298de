/** How a received message looks on standard output: bytes in, bytes to print out. */

/** Turns one message into the bytes to print for it. */
export type Formatter = (message: Uint8Array) => Uint8Array;

/** What `--format` accepts, in the order in which its error message lists them. */
export type FormatName = "no" | "raw" | "ascii" | "quoted" | "msgpack" | "hex";

const NOTHING = new Uint8Array(0);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const TAB = 0x09;
const NEWLINE = 0x0a;
const DOT = 0x2e;

/** `isprint` of the C locale, which nanocat never leaves. */
function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e;
}

/** What stands for each byte between the quotes: `lengths[byte]` characters from `4 * byte` on. */
interface Escapes {
  readonly characters: Uint8Array;
  readonly lengths: Uint8Array;
}

function escapes(escape: (byte: number) => string): Escapes {
  const characters = new Uint8Array(4 * 256);
  const lengths = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) {
    const text = new TextEncoder().encode(escape(byte));
    characters.set(text, 4 * byte);
    lengths[byte] = text.length;
  }
  return { characters, lengths };
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

/** nngcat's, which has one escape more. */
function tabbedEscape(byte: number): string {
  return byte === TAB ? "\\t" : quotedEscape(byte);
}

function quotedEscape(byte: number): string {
  if (byte === NEWLINE) return "\\n";
  if (byte === 0x0d) return "\\r";
  if (byte === QUOTE || byte === BACKSLASH) return `\\${String.fromCharCode(byte)}`;
  return isPrintable(byte) ? String.fromCharCode(byte) : hexEscape(byte);
}

const HEX = escapes(hexEscape);
const QUOTED = escapes(quotedEscape);
const TABBED = escapes(tabbedEscape);

function quote(message: Uint8Array, { characters, lengths }: Escapes): Uint8Array {
  let length = 3;
  for (let i = 0; i < message.length; i++) length += lengths[message[i]!]!;
  const line = new Uint8Array(length);
  line[0] = QUOTE;
  let end = 1;
  for (let i = 0; i < message.length; i++) {
    const start = 4 * message[i]!;
    const stop = start + lengths[message[i]!]!;
    for (let at = start; at < stop; at++) line[end++] = characters[at]!;
  }
  line[end++] = QUOTE;
  line[end] = NEWLINE;
  return line;
}

function ascii(message: Uint8Array): Uint8Array {
  const line = new Uint8Array(message.length + 1);
  for (let i = 0; i < message.length; i++) line[i] = isPrintable(message[i]!) ? message[i]! : DOT;
  line[message.length] = NEWLINE;
  return line;
}

/** bin 8, bin 16 or bin 32 of the MessagePack specification, the shortest that fits. */
function msgpack(message: Uint8Array): Uint8Array {
  const { length } = message;
  const head = length < 0x100 ? 2 : length < 0x10000 ? 3 : 5;
  const packed = new Uint8Array(head + length);
  const view = new DataView(packed.buffer);
  if (head === 2) {
    view.setUint8(0, 0xc4);
    view.setUint8(1, length);
  } else if (head === 3) {
    view.setUint8(0, 0xc5);
    view.setUint16(1, length);
  } else {
    view.setUint8(0, 0xc6);
    view.setUint32(1, length);
  }
  packed.set(message, head);
  return packed;
}

/** The formatter of each of nanocat's formats. `raw` hands the message itself back; no other keeps a reference. */
export const FORMATTERS: Readonly<Record<FormatName, Formatter>> = {
  no: () => NOTHING,
  raw: (message) => message,
  ascii,
  quoted: (message) => quote(message, QUOTED),
  msgpack,
  hex: (message) => quote(message, HEX),
};

/** The same for nngcat, which has no newline after `ascii`. */
export const NNGCAT_FORMATTERS: typeof FORMATTERS = {
  ...FORMATTERS,
  ascii: (message) => ascii(message).subarray(0, -1),
  quoted: (message) => quote(message, TABBED),
};

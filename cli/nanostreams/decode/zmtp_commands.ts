/* ZMTP's commands, part by part (RFC 37, 24, 26; libzmq's habits). */
import { parseCommand } from "../../../zmtp/wire/commands.ts";
import { decode as textOf } from "../output/text.ts";
import { quoted } from "../quoted.ts";
import { body, shortened, shown } from "./body.ts";
import { type Part, plural, readWord } from "./part.ts";

/** A command, taken apart. */
export interface DecodedCommand {
  readonly name: string;
  readonly text: string;
  readonly problem?: string | undefined;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly parts: readonly Part[];
  /** What its sender tells of itself, by names in lower case. */
  readonly metadata?: ReadonlyMap<string, string>;
}

/** Those that belong to a handshake. */
export const HANDSHAKE: ReadonlySet<string> = new Set([
  "ERROR",
  "HELLO",
  "INITIATE",
  "READY",
  "WELCOME",
]);

/** Fixed parts of CURVE's commands behind their names: their lengths, and what they are (CurveZMQ). */
const CURVE: Readonly<Record<string, readonly (readonly [length: number, kind: string])[]>> = {
  HELLO: [[2, "version"], [72, "padding"], [32, "client's public key"], [8, "nonce"], [80, "box"]],
  WELCOME: [[16, "nonce"], [144, "box"]],
  INITIATE: [[96, "cookie"], [8, "nonce"], [Infinity, "box"]],
  READY: [[8, "nonce"], [Infinity, "box"]],
  MESSAGE: [[8, "nonce"], [Infinity, "box"]],
};

/** The name of a command, if the bytes may be one. */
export function commandName(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  try {
    return parseCommand(bytes).name;
  } catch {
    return undefined;
  }
}

/**
 * Takes a command's body apart.
 *
 * @param at Where it begins. @param mechanism The connection's, if that is known. @param isCut Whether its end is missing.
 */
export function decodeCommand(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  mechanism: string | undefined,
  isCut: boolean,
): DecodedCommand {
  // libzmq's PLAIN says ERROR with its length and its first letter made one byte, 5e.
  const isGarbled = [0x5e, 0x52, 0x52, 0x4f, 0x52].every((byte, i) => bytes[i] === byte);
  const name = isGarbled ? "ERROR" : commandName(bytes);
  if (name === undefined) {
    const problem = isCut
      ? undefined
      : bytes.length === 0
      ? "a command without a name"
      : `its name has ${bytes[0]} bytes, ${bytes.length - 1} are there`;
    return { name: "", text: "unknown", problem, parts: rest(bytes, at) };
  }
  const head = isGarbled ? 5 : 1 + name.length;
  const isCurve = mechanism === "CURVE" && Object.hasOwn(CURVE, name);
  const known = isCurve ? curve : Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  const reader = new Reader(bytes, head, at, isCut);
  const metadata = known?.(reader, name);
  const text = isGarbled ? "as libzmq's PLAIN misspells it" : reader.summary;
  reader.finish(known !== undefined);
  return {
    name,
    text,
    problem: undefined,
    fields: { command: name },
    parts: [
      { at, bytes: bytes.subarray(0, head), kind: "name", text: printable(name) },
      ...reader.parts,
    ],
    ...(metadata && { metadata }),
  };
}

/** Takes pieces off a command's data, and says what is missing. */
class Reader {
  readonly parts: Part[] = [];
  summary = "";
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #base: number;
  readonly #isCut: boolean;
  #at: number;

  constructor(bytes: Uint8Array<ArrayBuffer>, at: number, base: number, isCut: boolean) {
    this.#bytes = bytes;
    this.#at = at;
    this.#base = base;
    this.#isCut = isCut;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  peek(offset = 0): number {
    return this.#bytes[this.#at + offset] ?? 0;
  }

  /** Looks at what comes next. */
  ahead(length: number): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(this.#at, this.#at + length);
  }

  /** Takes a piece, or what there is of it. */
  take(length: number, kind: string, more: Partial<Part> = {}): Uint8Array<ArrayBuffer> {
    const bytes = this.ahead(length);
    const problem = bytes.length < length && Number.isFinite(length) && !this.#isCut
      ? `${bytes.length} of ${plural(length, "byte")} are there`
      : undefined;
    const at = this.#base + this.#at;
    this.parts.push({ at, bytes, kind, text: shown(bytes), ...more, ...(problem && { problem }) });
    this.#at += bytes.length;
    return bytes;
  }

  /** Takes text behind its length in one byte. */
  short(kind: string, isSecret = false): Uint8Array<ArrayBuffer> | undefined {
    if (this.left === 0) {
      this.take(1, kind);
      return undefined;
    }
    const length = this.peek();
    const value = this.#bytes.subarray(this.#at + 1, this.#at + 1 + length);
    const text = isSecret ? `${plural(length, "byte")}, not shown` : shown(value);
    this.take(1 + length, kind, { text, isSecret });
    return value;
  }

  /** What nobody has asked for. */
  finish(isKnown: boolean): void {
    if (this.left === 0) return;
    const problem = isKnown ? `${plural(this.left, "byte")} too many` : undefined;
    this.take(this.left, "data", { problem });
  }
}

type Read = (reader: Reader, name: string) => ReadonlyMap<string, string> | undefined;

function curve(reader: Reader, name: string): undefined {
  for (const [length, kind] of CURVE[name]!) {
    const isBox = kind === "box";
    const size = Math.min(length, isBox && length === Infinity ? reader.left : length);
    reader.take(size, kind, {
      ...(kind === "nonce" && reader.left >= 8 && size === 8 && {
        text: BigInt.asUintN(64, toBig(reader.ahead(8))).toString(),
      }),
      ...(isBox && { text: `${plural(Math.min(size, reader.left), "byte")}, encrypted` }),
    });
  }
}

function toBig(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => sum << 8n | BigInt(byte), 0n);
}

/** Names and values (RFC 37, 3.5), as far as they can be read. */
function metadata(reader: Reader): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const said: string[] = [];
  while (reader.left > 0) {
    const nameLength = reader.peek();
    if (reader.left < 1 + nameLength + 4) {
      reader.take(1 + nameLength + 4, "property", { text: "cut off" });
      break;
    }
    const name = new TextDecoder("latin1").decode(reader.ahead(1 + nameLength).subarray(1));
    const length = readWord(reader.ahead(5 + nameLength), 1 + nameLength);
    const value = reader.ahead(5 + nameLength + length).subarray(5 + nameLength);
    const isName = /^[\w.+-]+$/.test(name);
    const text = textOf(value) ?? plural(length, "byte");
    const shownValue = shortened(text);
    const label = isName ? name : quoted(name);
    if (!values.has(name.toLowerCase())) values.set(name.toLowerCase(), text);
    said.push(`${label} ${shownValue}`);
    reader.take(5 + nameLength + length, "property", {
      text: `${label}: ${shownValue}`,
      fields: { name, value: text },
      ...(!isName && { problem: "invalid name" }),
    });
  }
  reader.summary = said.join(", ");
  return values;
}

function prefix(reader: Reader): undefined {
  const bytes = reader.ahead(reader.left);
  reader.summary = bytes.length === 0 ? "everything" : shown(bytes);
  if (bytes.length > 0) reader.take(reader.left, "prefix");
}

/** By name; in the clear. */
const READERS: Readonly<Record<string, Read>> = {
  READY: metadata,
  INITIATE: metadata,
  WELCOME: () => undefined,
  ERROR: (reader): undefined => {
    const reason = reader.short("reason");
    reader.summary = reason === undefined ? "" : shown(reason);
  },
  HELLO: (reader): undefined => {
    const user = reader.short("username");
    reader.summary = user === undefined ? "" : `username ${shown(user)}`;
    reader.short("password", true);
  },
  PING: (reader): undefined => {
    const tenths = reader.peek() << 8 | reader.peek(1);
    const ttl = tenths === 0 ? "no time to live" : `time to live ${tenths / 10} s`;
    reader.summary = ttl;
    reader.take(2, "ttl", { text: ttl, fields: { ttl: tenths / 10 } });
    const { left } = reader;
    const problem = left > 16 ? "more than 16 bytes" : undefined;
    if (left > 0) reader.take(left, "context", { problem });
  },
  PONG: (reader): undefined => {
    if (reader.left > 0) reader.take(reader.left, "context");
  },
  SUBSCRIBE: prefix,
  CANCEL: prefix,
  JOIN: prefix,
  LEAVE: prefix,
};

function rest(bytes: Uint8Array, at: number): Part[] {
  return bytes.length === 0 ? [] : [body(bytes, at, "data")];
}

/** A name as it is shown. */
export function printable(name: string): string {
  return /^[\x21-\x7e]+$/.test(name) ? name : quoted(name);
}

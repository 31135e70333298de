/* What ZMTP's peers say first (RFC 37, 2.1; spec of 2.0: RFC 15). */
import { GREETING_LENGTH } from "../../../zmtp/wire/greeting.ts";
import { quoted } from "../quoted.ts";
import { type Part, plural } from "./part.ts";

const SIGNATURE_LENGTH = 10;
const MECHANISM_AT = 12;
const MECHANISM_LENGTH = 20;
const SERVER_AT = MECHANISM_AT + MECHANISM_LENGTH;

/** Of ZMTP 2.0, by their numbers. */
const OLD_TYPES = [
  "PAIR",
  "PUB",
  "SUB",
  "REQ",
  "REP",
  "DEALER",
  "ROUTER",
  "PULL",
  "PUSH",
  "XPUB",
  "XSUB",
];

/** What a greeting tells. */
export interface ZmtpGreeting {
  readonly part: Part;
  /** Where the frames begin. */
  readonly next: number;
  /** `3.1`; undefined if too little is there. */
  readonly version?: string;
  /** `NULL`, `PLAIN`, `CURVE`. */
  readonly mechanism?: string;
  /** In ZMTP 2.0 the socket's type stands in the greeting. */
  readonly type?: string;
}

/** Whether bytes begin as ZMTP does, as far as they go. */
export function beginsAsZmtp(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && (bytes.length < SIGNATURE_LENGTH || (bytes[9]! & 1) === 1);
}

/** The socket type of a number of ZMTP 2.0. */
export function oldType(number: number): string | undefined {
  return OLD_TYPES[number];
}

/** A mechanism's name, without the zeros that fill it up. */
export function mechanismOf(greeting: Uint8Array): string {
  const field = greeting.subarray(MECHANISM_AT, MECHANISM_AT + MECHANISM_LENGTH);
  return new TextDecoder("latin1").decode(field).replace(/\0+$/, "");
}

/** Takes a greeting apart. */
export function zmtpGreeting(bytes: Uint8Array): ZmtpGreeting {
  const parts: Part[] = [];
  const add = (at: number, end: number, kind: string, text: string, more?: Partial<Part>): void => {
    if (at < bytes.length) parts.push({ at, bytes: bytes.subarray(at, end), kind, text, ...more });
  };
  const major = bytes[SIGNATURE_LENGTH];
  const isOld = major !== undefined && major < 3;
  const length = isOld ? MECHANISM_AT : GREETING_LENGTH;
  add(0, SIGNATURE_LENGTH, "signature", "ZMTP 2.0 or later");
  if (major === undefined || bytes.length < MECHANISM_AT) {
    add(SIGNATURE_LENGTH, MECHANISM_AT, "version", "cut off");
    return { part: whole(parts, "ZMTP", missing(bytes, length)), next: bytes.length };
  }
  const minor = bytes[SIGNATURE_LENGTH + 1]!;
  if (isOld) {
    const type = oldType(minor);
    add(10, 11, "version", "2.0");
    add(11, 12, "socket type", type ?? `${minor}`);
    const text = `ZMTP 2.0, ${type ?? "unknown socket type"}`;
    const problem = type === undefined ? "unknown socket type" : undefined;
    const part = whole(parts, text, problem, { version: "2.0", type });
    return { part, next: MECHANISM_AT, version: "2.0", ...(type !== undefined && { type }) };
  }
  const version = `${major}.${minor}`;
  const mechanism = mechanismOf(bytes);
  const isKnown = ["CURVE", "GSSAPI", "NULL", "PLAIN"].includes(mechanism);
  const text = isKnown ? mechanism : quoted(mechanism);
  add(10, 12, "version", version);
  add(MECHANISM_AT, SERVER_AT, "mechanism", text, {
    isText: isKnown,
    problem: isKnown ? undefined : "unknown mechanism",
  });
  const isServer = (bytes[SERVER_AT] ?? 0) & 1;
  add(SERVER_AT, SERVER_AT + 1, "as server", isServer ? "yes" : "no");
  add(
    SERVER_AT + 1,
    GREETING_LENGTH,
    "filler",
    plural(bytes.length > 33 ? Math.min(bytes.length, 64) - 33 : 0, "byte"),
  );
  const part = whole(parts, `ZMTP ${version}, ${text}`, missing(bytes, length), {
    version,
    mechanism,
    asServer: isServer === 1,
  });
  return { part, next: Math.min(length, bytes.length), version, mechanism };
}

function whole(parts: Part[], text: string, problem?: string, fields?: Part["fields"]): Part {
  const bytes = new Uint8Array(0);
  return { at: 0, bytes, kind: "greeting", text, problem, parts, ...(fields && { fields }) };
}

function missing({ length }: Uint8Array, wanted: number): string | undefined {
  return length < wanted ? `${length} of ${wanted} bytes are there` : undefined;
}

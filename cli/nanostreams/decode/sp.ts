/* SP's wire: a header, then messages behind their lengths (sp-tcp-mapping-01, sp-ipc-mapping-01). */
import * as PROTOCOLS from "../../../patterns/protocols.ts";
import { decodeSPHeader, SP_HEADER_LENGTH } from "../../../src/sp/header.ts";
import { IPC_IN_BAND } from "../../../src/sp/encoder.ts";
import type { SPProtocol } from "../../../src/sp/wire.ts";
import { readLongSize } from "../../../zmtp/wire/frames.ts";
import { body } from "./body.ts";
import { bytesText, hexNumber, type Part, readWord, shortfall, together } from "./part.ts";

/** What is known of messages before they are read. */
export interface SpHints {
  /** Who sends them. */
  readonly protocol?: SPProtocol | undefined;
  /** How they lie on the connection; by what is there, if left out. */
  readonly framing?: "tcp" | "ipc" | undefined;
}

/** More than any message may pass: MAXTTL is 255 at most. */
const MOST_HOPS = 255;

const BY_NUMBER: ReadonlyMap<number, SPProtocol> = new Map(
  Object.values(PROTOCOLS).map((protocol) => [protocol.number, protocol]),
);
const BY_NAME: ReadonlyMap<string, SPProtocol> = new Map(
  Object.values(PROTOCOLS).map((protocol) => [protocol.name, protocol]),
);

/** SP's protocols, by the names of our sockets. */
export const SP_NAMES: readonly string[] = [...BY_NAME.keys()];

/** A protocol by its name: `req`. */
export function protocolNamed(name: string): SPProtocol | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** Who a protocol's number stands for. */
export function describeProtocol(number: number): string {
  const protocol = BY_NUMBER.get(number);
  const shown = hexNumber(number, 2);
  if (protocol === undefined) return `protocol ${shown}`;
  const { name, peerName } = protocol;
  return `${name.toUpperCase()} (${shown}), for ${peerName.toUpperCase()}`;
}

/** Who is opposite. */
export function counterpart(protocol: SPProtocol | undefined): SPProtocol | undefined {
  return protocol && BY_NUMBER.get(protocol.peerNumber);
}

/** Whether bytes begin as SP does, as far as they go. */
export function beginsAsSp(bytes: Uint8Array): boolean {
  return bytes.length >= 3 &&
    [0x00, 0x53, 0x50, 0x00].every((wanted, at) => at >= bytes.length || bytes[at] === wanted);
}

/** The protocol that a header names. */
export function protocolOf(bytes: Uint8Array): SPProtocol | undefined {
  if (!beginsAsSp(bytes) || bytes.length < SP_HEADER_LENGTH) return undefined;
  return BY_NUMBER.get(bytes[4]! << 8 | bytes[5]!);
}

/** Takes apart what one end said. */
export function decodeSp(bytes: Uint8Array<ArrayBuffer>, hints: SpHints = {}): Part[] {
  const parts: Part[] = [];
  let at = 0;
  let { protocol } = hints;
  if (beginsAsSp(bytes)) {
    parts.push(greeting(bytes));
    if (bytes.length >= SP_HEADER_LENGTH) protocol = protocolOf(bytes);
    at = SP_HEADER_LENGTH;
  }
  // A length of less than 2^56 begins with a zero byte.
  const isIpc = hints.framing === "ipc" ||
    hints.framing === undefined && bytes[at] === IPC_IN_BAND;
  for (let count = 1; at < bytes.length; count++) {
    const { part, next } = message(bytes, at, isIpc ? 9 : 8, count, protocol);
    parts.push(part);
    at = next;
  }
  return parts;
}

function greeting(bytes: Uint8Array): Part {
  const header = bytes.subarray(0, SP_HEADER_LENGTH);
  const common = { at: 0, bytes: header, kind: "SP greeting" };
  if (header.length < SP_HEADER_LENGTH) {
    const problem = shortfall(header.length, SP_HEADER_LENGTH);
    return { ...common, text: "cut off", problem };
  }
  const number = header[4]! << 8 | header[5]!;
  const protocol = BY_NUMBER.get(number);
  const problem = together([
    protocol === undefined ? "unknown protocol number" : undefined,
    isRight(header)
      ? undefined
      : `the last two bytes are ${hexNumber(header[6]! << 8 | header[7]!, 4)}, expected 0`,
  ]);
  return {
    ...common,
    text: describeProtocol(number),
    problem,
    fields: { protocol: protocol?.name, number },
  };
}

/** Whether our own sockets take a header, whosoever it is. */
function isRight(header: Uint8Array): boolean {
  try {
    decodeSPHeader(header);
    return true;
  } catch {
    return false;
  }
}

function message(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  prefix: 8 | 9,
  count: number,
  protocol: SPProtocol | undefined,
): { part: Part; next: number } {
  const head = bytes.subarray(at, at + prefix);
  const common = { at, bytes: head, kind: `message ${count}`, message: count };
  if (head.length < prefix) {
    const problem = `${head.length} of the ${prefix} bytes before a message are there`;
    return { part: { ...common, text: "cut off", problem }, next: bytes.length };
  }
  const start = at + prefix;
  const length = readLongSize(bytes, start - 8);
  const left = bytes.length - start;
  const payload = bytes.subarray(start, start + Math.min(length, left));
  const type = prefix === 9 ? head[0] : IPC_IN_BAND;
  return {
    part: {
      ...common,
      text: bytesText(length),
      problem: together([
        type === IPC_IN_BAND
          ? undefined
          : `the ipc frame's type is ${type}, expected ${IPC_IN_BAND}`,
        shortfall(left, length),
      ]),
      fields: { size: length },
      parts: decodeSpMessage(payload, start, protocol, length > left),
    },
    next: start + payload.length,
  };
}

/**
 * Takes a message apart: the header that its pattern puts before it, and its body.
 *
 * @param at Where it begins. @param protocol Its sender's. @param isCut Whether its end is missing.
 */
export function decodeSpMessage(
  bytes: Uint8Array,
  at: number,
  protocol: SPProtocol | undefined,
  isCut = false,
): Part[] {
  const number = protocol?.number;
  if (number === PROTOCOLS.PAIR1.number) return withHops(bytes, at, isCut);
  const isAsked = number === PROTOCOLS.REQ.number || number === PROTOCOLS.REP.number;
  const isSurveyed = number === PROTOCOLS.SURVEYOR.number ||
    number === PROTOCOLS.RESPONDENT.number;
  if (isAsked || isSurveyed) {
    return withBacktrace(bytes, at, isAsked ? "request id" : "survey id", isCut);
  }
  return bytes.length > 0 || !isCut ? [body(bytes, at)] : [];
}

/** Version 1 of PAIR: how many devices it has passed, and the first connection. */
function withHops(bytes: Uint8Array, at: number, isCut: boolean): Part[] {
  if (bytes.length < 4) {
    if (isCut) return bytes.length > 0 ? [body(bytes, at)] : [];
    return [{ ...body(bytes, at), problem: "no hop count: expected at least 4 bytes" }];
  }
  const hops = readWord(bytes, 0);
  const problem = hops > 0xff
    ? "more than 255 hops"
    : hops === 0
    ? "no hop, expected 1"
    : undefined;
  return [
    { at, bytes: bytes.subarray(0, 4), kind: "hops", text: `${hops}`, problem, fields: { hops } },
    body(bytes.subarray(4), at + 4),
  ];
}

/** Each device puts the peer's number on top; the id, at the bottom, has the high bit set. */
function withBacktrace(bytes: Uint8Array, at: number, kind: string, isCut: boolean): Part[] {
  const parts: Part[] = [];
  for (let next = 0; next + 4 <= bytes.length && parts.length <= MOST_HOPS; next += 4) {
    const word = readWord(bytes, next);
    const piece = { at: at + next, bytes: bytes.subarray(next, next + 4) };
    const id = word & 0x7fff_ffff;
    if (word >= 0x8000_0000) {
      parts.push({ ...piece, kind, text: hexNumber(id, 8), fields: { id } });
      return [...parts, body(bytes.subarray(next + 4), at + next + 4)];
    }
    parts.push({
      ...piece,
      kind: `hop ${parts.length + 1}`,
      text: `peer ${hexNumber(id, 8)} of a device`,
      fields: { peer: id },
    });
  }
  if (isCut) return bytes.length > 0 ? [body(bytes, at)] : [];
  const problem = bytes.length < 4
    ? `no ${kind}: expected at least 4 bytes`
    : `no ${kind}: no word has its high bit set`;
  return [{ ...body(bytes, at), problem }];
}

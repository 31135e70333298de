/* What two ends of a connection said to each other, taken apart by whichever wire it is. */
import type { SPProtocol } from "../../../src/sp/wire.ts";
import { body } from "./body.ts";
import { endOf, type Part, plural, problemsOf } from "./part.ts";
import { beginsAsSp, counterpart, decodeSp, protocolOf } from "./sp.ts";
import { beginsAsHttp } from "./web_socket.ts";
import { decodeWebSockets } from "./web_sockets.ts";
import { decodeZmtp, learn } from "./zmtp.ts";
import { beginsAsZmtp } from "./zmtp_greeting.ts";

/** What one end said. */
export interface Said {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** When it was said: of the bytes up to an offset, in the order of offsets. */
  readonly marks?: readonly Mark[];
  /** What was not captured; zeros stand there. */
  readonly missing?: readonly { readonly at: number; readonly length: number }[];
  /** Why it is not all there. */
  readonly problem?: string;
}

/** When bytes were said. */
export interface Mark {
  readonly end: number;
  /** The place among all that was said on the connection. */
  readonly order: number;
  /** In seconds. */
  readonly time?: number | undefined;
}

/** What is known before. */
export interface Hints {
  readonly wire?: "sp" | "zmtp" | undefined;
  readonly framing?: "tcp" | "ipc" | undefined;
  /** Of the first end. */
  readonly protocol?: SPProtocol | undefined;
  /** The ZMTP socket's type of the first end. */
  readonly type?: string | undefined;
}

/** A part, and who said it. */
export interface Line {
  readonly end: 0 | 1;
  readonly part: Part;
  /** In seconds, where it is known. */
  readonly time?: number | undefined;
}

/** A conversation, taken apart. */
export interface Decoded {
  /** `sp`, `zmtp`, `websocket`, `tls`; undefined if it is something else. */
  readonly wire: string | undefined;
  readonly lines: readonly Line[];
  readonly problems: number;
}

type Ends<T> = readonly [T, T];

const NOTHING: Said = { bytes: new Uint8Array(0) };

/** Takes apart what was said. @param second Of the other end, where it is there. */
export function decodeConversation(
  first: Said,
  second: Said = NOTHING,
  hints: Hints = {},
): Decoded {
  const ends = [first, second] as const;
  const bytes = [first.bytes, second.bytes] as const;
  const wire = wireOf(bytes, hints);
  const parts = partsOf(wire, bytes, hints);
  const lines = ([0, 1] as const).flatMap((end) =>
    parts[end].map((part) => lineOf(end, ends[end], part))
  );
  const order = new Map(lines.map((line) => [line, orderOf(ends[line.end], line.part)]));
  lines.sort((a, b) => order.get(a)! - order.get(b)!);
  for (const end of [0, 1] as const) {
    const { problem } = ends[end];
    if (problem !== undefined) lines.push({ end, part: complaint(bytes[end].length, problem) });
  }
  return { wire, lines, problems: lines.reduce((sum, { part }) => sum + problemsOf(part), 0) };
}

/** By what the ends begin with, or else by what is said of it, or by what fits. */
function wireOf(ends: Ends<Uint8Array<ArrayBuffer>>, hints: Hints): string | undefined {
  if (ends.some(beginsAsSp)) return "sp";
  if (ends.some(beginsAsZmtp)) return "zmtp";
  if (ends.some(beginsAsHttp)) return "websocket";
  if (ends.some(beginsAsTls)) return "tls";
  if (hints.wire !== undefined) return hints.wire;
  if (hints.protocol !== undefined || hints.framing !== undefined) return "sp";
  if (hints.type !== undefined) return "zmtp";
  const fits = (decode: (bytes: Uint8Array<ArrayBuffer>) => Part[]): boolean =>
    ends.every((bytes) => decode(bytes).every((part) => problemsOf(part) === 0));
  if (ends.every(({ length }) => length === 0)) return undefined;
  return fits((bytes) => decodeSp(bytes))
    ? "sp"
    : fits((bytes) => decodeZmtp(bytes))
    ? "zmtp"
    : undefined;
}

function partsOf(
  wire: string | undefined,
  ends: Ends<Uint8Array<ArrayBuffer>>,
  hints: Hints,
): Ends<readonly Part[]> {
  switch (wire) {
    case "sp": {
      const own = ends.map(protocolOf);
      const first = own[0] ?? hints.protocol ?? counterpart(own[1]);
      const { framing } = hints;
      return [
        decodeSp(ends[0], { framing, protocol: first }),
        decodeSp(ends[1], { framing, protocol: own[1] ?? counterpart(first) }),
      ];
    }
    case "zmtp": {
      const [a, b] = [learn(ends[0]), learn(ends[1])] as const;
      const mechanism = a.mechanism ?? b.mechanism;
      const type = a.type ?? hints.type;
      return [
        decodeZmtp(ends[0], { mechanism, type, peerType: b.type }),
        decodeZmtp(ends[1], { mechanism, type: b.type, peerType: type }),
      ];
    }
    case "websocket":
      return decodeWebSockets(ends);
    case "tls":
      return [encrypted(ends[0]), encrypted(ends[1])];
    default:
      return [unknown(ends[0]), unknown(ends[1])];
  }
}

/** A record of TLS: a handshake or an alert, of a version 3. */
function beginsAsTls(bytes: Uint8Array): boolean {
  return (bytes[0] === 0x16 || bytes[0] === 0x15) && bytes[1] === 3;
}

function encrypted(bytes: Uint8Array): Part[] {
  if (bytes.length === 0) return [];
  const text = `${plural(bytes.length, "byte")}, encrypted`;
  return [{ at: 0, bytes: bytes.subarray(0, 5), kind: "TLS", text }];
}

function unknown(bytes: Uint8Array): Part[] {
  return bytes.length === 0 ? [] : [body(bytes, 0, "neither SP nor ZMTP")];
}

function complaint(at: number, problem: string): Part {
  return { at, bytes: new Uint8Array(0), kind: "end", text: "of what is there", problem };
}

function lineOf(end: 0 | 1, said: Said, part: Part): Line {
  const until = endOf(part);
  const lost = (said.missing ?? []).reduce(
    (sum, { at, length }) =>
      sum + Math.max(0, Math.min(at + length, until) - Math.max(at, part.at)),
    0,
  );
  const problem = `${plural(lost, "byte")} of it were not captured, zeros stand for them`;
  const shown = lost === 0
    ? part
    : { ...part, problem: part.problem === undefined ? problem : `${part.problem}; ${problem}` };
  return { end, part: shown, time: markOf(said, part)?.time };
}

function orderOf(said: Said, part: Part): number {
  return markOf(said, part)?.order ?? 0;
}

/** Of its last byte. */
function markOf({ marks = [] }: Said, part: Part): Mark | undefined {
  const end = endOf(part);
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (marks[middle]!.end < end) low = middle + 1;
    else high = middle;
  }
  return marks[low];
}

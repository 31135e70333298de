/* WebSockets in a capture: the upgrade, then frames (RFC 6455). What is in them is SP's or ZMTP's. */
import { escaped } from "../output/text.ts";
import { bytesText, type Part, shortfall, together } from "./part.ts";

const OPCODES: Readonly<Record<number, string>> = {
  0: "continuation",
  1: "text",
  2: "binary",
  8: "close",
  9: "ping",
  10: "pong",
};

/** Headers that may have passwords. */
const SECRETS: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "proxy-authorization",
  "set-cookie",
]);

/** The head of an HTTP request or response. */
export interface HttpHead {
  readonly part: Part;
  /** Where what follows begins. */
  readonly next: number;
  /** `GET / HTTP/1.1`, or `HTTP/1.1 101 Switching Protocols`. */
  readonly start: string;
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** A WebSocket frame. */
export interface WebSocketFrame {
  readonly part: Part;
  /** What it carries, unmasked. */
  readonly payload: Uint8Array<ArrayBuffer>;
  readonly payloadAt: number;
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly isCut: boolean;
}

/** Whether bytes begin as HTTP does. */
export function beginsAsHttp(bytes: Uint8Array): boolean {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 16));
  return /^(HTTP\/1\.|(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT) [^ ])/.test(text);
}

/** Takes the head of a request or response apart, line by line. */
export function httpHead(bytes: Uint8Array<ArrayBuffer>): HttpHead {
  const lines: Part[] = [];
  const headers = new Map<string, string>();
  let start = "";
  let at = 0;
  let isWhole = false;
  while (at < bytes.length && !isWhole) {
    const feed = bytes.indexOf(0x0a, at);
    const end = feed < 0 ? bytes.length : feed + 1;
    const piece = bytes.subarray(at, end);
    const line = new TextDecoder("latin1").decode(piece).replace(/\r?\n$/, "");
    isWhole = line === "" && feed >= 0;
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const isSecret = SECRETS.has(name);
    if (lines.length === 0) start = line;
    else if (colon > 0) headers.set(name, line.slice(colon + 1).trim());
    const text = isSecret
      ? `${escaped(line.slice(0, colon), true)}: not shown`
      : escaped(line, true);
    if (!isWhole) lines.push({ at, bytes: piece, kind: "line", text, isText: true, isSecret });
    else lines.push({ at, bytes: piece, kind: "end", text: "of the head", isText: true });
    at = end;
  }
  const problem = isWhole ? undefined : "its end is missing";
  const part: Part = {
    at: 0,
    bytes: new Uint8Array(0),
    kind: "HTTP",
    text: start.startsWith("HTTP/") ? "response" : "request",
    problem,
    parts: lines,
  };
  return { part, next: at, start, headers };
}

/** Finds the frames of a WebSocket. */
export function webSocketFrames(bytes: Uint8Array<ArrayBuffer>, from: number): WebSocketFrame[] {
  const frames: WebSocketFrame[] = [];
  for (let at = from; at < bytes.length;) {
    const frame = webSocketFrame(bytes, at);
    frames.push(frame);
    at = frame.payloadAt + frame.payload.length;
  }
  return frames;
}

function webSocketFrame(bytes: Uint8Array<ArrayBuffer>, at: number): WebSocketFrame {
  const first = bytes[at]!;
  const second = bytes[at + 1] ?? 0;
  const isMasked = (second & 0x80) !== 0;
  const short = second & 0x7f;
  const sizeLength = short === 126 ? 2 : short === 127 ? 8 : 0;
  const headLength = 2 + sizeLength + (isMasked ? 4 : 0);
  const head = bytes.subarray(at, at + headLength);
  const payloadAt = at + head.length;
  const isWhole = head.length === headLength;
  const size = !isWhole ? 0 : sizeLength === 0 ? short : bytes.subarray(at + 2, at + 2 + sizeLength)
    .reduce((sum, byte) => sum * 256 + byte, 0);
  const there = Math.min(size, bytes.length - payloadAt);
  const payload = bytes.slice(payloadAt, payloadAt + there);
  if (isMasked) { for (let i = 0; i < there; i++) payload[i]! ^= head[headLength - 4 + i % 4]!; }
  const opcode = first & 0x0f;
  const isFinal = (first & 0x80) !== 0;
  const kind = OPCODES[opcode];
  const problems = [
    isWhole ? undefined : `${head.length} of the ${headLength} bytes before a frame are there`,
    shortfall(there, size),
    kind === undefined ? `unknown opcode ${opcode}` : undefined,
    (first & 0x70) !== 0 ? "reserved bits: an extension, such as compression" : undefined,
  ];
  const part: Part = {
    at,
    bytes: head,
    kind: "WebSocket",
    text: [
      kind ?? `opcode ${opcode}`,
      bytesText(size),
      isMasked ? "masked, shown unmasked" : "",
      isFinal ? "" : "more follow",
    ]
      .filter((one) => one !== "").join(", "),
    problem: together(problems),
    fields: { opcode, size },
  };
  return { part, payload, payloadAt, opcode, isFinal, isCut: there < size };
}

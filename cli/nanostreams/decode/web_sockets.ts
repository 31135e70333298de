/* SP and ZWS on WebSockets: which of them, the upgrade says (sp-websocket-mapping-01, RFC 45). */
import { COMMAND, MORE } from "../../../zmtp/wire/frames.ts";
import { body } from "./body.ts";
import type { Part } from "./part.ts";
import { counterpart, decodeSpMessage, protocolNamed } from "./sp.ts";
import { beginsAsHttp, httpHead, type WebSocketFrame, webSocketFrames } from "./web_socket.ts";
import { decodeFrames, type RawFrame, typeTold } from "./zmtp.ts";

type Ends<T> = readonly [T, T];

const SP_SUFFIX = ".sp.nanomsg.org";
const [CONTINUATION, TEXT, BINARY] = [0, 1, 2];

/** Takes both ends apart. */
export function decodeWebSockets(ends: Ends<Uint8Array<ArrayBuffer>>): Ends<readonly Part[]> {
  const heads = ends.map((bytes) => beginsAsHttp(bytes) ? httpHead(bytes) : undefined);
  const response = heads.find((head) => head?.start.startsWith("HTTP/"));
  const agreed = (response ?? heads[0] ?? heads[1])?.headers.get("sec-websocket-protocol") ?? "";
  const isUpgraded = response === undefined || / 101\b/.test(response.start);
  const frames = ends.map((bytes, end) =>
    isUpgraded ? webSocketFrames(bytes, heads[end]?.next ?? 0) : []
  );
  const decode = agreed.startsWith("ZWS2.0") ? zws(agreed, frames) : sp(agreed, heads, frames);
  const parts = ends.map((bytes, end): readonly Part[] => {
    const head = heads[end];
    const rest = isUpgraded ? decode(end as 0 | 1) : behind(bytes, head?.next ?? 0);
    return head === undefined ? rest : [head.part, ...rest];
  });
  return [parts[0]!, parts[1]!];
}

/** What follows where no WebSocket came of it. */
function behind(bytes: Uint8Array<ArrayBuffer>, at: number): Part[] {
  return at < bytes.length ? [body(bytes.subarray(at), at)] : [];
}

/** A message is a WebSocket message; the subprotocol is called after the server. */
function sp(
  agreed: string,
  heads: readonly ({ readonly start: string } | undefined)[],
  frames: readonly (readonly WebSocketFrame[])[],
): (end: 0 | 1) => Part[] {
  const name = agreed.toLowerCase();
  const server = protocolNamed(name.endsWith(SP_SUFFIX) ? name.slice(0, -SP_SUFFIX.length) : "");
  return (end) => {
    const isServer = heads[end]?.start.startsWith("HTTP/") ??
      heads[1 - end]?.start.startsWith("HTTP/") === false;
    const protocol = isServer ? server : counterpart(server);
    let message = 0;
    return frames[end]!.map((frame) => {
      const { part, payload, payloadAt, opcode, isCut } = frame;
      if (opcode !== TEXT && opcode !== BINARY) return control(frame);
      message++;
      return { ...part, message, parts: decodeSpMessage(payload, payloadAt, protocol, isCut) };
    });
  };
}

/** A ZMTP frame is a WebSocket message, behind its flags. */
function zws(agreed: string, ends: readonly (readonly WebSocketFrame[])[]): (end: 0 | 1) => Part[] {
  const mechanism = agreed.split("/")[1] ?? "";
  const raw = ends.map((frames) => frames.map(rawFrame));
  const types = ends.map((frames) => webSocketType(frames, mechanism));
  return (end) => {
    const own = raw[end]!;
    const inner = own.filter((frame) => frame !== undefined);
    const bare = mechanism === "" ? inner.splice(0, 1) : [];
    const parts = [
      ...bare.map(greeting),
      ...decodeFrames(inner, { mechanism, type: types[end], peerType: types[1 - end] }),
    ];
    let next = 0;
    return ends[end]!.map((frame, i) =>
      own[i] === undefined ? control(frame) : { ...frame.part, parts: [parts[next++]!] }
    );
  };
}

/** The type that a ZMTP socket tells, if it has. */
export function webSocketType(
  frames: readonly WebSocketFrame[],
  mechanism = "NULL",
): string | undefined {
  const first = frames.slice(0, 4).map(rawFrame);
  return first.map((frame) => frame && typeTold(frame, mechanism)).find((type) =>
    type !== undefined
  );
}

function rawFrame({ payload, payloadAt, opcode, isCut }: WebSocketFrame): RawFrame | undefined {
  if (opcode !== BINARY && opcode !== TEXT || payload.length === 0) return undefined;
  const flags = payload[0]!;
  const frame = payload.subarray(1);
  return {
    at: payloadAt,
    head: payload.subarray(0, 1),
    // Bit 1 says that it is a command, where the flags of other transports have bit 2.
    flags: (flags & 0xf8) | (flags & MORE) | ((flags & 2) !== 0 ? COMMAND : 0),
    body: frame,
    bodyAt: payloadAt + 1,
    size: frame.length,
    problem: isCut ? "its end is missing" : undefined,
  };
}

/** Where there is no mechanism, each end begins with its routing id. */
function greeting({ at, head, body: id, bodyAt }: RawFrame): Part {
  const parts = id.length === 0 ? [] : [body(id, bodyAt, "routing id")];
  return {
    at,
    bytes: head,
    kind: "ZWS greeting",
    text: id.length === 0 ? "no routing id" : "",
    parts,
  };
}

/** Pings and the like, and what is left of a message that was begun. */
function control({ part, payload, payloadAt, opcode }: WebSocketFrame): Part {
  const isEmpty = opcode === BINARY && payload.length === 0;
  const problem = isEmpty ? "an empty message, expected flags and a frame" : part.problem;
  const kind = opcode === CONTINUATION ? "continued" : "payload";
  const parts = payload.length === 0 ? [] : [body(payload, payloadAt, kind)];
  return { ...part, parts, ...(problem !== undefined && { problem }) };
}

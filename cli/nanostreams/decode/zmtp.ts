/* ZMTP's wire: a greeting, then frames, which are commands or parts of messages (RFC 37). */
import { COMMAND, LONG, MORE, readSize } from "../../../zmtp/wire/frames.ts";
import { body, shown } from "./body.ts";
import { bytesText, hexNumber, type Part, shortfall, together } from "./part.ts";
import { commandName, decodeCommand, HANDSHAKE, printable } from "./zmtp_commands.ts";
import { beginsAsZmtp, zmtpGreeting } from "./zmtp_greeting.ts";

/** What is known of an end from elsewhere. */
export interface ZmtpHints {
  /** `NULL`, `PLAIN`, `CURVE`. */
  readonly mechanism?: string | undefined;
  /** Its socket's type. */
  readonly type?: string | undefined;
  /** The type opposite. */
  readonly peerType?: string | undefined;
}

/** A frame as it lies there. */
export interface RawFrame {
  readonly at: number;
  /** What stands before its body. */
  readonly head: Uint8Array;
  readonly flags: number;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Where its body begins. */
  readonly bodyAt: number;
  /** How long it says it is. */
  readonly size: number;
  readonly problem?: string | undefined;
}

/** Takes apart what one end said. */
export function decodeZmtp(bytes: Uint8Array<ArrayBuffer>, hints: ZmtpHints = {}): Part[] {
  if (!beginsAsZmtp(bytes)) return decodeFrames(scan(bytes, 0), hints);
  const { part, next, version, mechanism, type } = zmtpGreeting(bytes);
  if (version !== "2.0") {
    return [part, ...decodeFrames(scan(bytes, next), { ...hints, mechanism })];
  }
  const [first, ...frames] = scan(bytes, next);
  const identity = first === undefined
    ? []
    : [framePart(first, "identity", shown(first.body), payload(first, "routing id"))];
  return [part, ...identity, ...decodeFrames(frames, { type, ...hints })];
}

/** What both ends of a connection can know of each other. */
export function learn(bytes: Uint8Array<ArrayBuffer>): ZmtpHints {
  if (!beginsAsZmtp(bytes) || bytes.length < 12) return {};
  const { next, mechanism, type } = zmtpGreeting(bytes);
  if (type !== undefined) return { type };
  const told = scan(bytes, next, 4).map((frame) => typeTold(frame, mechanism));
  return { mechanism, type: told.find((one) => one !== undefined) };
}

/** The socket type that a frame tells, if it is READY or INITIATE and can be read. */
export function typeTold({ body, bodyAt }: RawFrame, mechanism?: string): string | undefined {
  const name = commandName(body);
  if (mechanism === "CURVE" || (name !== "READY" && name !== "INITIATE")) return undefined;
  return decodeCommand(body, bodyAt, mechanism, false).metadata?.get("socket-type");
}

/** Finds the frames of a byte stream. */
function scan(bytes: Uint8Array<ArrayBuffer>, from: number, most = Infinity): RawFrame[] {
  const frames: RawFrame[] = [];
  for (let at = from; at < bytes.length && frames.length < most;) {
    const flags = bytes[at]!;
    const headLength = (flags & LONG) === 0 ? 2 : 9;
    const head = bytes.subarray(at, at + headLength);
    const bodyAt = at + head.length;
    const isWhole = head.length === headLength;
    const size = isWhole ? readSize(bytes, at) : 0;
    const there = Math.min(size, bytes.length - bodyAt);
    const problem = !isWhole
      ? `${head.length} of the ${headLength} bytes before a frame are there`
      : shortfall(there, size);
    const body = bytes.subarray(bodyAt, bodyAt + there);
    frames.push({ at, head, flags, body, bodyAt, size, problem });
    at = bodyAt + there;
  }
  return frames;
}

/** Takes frames apart; a part for each. */
export function decodeFrames(frames: readonly RawFrame[], hints: ZmtpHints): Part[] {
  const parts: Part[] = new Array(frames.length);
  /** Those of the message under way, by their places. */
  let message: number[] = [];
  let count = 0;
  let { type } = hints;
  let hasGreeted = false;
  const finish = (): void => {
    if (message.length === 0) return;
    count++;
    const own = message.map((place) => frames[place]!);
    messageParts(own, count, { ...hints, type }).forEach((part, i) => parts[message[i]!] = part);
    message = [];
  };
  frames.forEach((frame, place) => {
    const name = isCommand(frame, hints.mechanism, hasGreeted);
    if (name === undefined) {
      message.push(place);
      if ((frame.flags & MORE) === 0) finish();
      return;
    }
    if (name === "READY" || name === "INITIATE") {
      type = typeTold(frame, hints.mechanism) ?? type;
      hasGreeted = true;
    }
    parts[place] = commandPart(frame, hints.mechanism);
  });
  finish();
  return parts;
}

/** The name of a command, empty if it has none; undefined if it is a frame of a message. */
function isCommand(
  { flags, body }: RawFrame,
  mechanism: string | undefined,
  hasGreeted: boolean,
): string | undefined {
  const name = commandName(body);
  if ((flags & COMMAND) !== 0) return name ?? "";
  // CURVE's traffic goes without the flag, and libzmq takes a handshake without it.
  const isTraffic = mechanism === "CURVE" && name === "MESSAGE";
  const isHandshake = !hasGreeted && name !== undefined && HANDSHAKE.has(name);
  return isTraffic || isHandshake ? name : undefined;
}

function commandPart(frame: RawFrame, mechanism: string | undefined): Part {
  const { flags, body, bodyAt, size } = frame;
  const isCut = body.length < size;
  const { name, text, problem, fields, parts } = decodeCommand(body, bodyAt, mechanism, isCut);
  const isBare = (flags & COMMAND) === 0 && name !== "MESSAGE";
  const problems = [
    problemOfFlags(flags),
    isBare ? "its frame is not flagged as a command" : undefined,
    (flags & COMMAND) !== 0 && (flags & MORE) !== 0 ? "a command with the flag MORE" : undefined,
    problem,
  ];
  const shownText = text === "" ? bytesText(size) : text;
  return framePart(
    frame,
    `command ${name === "" ? "" : printable(name)}`.trim(),
    shownText,
    parts,
    problems,
    fields,
  );
}

/** The frames of one message. */
function messageParts(frames: readonly RawFrame[], count: number, hints: ZmtpHints): Part[] {
  const { type, peerType } = hints;
  const first = frames[0]!;
  const isSubscription = frames.length === 1 && first.body.length > 0 && first.body[0]! <= 1 &&
    (type === "SUB" || type === "XSUB" || peerType === "PUB" || peerType === "XPUB");
  if (isSubscription) return [subscriptionPart(first)];
  const isAsked = [type, peerType].some((one) => one === "REQ" || one === "REP");
  const delimiter = isAsked ? frames.findIndex(({ size }) => size === 0) : -1;
  return frames.map((frame, i) => {
    const isLast = i === frames.length - 1;
    const hasMore = (frame.flags & MORE) !== 0;
    const place = frames.length === 1 && !hasMore ? "" : `, frame ${i + 1}`;
    const role = i < delimiter
      ? frame.size === 4 ? "routing id, or request id" : "routing id"
      : i === delimiter
      ? "delimiter"
      : "body";
    const problems = [
      problemOfFlags(frame.flags),
      isLast && hasMore ? "the frames that follow are missing" : undefined,
      isLast && !hasMore && isAsked && delimiter < 0 ? "no empty frame before the body" : undefined,
    ];
    const kind = `message ${count}${place}`;
    const more = hasMore ? ", more follow" : "";
    const text = i === delimiter ? "the delimiter" : bytesText(frame.size);
    const parts = payload(frame, role);
    return {
      ...framePart(frame, kind, `${text}${more}`, parts, problems, { role }),
      message: count,
    };
  });
}

/** A subscription said as data, as before ZMTP 3.1 and by XSUB. */
function subscriptionPart(frame: RawFrame): Part {
  const action = frame.body.subarray(0, 1);
  const bytes = frame.body.subarray(1);
  const kind = action[0] === 1 ? "subscribe" : "cancel";
  const what = bytes.length === 0 ? "everything" : shown(bytes);
  return framePart(
    frame,
    kind,
    what,
    [
      { at: frame.bodyAt, bytes: action, kind: "action", text: kind },
      ...(bytes.length > 0 ? [body(bytes, frame.bodyAt + 1, "prefix")] : []),
    ],
    [problemOfFlags(frame.flags)],
  );
}

function framePart(
  { at, head, size, problem }: RawFrame,
  kind: string,
  text: string,
  parts: readonly Part[],
  problems: readonly (string | undefined)[] = [],
  fields: Readonly<Record<string, unknown>> = {},
): Part {
  return {
    at,
    bytes: head,
    kind,
    text,
    problem: together([...problems, problem]),
    fields: { size, ...fields },
    parts,
  };
}

function payload({ body: bytes, bodyAt }: RawFrame, role: string): Part[] {
  return bytes.length === 0 ? [] : [body(bytes, bodyAt, role)];
}

function problemOfFlags(flags: number): string | undefined {
  const isReserved = (flags & ~(MORE | LONG | COMMAND)) !== 0;
  return isReserved ? `flags ${hexNumber(flags, 2)}: reserved bits` : undefined;
}

/* How a message is printed: a message in, the bytes of standard output out. */
import { Buffer } from "node:buffer";
import { EXIT, Failure } from "../ends.ts";
import type { Flags } from "../invocation.ts";
import type { Arrived, Frames } from "../messages.ts";
import { decode, escaped, escapedBytes, escapedJson, isBinary } from "./text.ts";

/** A message, and what is known of it when it is printed. */
export interface Printed extends Arrived {
  /** The how manieth it is, from 1. */
  readonly n: number;
  readonly time: string;
}

/** Makes bytes of a message. */
export type Format = (message: Printed) => Uint8Array;

/** As much of a binary message as a terminal is shown, in bytes. */
const GLIMPSE = 64;

/** Where it is printed, and what was asked for. */
interface Place {
  readonly flags: Flags;
  readonly isTerminal: boolean;
}

const line = (text: string): Uint8Array => Buffer.from(`${text}\n`);
const sizeOf = (frames: Frames): number => frames.reduce((sum, { length }) => sum + length, 0);
const whole = (frames: Frames): Uint8Array =>
  frames.length === 1 ? frames[0]! : Buffer.concat(frames);
const encoded = (frames: Frames, encoding: "hex" | "base64"): string =>
  frames.map((frame) => Buffer.from(frame).toString(encoding)).join(",");

/** The format that the flags ask for. @param template What is printed if they ask for none. */
export function formatOf(place: Place, template?: string): Format {
  const { flags } = place;
  if (flags.has("json")) return json(flags.all("subscribe"));
  if (flags.has("raw")) return raw(place);
  const wanted = flags.text("template") ?? (flags.has("hex") ? undefined : template);
  if (wanted !== undefined) return filled(wanted, place);
  const format = flags.has("hex")
    ? ({ frames }: Printed) => encoded(frames, "hex")
    : ({ frames }: Printed) => shown(frames, place);
  return flags.has("timestamp")
    ? (message) => line(`${message.time} ${format(message)}`)
    : (message) => line(format(message));
}

/** As text, frames with tabs between them. The newline that a text ends with is that of its line. */
function shown(frames: Frames, place: Place): string {
  return frames.map((frame, at) => shownFrame(frame, at === frames.length - 1, place)).join("\t");
}

function shownFrame(frame: Uint8Array, isLast: boolean, { flags, isTerminal }: Place): string {
  const isCut = isTerminal && frame.length > GLIMPSE && !flags.has("force") && isBinary(frame);
  if (isCut) {
    const start = escapedBytes(frame.subarray(0, GLIMPSE), true);
    return `${start}… (binary, ${frame.length} bytes; --force, --hex and --json print all)`;
  }
  const text = decode(frame);
  if (text === undefined) return escapedBytes(frame, isTerminal);
  return escaped(isLast && text.endsWith("\n") ? text.slice(0, -1) : text, isTerminal);
}

/** One object a line. */
function json(prefixes: readonly string[]): Format {
  return ({ frames, n, time, peer }) => {
    const topic = topicOf(frames, prefixes);
    const body = frames.length === 1 ? content(frames[0]!) : { frames: frames.map(frameJson) };
    const size = sizeOf(frames);
    return line(escapedJson(JSON.stringify({ time, n, peer, size, topic, ...body })));
  };
}

function content(frame: Uint8Array): object {
  const data = decode(frame);
  return data === undefined ? { base64: Buffer.from(frame).toString("base64") } : { data };
}

function frameJson(frame: Uint8Array): unknown {
  return decode(frame) ?? content(frame);
}

/** What a message is about: its first frame of several, or the longest prefix that was subscribed to. */
function topicOf(frames: Frames, prefixes: readonly string[]): string | undefined {
  const first = frames[0]!;
  if (frames.length > 1) return decode(first);
  const bytes = Buffer.from(first.buffer, first.byteOffset, first.length);
  return prefixes.filter((prefix) =>
    prefix !== "" && bytes.subarray(0, Buffer.byteLength(prefix)).equals(Buffer.from(prefix))
  ).sort((a, b) => b.length - a.length)[0];
}

/** The bytes as they are. */
function raw({ flags, isTerminal }: Place): Format {
  const isGuarded = isTerminal && !flags.has("force");
  return ({ frames }) => {
    const bytes = whole(frames);
    if (isGuarded && isBinary(bytes)) {
      const what = `a message of ${bytes.length} bytes is binary, and would confuse the terminal`;
      throw new Failure(EXIT.failed, `${what}: --hex shows it, --force prints it all the same`);
    }
    return bytes;
  };
}

/** A template with its places filled in. */
function filled(template: string, place: Place): Format {
  const prefixes = place.flags.all("subscribe");
  const places: Readonly<Record<string, (message: Printed) => string>> = {
    data: ({ frames }) => shown(frames, place),
    hex: ({ frames }) => encoded(frames, "hex"),
    base64: ({ frames }) => encoded(frames, "base64"),
    n: ({ n }) => String(n),
    time: ({ time }) => time,
    peer: ({ peer }) => peer ?? "",
    size: ({ frames }) => String(sizeOf(frames)),
    topic: ({ frames }) => escaped(topicOf(frames, prefixes) ?? "", place.isTerminal),
  };
  return (message) =>
    line(template.replaceAll(/\{\{(\w+)\}\}/g, (all, name) => places[name]?.(message) ?? all));
}

/* A conversation as JSON: an object a part. */
import { Buffer } from "node:buffer";
import { escapedJson } from "../output/text.ts";
import type { Decoded } from "./conversation.ts";
import type { Part } from "./part.ts";

/** Where a conversation was. */
export interface Place {
  /** Of several, which; from 1. */
  readonly connection?: number;
  /** The ends, where they are known. */
  readonly ends?: readonly [string, string];
}

/** A line for each part. */
export function* jsonLines(decoded: Decoded, { connection, ends }: Place): Generator<string> {
  for (const { end, part, time } of decoded.lines) {
    const line = JSON.stringify({
      connection,
      wire: decoded.wire ?? null,
      end,
      from: ends?.[end],
      to: ends?.[1 - end],
      time: time === undefined ? undefined : timeOf(time),
      ...partOf(part),
    });
    yield escapedJson(line);
  }
}

/** As other subcommands print times; a number is what no date can be. */
function timeOf(seconds: number): string | number {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? seconds : date.toISOString();
}

function partOf(part: Part): Record<string, unknown> {
  const { at, bytes, kind, text, problem, message, isSecret, fields, parts = [] } = part;
  return {
    at,
    kind,
    text,
    problem,
    message,
    ...(isSecret ? { size: bytes.length, secret: true } : { hex: hexOf(bytes) }),
    ...(isSecret ? {} : fields),
    parts: parts.length === 0 ? undefined : parts.map(partOf),
  };
}

function hexOf({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString("hex");
}

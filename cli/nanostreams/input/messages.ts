/* What is sent: --data, --file, or standard input. */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { EXIT, Failure } from "../ends.ts";
import type { Flags, Invocation } from "../invocation.ts";
import type { Frames } from "../messages.ts";
import { type Decoder, decoderOf } from "./decoders.ts";
import { EndedBy, LengthPrefixed, type Splitter } from "./splitters.ts";
import { chunksOf, readAll } from "./stdin.ts";
import { expand } from "./templates.ts";

/** Messages between two looks at the event loop, where nothing else makes the sender wait. */
const BURST = 64;

/** A message that is sent again and again, and where it is from. */
interface Template {
  readonly bytes: Uint8Array;
  readonly decode: Decoder;
  readonly isFilled: boolean;
}

/** Whether messages come from flags, and not from standard input. */
export function hasOwnData(flags: Flags): boolean {
  return flags.all("data").length > 0 || flags.all("file").length > 0;
}

/** How many messages there are to be. */
export interface Amount {
  /** Not more than so many; default `Infinity`. */
  readonly limit?: number;
  /** Whether --data and --file are handed out again and again, however often --repeat says, one message at a time. */
  readonly isEndless?: boolean;
}

/**
 * The messages to be sent, some at a time: standard input is read on when those are taken. Ends early, in order, when `stop` is
 * aborted: what was read is handed out.
 */
export async function* messagesOf(
  invocation: Invocation,
  stop: AbortSignal,
  { limit = Infinity, isEndless = false }: Amount = {},
): AsyncGenerator<Frames[]> {
  let left = limit;
  const { flags } = invocation;
  const rounds = isEndless ? Infinity : flags.number("repeat");
  const isAgain = limit < Infinity || isPaced(flags);
  const size = isPaced(flags) || isEndless ? 1 : BURST;
  const messages = hasOwnData(flags)
    ? ownData(invocation, stop, rounds ?? (isAgain ? Infinity : 1), size)
    : standardInput(invocation, stop);
  if (left === 0) return;
  for await (const batch of messages) {
    if (batch.length >= left) {
      yield batch.slice(0, left);
      return;
    }
    left -= batch.length;
    yield batch;
  }
}

/** @param size How many messages are handed out at once; one, if there is a pause between them: its time is its own. */
async function* ownData(
  invocation: Invocation,
  stop: AbortSignal,
  rounds: number,
  size: number,
): AsyncGenerator<Frames[]> {
  const templates = await templatesOf(invocation, stop);
  let n = 0;
  let batch: Frames[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const { bytes, decode, isFilled } of templates) {
      if (stop.aborted) return;
      n++;
      batch.push(decode(isFilled ? expand(bytes, n) : bytes));
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

const isPaced = (flags: Flags): boolean => flags.has("interval") || flags.has("rate");

async function templatesOf(
  { flags, stdin }: Invocation,
  stop: AbortSignal,
): Promise<Template[]> {
  const decode = decoderOf(flags);
  const texts = flags.all("data").map((text) => ({
    bytes: new TextEncoder().encode(text),
    decode: named(decode, () => "--data", EXIT.usage),
    isFilled: text.includes("{{"),
  }));
  const files = flags.all("file").map(async (path) => ({
    bytes: path === "-" ? await readAll(stdin, stop) : await readWhole(path),
    decode: (bytes: Uint8Array) => [bytes],
    isFilled: false,
  }));
  return [...texts, ...await Promise.all(files)];
}

async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const what = `cannot read --file ${JSON.stringify(path)}: ${(cause as Error).message}`;
    throw new Failure(EXIT.failed, what, { cause });
  }
}

async function* standardInput(
  { flags, stdin }: Invocation,
  stop: AbortSignal,
): AsyncGenerator<Frames[]> {
  if (flags.has("repeat")) {
    throw new Failure(EXIT.usage, "--repeat needs --data or --file: standard input is read once");
  }
  const splitter = splitterOf(flags);
  const isFilled = flags.has("expand");
  const unit = flags.has("null") || flags.has("length-prefixed") ? "message" : "line";
  let n = 0;
  const decode = named(decoderOf(flags), () => `${unit} ${n} of standard input`, EXIT.failed);
  const take = function* (messages: Uint8Array[]): Generator<Frames[]> {
    const taken: Frames[] = [];
    try {
      for (const message of messages) {
        n++;
        taken.push(decode(isFilled ? expand(message, n) : message));
      }
    } finally {
      // Also what stands before a message that is wrong.
      if (taken.length > 0) yield taken;
    }
  };
  for await (const chunk of chunksOf(stdin, stop)) yield* take(splitter.push(chunk));
  if (!stop.aborted) yield* take(splitter.end());
  else if (splitter.left > 0) {
    const what = "were read of a message that is not complete, and are not sent";
    process.stderr.write(`nanostreams: ${splitter.left} bytes ${what}\n`);
  }
}

function splitterOf(flags: Flags): Splitter {
  if (flags.has("length-prefixed")) return new LengthPrefixed();
  return flags.has("null") ? new EndedBy(0, "message") : new EndedBy(10, "line");
}

/** A decoder that says where the message was that is wrong. */
function named(decode: Decoder, where: () => string, status: number): Decoder {
  return (line) => {
    try {
      return decode(line);
    } catch (cause) {
      throw new Failure(status, `${where()} is ${(cause as Error).message}`, { cause });
    }
  };
}

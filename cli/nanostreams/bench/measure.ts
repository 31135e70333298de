/* The end that connects: counts what comes, or asks. */
import { EXIT, Failure } from "../ends.ts";
import type { Frames } from "../messages.ts";
import type { Report } from "../report/open.ts";
import type { Conversation } from "../sockets.ts";
import { codeOf } from "../run/errors.ts";
import { type Latency, Times } from "./result.ts";
import { clock, stampOf } from "./stamps.ts";

/** How long the first messages are left out when there is a time to measure, in milliseconds. */
const WARM_UP = 250;

/** How much is measured. */
export interface Amount {
  /** Messages; `Infinity` if time is what ends it. */
  readonly count: number;
  /** Milliseconds; `Infinity` if the count is what ends it. */
  readonly time: number;
  /** Milliseconds after which nothing will come any more. */
  readonly timeout: number;
  readonly stop: AbortSignal;
  readonly report: Report;
}

/** What was counted. */
export interface Counted {
  readonly messages: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly lost?: number | undefined;
  readonly latency?: Latency | undefined;
}

const sizeOf = (frames: Frames): number => frames.reduce((sum, { length }) => sum + length, 0);

/** Counts what comes. @param isOneClock Whether the times of stamps are those of this machine. */
export async function measureReceiving(
  { receive }: Conversation,
  amount: Amount,
  isOneClock: boolean,
): Promise<Counted> {
  const { count, time, timeout, stop, report } = amount;
  const next = patient(amount, () => receive!({ signal: stop, timeout }));
  const times = new Times();
  const start = await begin(next, time);
  if (start === undefined) return { messages: 0, bytes: 0, seconds: 0 };
  let [messages, bytes, first, last, stamped] = [0, 0, -1, -1, 0];
  let now = start;
  while (messages < count && now - start < time && !stop.aborted) {
    const batch = await next();
    if (batch === undefined) break;
    const wall = clock();
    for (const { frames } of batch) {
      messages++;
      bytes += sizeOf(frames);
      const stamp = stampOf(frames[0]!);
      if (stamp !== undefined) {
        if (first < 0) first = stamp.number;
        last = stamp.number;
        stamped++;
        if (isOneClock) times.add(wall - stamp.time);
      }
      if (messages === count) break;
    }
    report.done = messages;
    now = performance.now();
  }
  const seconds = (now - start) / 1000;
  const lost = stamped === 0 ? undefined : last - first + 1 - stamped;
  return { messages, bytes, seconds, lost, latency: times.latency("one-way") };
}

/** Asks again and again, and takes the time. */
export async function measureAsking(
  { request }: Conversation,
  amount: Amount,
  size: number,
  concurrency: number,
): Promise<Counted> {
  const { count, time, timeout, stop, report } = amount;
  const message = [new Uint8Array(size)];
  const ask = patient(amount, () => request!(message, { signal: stop, timeout }));
  const times = new Times();
  const start = await begin(ask, time);
  if (start === undefined) return { messages: 0, bytes: 0, seconds: 0 };
  let [asked, messages, bytes] = [0, 0, 0];
  const asker = async (): Promise<void> => {
    while (asked < count && performance.now() - start < time && !stop.aborted) {
      asked++;
      const before = performance.now();
      const reply = await ask();
      if (reply === undefined) return;
      times.add(performance.now() - before);
      messages++;
      bytes += sizeOf(reply.frames);
      report.done = messages;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, asker));
  const seconds = (performance.now() - start) / 1000;
  return { messages, bytes, seconds, latency: times.latency("round-trip") };
}

/** Waits for the first, and lets the others warm up if there is a time to measure. Returns when it begins; undefined if it is stopped. */
async function begin(
  step: () => Promise<unknown>,
  time: number,
): Promise<number | undefined> {
  if (await step() === undefined) return undefined;
  const start = performance.now();
  if (time === Infinity) return start;
  while (performance.now() - start < WARM_UP) {
    if (await step() === undefined) return undefined;
  }
  return performance.now();
}

/** Explains what takes too long; undefined if it was stopped. */
function patient<T>(
  { timeout, stop }: Amount,
  step: () => Promise<T>,
): () => Promise<T | undefined> {
  return async () => {
    try {
      return await step();
    } catch (cause) {
      if (stop.aborted) return undefined;
      if (codeOf(cause) !== "ETIMEDOUT") throw cause;
      const what =
        `nothing has come for ${timeout} ms: is the other end there, with the same --pattern and --wire?`;
      throw new Failure(EXIT.unanswered, what, { cause });
    }
  };
}

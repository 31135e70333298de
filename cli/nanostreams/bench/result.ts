/* What a bench has found out, as text and as JSON. */
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { Paint } from "../report/colours.ts";
import { bytes, count, time } from "../report/figures.ts";

/** How long messages take, in milliseconds. */
export interface Latency {
  /** A request and its reply, or one way, with the time in queues. */
  readonly kind: "round-trip" | "one-way";
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What was measured. */
export interface Result {
  readonly url: string;
  readonly wire: string;
  readonly pattern: string;
  /** Bytes of a message, on the average. */
  readonly size: number;
  readonly messages: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** Messages that were sent and have not come, where that can be known. */
  readonly lost?: number;
  readonly latency?: Latency;
}

/** Collects times, as many as there are. */
export class Times {
  /** In nanoseconds: a histogram takes whole numbers above 0. */
  readonly #histogram: RecordableHistogram = createHistogram();

  /** Adds a time in milliseconds. */
  add(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * 1e6)));
  }

  /** What they come to; undefined if there are none. */
  latency(kind: Latency["kind"]): Latency | undefined {
    const histogram = this.#histogram;
    if (histogram.count === 0) return undefined;
    const at = (share: number): number => histogram.percentile(share) / 1e6;
    return { kind, p50: at(50), p99: at(99), max: histogram.max / 1e6 };
  }
}

/** What was measured, from what was counted. */
export function resultOf(
  what: Pick<Result, "url" | "wire" | "pattern" | "messages" | "bytes" | "seconds">,
  more: { readonly lost?: number | undefined; readonly latency?: Latency | undefined },
): Result {
  const { messages, bytes: size, seconds } = what;
  const { lost, latency } = more;
  return {
    ...what,
    size: messages === 0 ? 0 : Math.round(size / messages),
    messagesPerSecond: seconds === 0 ? 0 : messages / seconds,
    bytesPerSecond: seconds === 0 ? 0 : size / seconds,
    ...(lost !== undefined && { lost }),
    ...(latency !== undefined && { latency }),
  };
}

/** A few lines for people. */
export function shown(result: Result, paint: Paint): string {
  const { url, wire, pattern, size, messages, seconds, lost, latency } = result;
  const noun = pattern === "reqrep" ? "round trips" : "messages";
  const rows: [string, string][] = [
    [noun, `${count(messages)} in ${time(seconds * 1000)}`],
    [
      "throughput",
      `${count(result.messagesPerSecond)} msg/s, ${bytes(result.bytesPerSecond)}/s`,
    ],
  ];
  if (latency !== undefined) {
    const { kind, p50, p99, max } = latency;
    const what = kind === "one-way" ? " (one way, with the time in queues)" : "";
    rows.push(["latency", `p50 ${time(p50)}, p99 ${time(p99)}, max ${time(max)}${what}`]);
  }
  if (lost !== undefined && lost > 0) rows.push(["lost", count(lost)]);
  const head = `${pattern}, ${wire}, ${url}, ${bytes(size)} a message`;
  return [
    paint("bold", head),
    ...rows.map(([name, text]) => `  ${name.padEnd(13)}${text}`),
    "",
  ].join("\n");
}

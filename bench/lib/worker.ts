/**
 * What every TypeScript worker of the bench shares: its command line `ROLE key=value …`, the measured window, latencies,
 * memory figures, and the JSON lines on stdout. `../peers/worker.h` is the same in C.
 *
 * @module
 */
import { readFileSync, writeSync } from "node:fs";
import process from "node:process";

/** A worker's command line. */
export interface Settings {
  /** What this process does: see the list in ../README.md. */
  readonly role: string;
  /** Where to bind or to connect, as an SP address. */
  readonly address: string;
  /** Bytes of a message. */
  readonly size: number;
  /** Milliseconds that pass before anything counts. */
  readonly warmup: number;
  /** Milliseconds that count. */
  readonly duration: number;
  /** How many sockets, peers, prefixes or requests in flight: see the role. */
  readonly count: number;
  /** Which face of the library is used. */
  readonly face: "streams" | "calls" | "batches";
  /** Of the slow reader. */
  readonly pattern: "pipeline" | "pubsub";
}

/** What a role does; it ends the process itself, or runs until the bench ends it. */
export type Role = (settings: Settings) => Promise<void>;

/** Runs the role that the command line names. */
export function runWorker(roles: Readonly<Record<string, Role>>): void {
  const [name = "", ...pairs] = process.argv.slice(2);
  const given = Object.fromEntries(pairs.map((pair) => pair.split("=", 2)));
  const role = roles[name];
  if (role === undefined) {
    console.error(`Unknown role "${name}"`);
    process.exit(1);
  }
  process.stdin.on("data", takeCue);
  process.stdin.on("end", () => process.exit(0)); // so that no worker outlives the bench
  const settings: Settings = {
    role: name,
    address: given.address ?? "",
    size: Number(given.size ?? 64),
    warmup: Number(given.warmup ?? 200),
    duration: Number(given.duration ?? 500),
    count: Number(given.count ?? 1),
    face: given.face ?? "streams",
    pattern: given.pattern ?? "pipeline",
  };
  role(settings).catch((error) => {
    console.error(error);
    process.exit(1);
  });
}

let cues = 0;
let cueWaiter: (() => void) | undefined;

function takeCue(): void {
  cues++;
  cueWaiter?.();
}

/** Resolves when the bench writes to this worker's stdin. */
export async function cue(): Promise<void> {
  while (cues === 0) await new Promise<void>((resolve) => (cueWaiter = resolve));
  cues--;
}

/** Writes one JSON line. */
export function say(line: Readonly<Record<string, number>>): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

/** Writes the result, and ends the process at once. */
export function finish(result: Readonly<Record<string, number>>): never {
  say({ ...result, peakRss: peakMemory() });
  process.exit(0);
}

/** Resolves when the process ends, which is when the bench says so. */
export function untilTheEnd(): Promise<never> {
  return new Promise(() => {});
}

/** Resolves after the input and output that is due has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Resolves after so many milliseconds. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The measured window: from the first message after the warm-up to the last one. */
export class Meter {
  readonly #settings: Settings;
  readonly #stride: number;
  #untilCheck = 1;
  #opened = 0;
  #started = 0;
  #ended = 0;
  #count = 0;
  #bytes = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#stride = settings.size >= 16384 ? 1 : 64; // the clock is read once in so many messages
  }

  /** Counts a message; true once the window is over. */
  add(bytes: number): boolean {
    this.#count++;
    this.#bytes += bytes;
    if (--this.#untilCheck > 0) return false;
    this.#untilCheck = this.#stride;
    return this.#check();
  }

  #check(): boolean {
    const time = performance.now();
    if (this.#opened === 0) this.#opened = time;
    if (this.#started === 0) {
      if (time - this.#opened >= this.#settings.warmup) {
        this.#started = time;
        this.#count = this.#bytes = 0;
      }
      return false;
    }
    this.#ended = time;
    return time - this.#started >= this.#settings.duration;
  }

  /** What the harness is told. */
  get result(): { count: number; bytes: number; seconds: number } {
    const seconds = (this.#ended - this.#started) / 1e3;
    return { count: this.#count, bytes: this.#bytes, seconds };
  }
}

/** Times exchanges, one or many under way, over the same window. */
export class Stopwatch {
  readonly #settings: Settings;
  readonly #share: number;
  readonly #samples: number[] = [];
  readonly #opened = performance.now();
  #started = 0;
  #ended = 0;

  /** `share` of an exchange is what counts: 0.5 for half a round trip. */
  constructor(settings: Settings, share: number) {
    this.#settings = settings;
    this.#share = share;
  }

  /** Counts an exchange that began at `before`; true once the window is over. */
  add(before: number): boolean {
    const time = performance.now();
    if (this.#started > 0) {
      this.#samples.push((time - before) * 1e3 * this.#share);
      this.#ended = time;
      return time - this.#started >= this.#settings.duration;
    }
    if (time - this.#opened >= this.#settings.warmup) this.#started = time;
    return false;
  }

  /** What the harness is told: p50 and p99 in microseconds. */
  get result(): { count: number; seconds: number; p50: number; p99: number } {
    const sorted = Float64Array.from(this.#samples).sort();
    const at = (p: number): number => sorted[Math.floor((sorted.length - 1) * p)] ?? 0;
    const seconds = (this.#ended - this.#started) / 1e3;
    return { count: sorted.length, seconds, p50: at(0.5), p99: at(0.99) };
  }
}

/** A "Vm…" line of /proc/self/status, in bytes; 0 where there is no such file. */
function statusBytes(field: string): number {
  try {
    const line = new RegExp(`${field}:\\s*(\\d+)`).exec(readFileSync("/proc/self/status", "utf8"));
    return Number(line?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Resident memory of this process now, in bytes. */
export function currentMemory(): number {
  return statusBytes("VmRSS");
}

/** The most resident memory this process has had, in bytes. */
export function peakMemory(): number {
  return statusBytes("VmHWM");
}

/** Bytes on the heap, garbage excluded, with the buffers that hang on it. */
export function heapMemory(): number {
  const runtime = globalThis as { gc?: () => void; Bun?: { gc(sync: boolean): void } };
  if (runtime.Bun !== undefined) runtime.Bun.gc(true);
  else runtime.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** How many different topics the subscriptions part sends. */
export const topicsSent = 4096;

/** Writes topic `t/0000042/` at the start of `message`. */
export function writeTopic(message: Uint8Array, number: number): void {
  new TextEncoder().encodeInto(topic(number), message);
}

/** The prefix with this number. */
export function topic(number: number): string {
  return `t/${String(number).padStart(7, "0")}/`;
}

/** The topics that are sent lie all over the prefixes, so that a lookup meets cold memory. */
export function topicNumber(i: number, prefixes: number): number {
  return Number((BigInt(i) * 2654435761n) % BigInt(prefixes));
}

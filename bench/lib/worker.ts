/**
 * What every TypeScript worker of the bench shares: its command line `ROLE key=value …`, the measured window, latencies,
 * memory figures, and the JSON lines on stdout. `../peers/worker.h` is the same in C.
 *
 * @module
 */
import { readFileSync, writeSync } from "node:fs";
import process from "node:process";
import type { Face } from "./rows.ts";

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
  readonly face: Face;
  /** Of the slow reader. */
  readonly pattern: "pipeline" | "pubsub";
  /** Of VILLASnode. */
  readonly format: string;
  /** Of ZeroMQ: whether messages are encrypted. */
  readonly security: "null" | "curve";
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
    format: given.format ?? "json",
    security: given.security ?? "null",
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
  await nextWindow();
  cues--;
}

/** Resolves when the cue is there, and leaves it to who counts. */
export async function nextWindow(): Promise<void> {
  while (cues === 0) await new Promise<void>((resolve) => (cueWaiter = resolve));
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

/** Milliseconds that pass before anything counts in every window but the first: the process was stopped before it. */
const rewarmup = 25;

/**
 * The measured windows, from the first message or exchange after the warm-up to the last one. The first begins with the
 * work, each other one at a cue; what happens in between is not looked at.
 */
class Windows {
  readonly #duration: number;
  #warmup: number;
  /** When the warm-up began, or 0. */
  opened = 0;
  /** When the window began, or 0. */
  started = 0;
  #isOver = false;

  constructor({ warmup, duration }: Settings) {
    this.#warmup = warmup;
    this.#duration = duration;
  }

  /** Where a moment lies: before the window, at its beginning, within it, or at its end. */
  at(time: number): "before" | "begin" | "within" | "end" {
    if (this.#isOver) {
      if (cues === 0) return "before";
      cues--;
      this.#isOver = false;
      this.#warmup = rewarmup;
      this.opened = this.started = 0;
    }
    if (this.opened === 0) this.opened = time;
    if (this.started === 0) {
      if (time - this.opened < this.#warmup) return "before";
      this.started = time;
      return "begin";
    }
    this.#isOver = time - this.started >= this.#duration;
    return this.#isOver ? "end" : "within";
  }
}

/** Counts messages, and says after each window how many there were. */
export class Meter {
  readonly #windows: Windows;
  readonly #stride: number;
  #untilCheck = 1;
  #count = 0;
  #bytes = 0;

  constructor(settings: Settings) {
    this.#windows = new Windows(settings);
    this.#stride = settings.size >= 16384 ? 1 : 64; // the clock is read once in so many messages
  }

  /** Counts a message; true at a window's end. */
  add(bytes: number): boolean {
    this.#count++;
    this.#bytes += bytes;
    if (--this.#untilCheck > 0) return false;
    this.#untilCheck = this.#stride;
    return this.#check();
  }

  #check(): boolean {
    const time = performance.now();
    const where = this.#windows.at(time);
    if (where === "begin") this.#count = this.#bytes = 0;
    else if (where === "end") {
      const seconds = (time - this.#windows.started) / 1e3;
      say({ count: this.#count, bytes: this.#bytes, seconds, peakRss: peakMemory() });
    }
    return where === "end";
  }
}

/** Times exchanges, one or many under way, and says after each window how long they took. */
export class Stopwatch {
  readonly #windows: Windows;
  readonly #share: number;
  #count = 0;
  #samples: number[] = [];

  /** `share` of an exchange is what counts: 0.5 for half a round trip. */
  constructor(settings: Settings, share: number) {
    this.#windows = new Windows(settings);
    this.#share = share;
  }

  /** Counts an exchange that began at `before`. */
  add(before: number): void {
    const time = performance.now();
    const where = this.#windows.at(time);
    if (where === "before" || where === "begin") return;
    this.#count++;
    // What was under way while the process was stopped tells nothing but how long that was.
    if (before >= this.#windows.opened) this.#samples.push((time - before) * 1e3 * this.#share);
    if (where === "end") this.#say((time - this.#windows.started) / 1e3);
  }

  /** p50 and p99 in microseconds. */
  #say(seconds: number): void {
    const sorted = Float64Array.from(this.#samples).sort();
    const at = (p: number): number => sorted[Math.floor((sorted.length - 1) * p)] ?? 0;
    say({ count: this.#count, seconds, p50: at(0.5), p99: at(0.99), peakRss: peakMemory() });
    this.#count = 0;
    this.#samples = [];
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

/** For `security=curve`: the server's key pair in zmq_curve(7). Both ends have it; the one that binds is the server. */
export const curveKeys = {
  publicKey: "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
  secretKey: "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6",
} as const;

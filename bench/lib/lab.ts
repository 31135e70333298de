import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { environment, type Row } from "./rows.ts";

/** What a worker says: one JSON line. */
export type Line = Readonly<Record<string, number>>;
/** What a worker is told, besides its role. */
export type Settings = Readonly<Record<string, string | number>>;

/** How long a worker may take for anything, in milliseconds, besides the window. */
const patience = 15_000;

const running = new Set<Worker>();
const folder = mkdtempSync(join(tmpdir(), "bench-"));
let addresses = 0;

/** The processors that all workers share: two, as many as a run has processes. */
export const processors: string | undefined = pickProcessors();

process.on("exit", cleanUp);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => process.exit(130)); // by way of the exit handler
}

function cleanUp(): void {
  for (const worker of running) worker.kill();
  rmSync(folder, { recursive: true, force: true });
}

/** The first two processors that this process may use, if there is `taskset` to say so. */
function pickProcessors(): string | undefined {
  if (spawnSync("taskset", ["--version"]).status !== 0) return undefined;
  const list = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  const all = (list ?? "").split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  return all.slice(0, 2).join(",");
}

/** An address that nobody uses. */
export async function freshAddress(transport: string): Promise<string> {
  if (transport === "ipc") return `ipc://${join(folder, `${++addresses}.ipc`)}`;
  return `${transport}://127.0.0.1:${await freePort()}`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** One process of a row, in one role. It is killed at the latest when the bench ends. */
export class Worker {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #description: string;
  readonly #lines: AsyncIterator<string>;
  readonly #exited: Promise<void>;
  #errors = "";

  /** Starts it. */
  constructor(row: Row, role: string, settings: Settings) {
    const args = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    if (row.face !== undefined) args.push(`face=${row.face}`);
    const pinned = processors === undefined ? [] : ["taskset", "--cpu-list", processors];
    const [program = "", ...rest] = [...pinned, ...row.command, role, ...args];
    this.#description = `${row.name}, ${role}`;
    this.#child = spawn(program, rest, { env: environment, stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdin.on("error", () => {}); // it may have ended already
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#errors += error.message;
        resolve();
      });
      this.#child.once("exit", () => resolve());
    });
    running.add(this);
    this.#exited.then(() => running.delete(this));
  }

  /** The next thing it says. */
  async says(within: number = patience): Promise<Line> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`${this.#description}: said nothing within ${within / 1e3} s`);
      timer = setTimeout(() => reject(error), within);
    });
    try {
      const { value, done } = await Promise.race([this.#lines.next(), late]);
      if (done !== true) return JSON.parse(value) as Line;
    } finally {
      clearTimeout(timer);
    }
    await this.#exited;
    const lines = this.#errors.trim().split("\n");
    const reason = lines.find((line) => /error/i.test(line)) ?? lines.at(-1);
    throw new Error(`${this.#description}: ended early: ${reason || "no message"}`);
  }

  /** Gives it its cue. */
  cue(): void {
    this.#child.stdin.write("\n");
  }

  /** Ends it: its stdin closes, and after a moment it is killed. */
  async end(): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.kill(), 300);
    await this.#exited;
    clearTimeout(timer);
  }

  /** Ends it the hard way. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

/** Runs `act` with workers that `act` starts; they have all ended when this resolves. */
export async function withWorkers<Result>(
  act: (start: (row: Row, role: string, settings: Settings) => Worker) => Promise<Result>,
): Promise<Result> {
  const workers: Worker[] = [];
  try {
    return await act((row, role, settings) => {
      const worker = new Worker(row, role, settings);
      workers.push(worker);
      return worker;
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
  }
}

/** One process binds, another connects; what the one says that reports. */
export function duel(
  row: Row,
  [binder, connector]: readonly [string, string],
  reporter: "binder" | "connector",
  settings: Settings,
): Promise<Line> {
  return withWorkers(async (start) => {
    const first = start(row, binder, settings);
    await first.says(); // that it is ready
    const second = start(row, connector, settings);
    const reporting = reporter === "binder" ? first : second;
    const other = reporting === first ? second : first;
    const crashed = other.says(2 ** 31 - 1).then(() => never<Line>());
    return await Promise.race([reporting.says(), crashed]);
  });
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}

import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Sample, Session } from "./part.ts";
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

/** The two processors that workers run on, if there is `taskset` to keep them there. */
export const processors: readonly [string, string] | undefined = pickProcessors();

/** Where a worker runs: on the first of the two processors, on the second, or on either. */
export type Place = "first" | "second" | "either";

process.on("exit", cleanUp);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => process.exit(130)); // by way of the exit handler
}

function cleanUp(): void {
  for (const worker of running) worker.kill();
  rmSync(folder, { recursive: true, force: true });
}

function pickProcessors(): [string, string] | undefined {
  if (spawnSync("taskset", ["--version"]).status !== 0) return undefined;
  const list = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  const [first, second] = (list ?? "").split(",").flatMap((range) => {
    const [from = 0, to = from] = range.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
  });
  return first === undefined || second === undefined ? undefined : [first, second];
}

/** The command that keeps what follows it on its processor. */
function pin(place: Place): string[] {
  if (processors === undefined) return [];
  const [first, second] = processors;
  const list = { first, second, either: `${first},${second}` }[place];
  return ["taskset", "--cpu-list", list];
}

/** An address that nobody uses. */
export async function freshAddress(transport: string): Promise<string> {
  if (transport === "ipc") return `ipc://${join(folder, `${++addresses}.ipc`)}`;
  return `${transport}://127.0.0.1:${await freePort()}`;
}

/**
 * The last port that was tried. They lie below those that the system hands out, all of which may be taken for a minute
 * after libnanomsg has dialled 10,000 times.
 */
let lastPort = 10_000;

function freePort(): Promise<number> {
  const port = ++lastPort;
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once("error", (error: Error & { code?: string }) => {
        if (error.code === "EADDRINUSE") resolve(freePort());
        else reject(error);
      })
      .listen(port, "127.0.0.1", () => server.close(() => resolve(port)));
  });
}

/** One process of a row, in one role. It is killed at the latest when the bench ends. */
export class Worker {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #description: string;
  readonly #lines: AsyncIterator<string>;
  readonly #exited: Promise<void>;
  #errors = "";

  /** Rejects when it ends. */
  readonly lost: Promise<never>;

  /** Starts it. */
  constructor(row: Row, role: string, settings: Settings, place: Place) {
    const args = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    if (row.face !== undefined) args.push(`face=${row.face}`);
    const [program = "", ...rest] = [...pin(place), ...row.command, role, ...args];
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
    this.lost = this.#exited.then(() => {
      throw this.#endedEarly();
    });
    this.lost.catch(() => {}); // it is no matter where nobody waits
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
    return await this.lost;
  }

  #endedEarly(): Error {
    const lines = this.#errors.trim().split("\n");
    const reason = lines.find((line) => /error/i.test(line)) ?? lines.at(-1);
    return new Error(`${this.#description}: ended early: ${reason || "no message"}`);
  }

  /** Gives it its cue. */
  cue(): void {
    this.#child.stdin.write("\n");
  }

  /** Has it stop where it is. */
  stop(): void {
    this.#child.kill("SIGSTOP");
  }

  /** Has it go on. */
  goOn(): void {
    this.#child.kill("SIGCONT");
  }

  /** Ends it, the hard way: it has nothing to tidy up. */
  async end(): Promise<void> {
    this.kill();
    await this.#exited;
  }

  /** Ends it without waiting for that. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

/** Starts a worker. */
export type Start = (row: Row, role: string, settings: Settings, place: Place) => Worker;

/** Workers that end together. */
class Crew {
  readonly #workers: Worker[] = [];

  readonly start: Start = (row, role, settings, place) => {
    const worker = new Worker(row, role, settings, place);
    this.#workers.push(worker);
    return worker;
  };

  each(act: (worker: Worker) => void): void {
    this.#workers.forEach(act);
  }

  /** What the promise says, or the error of a worker that has ended by itself. */
  unlessLost<Result>(promise: Promise<Result>): Promise<Result> {
    return Promise.race([promise, ...this.#workers.map(({ lost }) => lost)]);
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }
}

/** A session that starts its workers anew in each round. */
export function anew(measure: (start: Start) => Promise<Sample>): Session {
  return {
    round: async () => {
      const crew = new Crew();
      try {
        return await measure(crew.start);
      } finally {
        await crew.end();
      }
    },
    end: () => Promise.resolve(),
  };
}

/**
 * A session whose workers stay from round to round. In between they are stopped as they are, so that nobody is disturbed
 * by a row whose turn it is not; what compilers have learnt they need not learn again.
 *
 * @param begin Starts the workers; returns those that report, once a round.
 * @param sample What comes of their lines.
 */
export async function kept(
  begin: (start: Start) => Promise<readonly Worker[]>,
  sample: (...lines: Line[]) => Sample,
): Promise<Session> {
  const crew = new Crew();
  try {
    const reporters = await begin(crew.start);
    let rounds = 0;
    const round = async (): Promise<Sample> => {
      crew.each((worker) => worker.goOn());
      // The first window begins with the work.
      if (rounds++ > 0) reporters.forEach((worker) => worker.cue());
      try {
        return sample(...await crew.unlessLost(Promise.all(reporters.map((one) => one.says()))));
      } finally {
        crew.each((worker) => worker.stop());
      }
    };
    return { round, end: () => crew.end() };
  } catch (error) {
    await crew.end();
    throw error;
  }
}

/** Two processes of a row, of which one reports. */
export interface Duel {
  /** The role of the one that binds, on the first processor. */
  readonly binder: string;
  /** The role of the one that connects, on the second. */
  readonly connector: string;
  /** Who reports. */
  readonly reporter: "binder" | "connector";
  /** Whether both run on the first processor. */
  readonly together?: boolean;
}

/** A duel; the reporter's line is what comes of it. */
export function duel(
  row: Row,
  settings: Settings,
  roles: Duel,
  sample: (line: Line) => Sample,
): Promise<Session> {
  return kept(async (start) => {
    const binder = start(row, roles.binder, settings, "first");
    await binder.says(); // that it is ready
    const place = roles.together === true ? "first" : "second";
    const connector = start(row, roles.connector, settings, place);
    return [{ binder, connector }[roles.reporter]];
  }, sample);
}

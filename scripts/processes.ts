import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";

/** Spares Node the compilation of files that another of its processes has compiled: a third of a start. */
const NODE_COMPILE_CACHE = join(import.meta.dirname!, "..", "node_modules", ".cache", "node");

export interface Finished {
  code: number | null;
  /** What it wrote to stdout and stderr, in order. */
  output: string;
  seconds: number;
  /** The processor time it took, user and system, in seconds, with that of the processes that it waited for. 0 on Windows. */
  processor: number;
  /** Whether it was killed for taking longer than it may. */
  expired: boolean;
}

/** A shell runs the command, and tells what its `times` says: the processor time that a parent learns, which Node does not pass on. */
const MEASURED = ["sh", "-c", '"$@" 3>&-; code=$?; times >&3; exit $code', "measured"];

const groups = new Set<number>();

/** Runs a command to its end, or kills it after `limit` milliseconds. What it started, and did not end, goes with it. */
export function run(command: string[], limit: number): Promise<Finished> {
  const [program = "", ...args] = process.platform === "win32"
    ? command
    : [...MEASURED, ...command];
  const { FORCE_COLOR: _, ...env } = process.env;
  const start = performance.now();
  const child = spawn(program, args, {
    detached: true, // a process group of its own, so that it can be killed whole
    env: { NODE_COMPILE_CACHE, ...env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid !== undefined) groups.add(pid);

  const chunks: Uint8Array[] = [];
  child.stdout?.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  child.stderr?.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  let times = "";
  child.stdio[3]?.on("data", (chunk: Uint8Array) => times += chunk);

  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    killGroup(pid);
  }, limit);

  return new Promise((resolve) => {
    const finish = (code: number | null, more = "") => {
      clearTimeout(timer);
      const output = Buffer.concat(chunks).toString() + more;
      const seconds = (performance.now() - start) / 1000;
      resolve({ code, output, seconds, processor: sumOf(times), expired });
    };
    child.on("error", (error) => finish(null, `Cannot run ${program}: ${error.message}\n`));
    child.on("exit", () => killGroup(pid)); // a process left behind would hold the pipes open
    child.on("close", (code) => finish(code));
  });
}

/** The sum of what `times` prints, such as `0m1.25s`. */
function sumOf(times: string): number {
  return [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  groups.delete(pid);
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // ended by itself
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    for (const pid of groups) killGroup(pid);
    process.exit(1);
  });
}

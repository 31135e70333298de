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
  /** Whether it was killed for taking longer than it may. */
  expired: boolean;
}

const groups = new Set<number>();

/** Runs a command to its end, or kills it after `limit` milliseconds. What it started, and did not end, goes with it. */
export function run(command: string[], limit: number): Promise<Finished> {
  const [program = "", ...args] = command;
  const { FORCE_COLOR: _, ...env } = process.env;
  const start = performance.now();
  const child = spawn(program, args, {
    detached: true, // a process group of its own, so that it can be killed whole
    env: { NODE_COMPILE_CACHE, ...env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid !== undefined) groups.add(pid);

  const chunks: Uint8Array[] = [];
  child.stdout.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Uint8Array) => chunks.push(chunk));

  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    killGroup(pid);
  }, limit);

  return new Promise((resolve) => {
    const finish = (code: number | null, more = "") => {
      clearTimeout(timer);
      const output = Buffer.concat(chunks).toString() + more;
      resolve({ code, output, seconds: (performance.now() - start) / 1000, expired });
    };
    child.on("error", (error) => finish(null, `Cannot run ${program}: ${error.message}\n`));
    child.on("exit", () => killGroup(pid)); // a process left behind would hold the pipes open
    child.on("close", (code) => finish(code));
  });
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

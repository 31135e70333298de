/* Commands of the shell, each in a process group of its own: a signal of the terminal's is ours, and ends none that is at work. */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";

/** Those that run, by the id of their group. */
const running = new Set<ChildProcess>();
let isWatching = false;

/** Starts a command; its errors go where ours go. @param env Added to its environment. */
export function startCommand(
  command: string,
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const child = spawn(command, {
    shell: true,
    detached: process.platform !== "win32",
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  // A command need not read what it is given.
  child.stdin?.on("error", () => {});
  running.add(child);
  child.once("exit", () => running.delete(child)).once("error", () => running.delete(child));
  if (!isWatching) {
    isWatching = true;
    process.once("exit", () => running.forEach(endCommand));
  }
  return child;
}

/** Kills a command, and all that it has started. */
export function endCommand(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}

/** How a command has ended: `exit status 3`, `SIGKILL`. */
export function endOf(code: number | null, signal: string | null): string {
  return signal === null ? `exit status ${code}` : `signal ${signal}`;
}

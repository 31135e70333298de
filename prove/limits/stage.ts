import { readFileSync } from "node:fs";
import process from "node:process";
import type { Troupe } from "../lib/attempt.ts";
import { Child } from "../lib/child.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";

/** One thing that a machine runs out of. */
export interface Scenario {
  /** Its name on the command line, after `limits.`. */
  readonly name: string;
  /** Yields what it finds. */
  readonly run: (plan: Plan) => AsyncIterable<Finding>;
}

/** Whether this process may make namespaces, and become somebody else. */
export const isRoot: boolean = process.platform === "linux" && process.getuid?.() === 0;

/** A process of ours, behind a command such as `ulimit`. */
export function workerOn(
  troupe: Troupe,
  runtime: Runtime,
  before: readonly string[] = [],
): Child {
  return troupe.add(Child.of(runtime, new URL("worker.ts", import.meta.url), { before }));
}

/** What runs a command with so many descriptors. */
export function withFiles(limit: number): string[] {
  return ["sh", "-c", `ulimit -n ${limit}; exec "$@"`, "sh"];
}

/** Asks until the answer will do; false if it does not within the time. */
export async function comesTrue(ask: () => Promise<boolean>, within = 10_000): Promise<boolean> {
  const end = performance.now() + within;
  while (!await ask()) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}

/** The processor's time that a process has had, in milliseconds. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10; // In hundredths of a second, on every Linux there is.
}

/** How much of a processor a process takes, while so many milliseconds pass. Throws if it ends. */
export async function processorShare(child: Child, time: number): Promise<number> {
  const [before, started] = [processorTime(child.pid), performance.now()];
  // What a program that panics says begins with a rule.
  const ended = await Promise.race([
    child.ended.then((code) =>
      `it ended with ${code}: ${
        child.errors.split("\n").find((line) => /\w/.test(line)) ?? "no message"
      }`
    ),
    new Promise<undefined>((resolve) => setTimeout(resolve, time, undefined)),
  ]);
  if (ended !== undefined) throw new Error(ended);
  return (processorTime(child.pid) - before) / (performance.now() - started);
}

/** `12 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

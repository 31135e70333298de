/** Our nanocat, run by the runtime that runs the test. */

import { join } from "node:path";
import { type Child, type Finished, run, type SpawnOptions, start } from "./process.ts";
import { CURRENT, PROJECT, type Runtime } from "./runtimes.ts";

/** Makes every start of Node but the first several times as fast. */
export const FAST_START: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: join(PROJECT, "node_modules", ".cache", "node"),
};

function fast(options: SpawnOptions = {}): SpawnOptions {
  return { ...options, env: { ...FAST_START, ...options.env } };
}

function line(args: readonly string[], runtime: Runtime): [string, string[]] {
  return [runtime.command, [...runtime.args, join(PROJECT, "cli", "nanocat.ts"), ...args]];
}

/** Starts our nanocat. */
export function startNanocat(
  args: readonly string[],
  options?: SpawnOptions,
  runtime: Runtime = CURRENT,
): Child {
  const [command, all] = line(args, runtime);
  return start(command, all, fast(options));
}

/** Runs our nanocat to its end. */
export async function runNanocat(
  args: readonly string[],
  options?: SpawnOptions,
  runtime: Runtime = CURRENT,
): Promise<Finished> {
  const [command, all] = line(args, runtime);
  return await run(command, all, fast(options));
}

/** Our nanocat and nngcat, run by the runtime that runs the test. */

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

/** One of our programs. */
export interface Program {
  /** Starts it. */
  start(args: readonly string[], options?: SpawnOptions, runtime?: Runtime): Child;
  /** Runs it to its end. */
  run(args: readonly string[], options?: SpawnOptions, runtime?: Runtime): Promise<Finished>;
}

function program(file: string): Program {
  const path = join(PROJECT, "cli", file);
  return {
    start: (args, options, runtime = CURRENT) =>
      start(runtime.command, [...runtime.args, path, ...args], fast(options)),
    run: (args, options, runtime = CURRENT) =>
      run(runtime.command, [...runtime.args, path, ...args], fast(options)),
  };
}

/** Our nanocat. */
export const OUR_NANOCAT: Program = program("nanocat.ts");
/** Our nngcat. */
export const OUR_NNGCAT: Program = program("nngcat.ts");

/** Starts our nanocat. */
export const startNanocat: Program["start"] = OUR_NANOCAT.start;
/** Runs our nanocat to its end. */
export const runNanocat: Program["run"] = OUR_NANOCAT.run;

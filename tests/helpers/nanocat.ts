/** Our nanocat and nngcat, run by the runtime that runs the test. */

import { type Child, type Finished, run, type SpawnOptions, start } from "./process.ts";
export { FAST_START } from "./programs.ts";
import { FAST_PROGRAM, programFile } from "./programs.ts";
import { CURRENT, type Runtime } from "./runtimes.ts";

function fast(options: SpawnOptions = {}): SpawnOptions {
  return { ...options, env: { ...FAST_PROGRAM, ...options.env } };
}

/** One of our programs. */
export interface Program {
  /** Starts it. */
  start(args: readonly string[], options?: SpawnOptions, runtime?: Runtime): Child;
  /** Runs it to its end. */
  run(args: readonly string[], options?: SpawnOptions, runtime?: Runtime): Promise<Finished>;
}

function program(name: string): Program {
  return {
    start: (args, options, runtime = CURRENT) =>
      start(runtime.command, [...runtime.args, programFile(name, runtime), ...args], fast(options)),
    run: (args, options, runtime = CURRENT) =>
      run(runtime.command, [...runtime.args, programFile(name, runtime), ...args], fast(options)),
  };
}

/** Our nanocat. */
export const OUR_NANOCAT: Program = program("nanocat");
/** Our nngcat. */
export const OUR_NNGCAT: Program = program("nngcat");

/** Starts our nanocat. */
export const startNanocat: Program["start"] = OUR_NANOCAT.start;
/** Runs our nanocat to its end. */
export const runNanocat: Program["run"] = OUR_NANOCAT.run;

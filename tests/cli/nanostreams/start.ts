/** The command line, run by the runtime that runs the test. */

import { join } from "node:path";
import process from "node:process";
import { FAST_START } from "../../helpers/nanocat.ts";
import { type Child, type Finished, type SpawnOptions, start } from "../../helpers/process.ts";
import { CURRENT, PROJECT } from "../../helpers/runtimes.ts";

// Node complains of the two beside each other, even where they are empty.
delete process.env["FORCE_COLOR"];
delete process.env["NO_COLOR"];

/** The words that run it, before its own. */
export const COMMAND: readonly string[] = [
  CURRENT.command,
  ...CURRENT.args,
  join(PROJECT, "cli", "nanostreams.ts"),
];

/** Starts it. */
export function startProgram(args: readonly string[], options: SpawnOptions = {}): Child {
  const [command, ...before] = COMMAND;
  const env = { ...FAST_START, ...options.env };
  return start(command!, [...before, ...args], { ...options, env });
}

/** Runs it to its end. */
export async function runProgram(
  args: readonly string[],
  options?: SpawnOptions,
): Promise<Finished> {
  await using child = startProgram(args, options);
  return await child.finished();
}

/** Starts one that binds by `--verbose`, and waits for the address. */
export async function startBound(
  args: readonly string[],
  options?: SpawnOptions,
): Promise<{ readonly child: Child; readonly address: string }> {
  const child = startProgram([...args, "--verbose"], options);
  const line = await child.line(/^bound to /);
  return { child, address: line.slice("bound to ".length) };
}

/** The programs in `examples/programs/`, started as a user would start them. */

import { join } from "node:path";
import { type Child, start } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";

/** Where they are. */
export const PROGRAMS: string = join(PROJECT, "examples", "programs");

/** How to start one. */
export interface ProgramOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where a copy of them is. */
  readonly folder?: string;
}

/** Starts one, on the runtime of this test: `"log/client.ts"`. */
export function startProgram(
  file: string,
  { args = [], env = {}, folder = PROGRAMS }: ProgramOptions = {},
): Child {
  return start(CURRENT.command, [...CURRENT.args, join(folder, file), ...args], { env });
}

/** Waits for a line that a program prints, and returns what the pattern's groups have found in it. */
export async function found(child: Child, pattern: RegExp): Promise<string[]> {
  return pattern.exec(await child.line(pattern))!.slice(1);
}

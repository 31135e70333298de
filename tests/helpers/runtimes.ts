/** The commands that run a TypeScript file, one for each runtime that this project supports. */

import { existsSync } from "node:fs";
import { join } from "node:path";

/** A runtime, as a command that takes a file and its arguments. */
export interface Runtime {
  readonly name: "deno" | "bun" | "node";
  readonly command: string;
  /** The arguments before the file. */
  readonly args: readonly string[];
}

/** The top folder of the project. */
export const PROJECT: string = join(import.meta.dirname!, "..", "..");

/** The program in `node_modules/.bin`, or else the one on the `PATH`. */
function program(name: string): string {
  const installed = join(PROJECT, "node_modules", ".bin", name);
  return existsSync(installed) ? installed : name;
}

/** Deno, Bun and Node, in the versions that the project pins. */
export const RUNTIMES: readonly Runtime[] = [
  { name: "deno", command: program("deno"), args: ["run", "-A", "--quiet"] },
  { name: "bun", command: program("bun"), args: [] },
  { name: "node", command: program("node"), args: [] },
];

/** The runtime that runs this test. */
export const CURRENT: Runtime = RUNTIMES.find(({ name }) =>
  name === ("Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node")
)!;

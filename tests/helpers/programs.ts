/** Our programs as users of the runtime get them: those of Node and Bun from npm, those of Deno from JSR, which has the sources. */

import { dirname, join } from "node:path";
import process from "node:process";
import { CURRENT, PROJECT, type Runtime } from "./runtimes.ts";

/** The npm package, where it was built for all tests of this run; else the sources do for everybody. */
const BUILT = process.env["NANOSTREAMS_PACKAGE"];

/** Makes every start of Node but the first several times as fast. */
export const FAST_START: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: join(PROJECT, "node_modules", ".cache", "node"),
};

/** The same for our programs: what is compiled of a package that is removed goes with it. */
export const FAST_PROGRAM: Readonly<Record<string, string>> = BUILT === undefined
  ? FAST_START
  : { NODE_COMPILE_CACHE: join(dirname(BUILT), "compiled") };

/** The file of a program, such as `nanocat`. */
export function programFile(name: string, runtime: Runtime = CURRENT): string {
  if (BUILT === undefined || runtime.name === "deno") return join(PROJECT, "cli", `${name}.ts`);
  return join(BUILT, name === "villas" ? "villas_cli.js" : `${name}.js`);
}

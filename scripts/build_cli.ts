// The command line's part of the npm package: a file for each program, and pieces of them that are loaded when a subcommand needs them.

import { build, type BuildOptions } from "esbuild";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { WS_BESIDE } from "./build_ws.ts";
import { OPTIONAL } from "./doors.ts";

const PROGRAMS = ["nanostreams", "nanocat", "nngcat"];

/** Builds it into the package's folder. */
export async function buildCli(folder: string, common: BuildOptions): Promise<void> {
  await build({
    ...common,
    platform: "node",
    entryPoints: PROGRAMS.map((name) => `cli/${name}.ts`),
    outdir: folder,
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true,
    // Beside the others, since the pages of `villas` are found from there.
    chunkNames: "nanostreams_[name]_[hash]",
    // Commander is a CommonJS module, which takes Node's own from `require`.
    banner: { js: REQUIRE },
    plugins: [WS_BESIDE],
    external: ["esbuild", ...OPTIONAL],
  });
  for (const name of PROGRAMS) chmodSync(join(folder, `${name}.js`), 0o755);
}

const REQUIRE =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

// The command line's part of the npm package: `nanostreams.js`, and pieces of it that are loaded when a subcommand needs them.

import { build, type BuildOptions } from "esbuild";
import { chmodSync } from "node:fs";
import { join } from "node:path";

/** Builds it into the package's folder. */
export async function buildCli(folder: string, common: BuildOptions): Promise<void> {
  await build({
    ...common,
    platform: "node",
    entryPoints: ["cli/nanostreams.ts"],
    outdir: folder,
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true,
    // Beside the others, since the pages of `villas` are found from there.
    chunkNames: "nanostreams_[name]_[hash]",
    // Commander is a CommonJS module, which takes Node's own from `require`.
    banner: { js: REQUIRE },
    external: ["ws", "@bufbuild/protobuf", "esbuild", "@noble/*"],
  });
  chmodSync(join(folder, "nanostreams.js"), 0o755);
}

const REQUIRE =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

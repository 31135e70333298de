// The VILLASnode gateway's part of the npm package: its door, its program, and its page ready to be served.

import { build, type BuildOptions, type Plugin } from "esbuild";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildPage } from "../villas/page/files.ts";
import { WS_BESIDE } from "./build_ws.ts";
import { OPTIONAL } from "./doors.ts";

/** The other doors are in the package once, so that all share their sockets and addresses. */
const DOORS_APART: Plugin = {
  name: "doors apart",
  setup(builder) {
    const apart = (filter: RegExp, path: string): void =>
      builder.onResolve({ filter }, () => ({ path, external: true }));
    apart(/^(\.\.\/)+mod\.ts$/, "./mod.js");
    apart(/^(\.\.\/)+zmtp\/mod\.ts$/, "./zmtp.js");
    apart(/^(\.\.\/)+villas\/mod\.ts$/, "./villas.js");
  },
};

/** Builds it into the package's folder. */
export async function buildVillas(folder: string, common: BuildOptions): Promise<void> {
  const options: BuildOptions = { ...common, platform: "node", plugins: [DOORS_APART, WS_BESIDE] };
  await Promise.all([
    build({
      ...options,
      entryPoints: ["villas/mod.ts"],
      outfile: join(folder, "villas.js"),
      external: [...OPTIONAL],
      sourcemap: true,
      sourcesContent: false,
    }),
    build({
      ...options,
      entryPoints: ["cli/villas.ts"],
      outfile: join(folder, "villas_cli.js"),
    }),
    writePage(join(folder, "villas_page")),
  ]);
}

async function writePage(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [path, bytes] of await buildPage()) {
    writeFileSync(join(folder, path === "/" ? "index.html" : path.slice(1)), bytes);
  }
}

// The sources in the npm package, below `ts/`: what stack traces, debuggers and editors show. All bundles share them, which takes less than to
// have them in each source map.

import { copyFileSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { root } from "./build_common.ts";

const SOURCES = "ts";

interface SourceMap {
  sources: string[];
}

/** Copies the sources that a package's source maps name, and has the maps name the copies. */
export function includeSources(folder: string): void {
  for (const file of globSync("**/*.map", { cwd: folder })) {
    const path = join(folder, file);
    const map: SourceMap = JSON.parse(readFileSync(path, "utf8"));
    map.sources = map.sources.map((source) => {
      const original = resolve(dirname(path), source);
      const copy = join(folder, SOURCES, relative(root, original));
      mkdirSync(dirname(copy), { recursive: true });
      copyFileSync(original, copy);
      return relative(dirname(path), copy).replaceAll("\\", "/");
    });
    writeFileSync(path, JSON.stringify(map));
  }
}

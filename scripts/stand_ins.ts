// What the one file for pages has instead of modules that do more than a page can use.

import type { Plugin } from "esbuild";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = join(root, "scripts", "browser");

/** The modules that are replaced, each by the one of its name in `scripts/browser/`. */
export const REPLACED: readonly string[] = [
  "patterns/in_flight.ts",
  "patterns/prefix_trie.ts",
  "src/address.ts",
  "src/attachment.ts",
  "src/direct_source.ts",
  "src/direct_stream.ts",
  "src/framing.ts",
  "src/outbox.ts",
  "src/ring.ts",
  "src/slabs.ts",
  "src/stream_connection.ts",
  "src/system_errors.ts",
  "src/transport_rules.ts",
  "transports/close_codes.ts",
  "transports/ws_target.ts",
];

/** Has esbuild take the stand-ins. */
export const standIns: Plugin = {
  name: "stand-ins",
  setup: ({ onResolve }) => {
    onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) => {
      const wanted = relative(root, join(resolveDir, path)).replaceAll("\\", "/");
      if (!REPLACED.includes(wanted) || resolveDir === folder) return undefined;
      return { path: join(folder, basename(path)) };
    });
  },
};

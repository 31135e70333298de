// What all bundles of the npm package have in common.

import type { BuildOptions } from "esbuild";
import { fileURLToPath } from "node:url";

/** The top folder of the project. */
export const root: string = fileURLToPath(new URL("../", import.meta.url));

/** Options of every bundle. */
export const COMMON: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  charset: "utf8",
  format: "esm",
  legalComments: "none",
  target: "es2022",
  logLevel: "warning",
};

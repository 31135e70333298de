// The npm package brings the package `ws` along, as `ws.js`, an ES module. The original is a CommonJS module, which takes Node's own modules
// by `require`. A bundle in the form of an ES module, which many programs for Node are, has no `require`, and would fail as it loads `ws`.

import { build, type BuildOptions, type Plugin } from "esbuild";
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { root } from "./build_common.ts";

const FOLDER = join(root, "node_modules", "ws");

/** For whatever loads `ws`: it is in the same folder. */
export const WS_BESIDE: Plugin = {
  name: "ws beside",
  setup(builder) {
    builder.onLoad({ filter: /\/ws_load\.ts$/ }, () => ({
      contents: 'export const importWs = () => import("./ws.js");',
    }));
    builder.onResolve({ filter: /^(ws|\.\/ws\.js)$/ }, () => ({ path: "./ws.js", external: true }));
  },
};

/** Node's modules come from where this library takes them itself. What is optional is looked for when the program runs. */
const WITHOUT_REQUIRE: Plugin = {
  name: "without require",
  setup(builder) {
    const names = [...builtinModules, "bufferutil", "utf-8-validate"].join("|");
    builder.onResolve({ filter: new RegExp(`^(node:)?(${names})$`) }, ({ path }) => ({
      path,
      namespace: "without-require",
    }));
    builder.onLoad({ filter: /.*/, namespace: "without-require" }, ({ path }) => ({
      contents: builtinModules.includes(path)
        ? `module.exports = process.getBuiltinModule("node:${path}");`
        : `module.exports = requireOptional("${path}");`,
    }));
  },
};

const REQUIRE_OPTIONAL =
  'const requireOptional = (name) => process.getBuiltinModule("node:module").createRequire(import.meta.url)(name);';

/** Builds it into the package's folder. */
export async function buildWs(folder: string, common: BuildOptions): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8"));
  const license = readFileSync(join(FOLDER, "LICENSE"), "utf8").trim();
  await build({
    ...common,
    entryPoints: { ws: join(FOLDER, "wrapper.mjs") },
    outdir: folder,
    platform: "node",
    plugins: [WITHOUT_REQUIRE],
    banner: {
      js:
        `/*! ws ${version}, https://github.com/websockets/ws\n\n${license}\n*/\n${REQUIRE_OPTIONAL}`,
    },
  });
}

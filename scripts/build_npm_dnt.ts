// Builds the package for npm with dnt instead of esbuild: a JavaScript file for each module, in npm_dnt/ or in the folder that is named as
// the only argument. `deno task build:dnt` runs it. What is published is built by scripts/build_npm.ts, and has the programs, too.
//
// dnt comes from JSR.

import { build, emptyDir } from "@deno/dnt";
import deno from "../deno.json" with { type: "json" };
import manifest from "../package.json" with { type: "json" };

const folder = Deno.args[0] ?? "npm_dnt";
await emptyDir(folder);
await build({
  // The programs would need their standard input, and a bundle starts sooner.
  entryPoints: Object.entries(manifest.exports).map(([name, path]) => ({ name, path })),
  outDir: folder,
  // The adapters in transports/runtime/ look for what is there.
  shims: {},
  // CommonJS has no `await` at the top of a module, and loads these by `require(esm)`.
  scriptModule: false,
  // `deno check` and the tests see the modules themselves.
  typeCheck: false,
  test: false,
  compilerOptions: {
    lib: ["ESNext", "DOM", "DOM.Iterable"],
    target: "ES2022",
    stripInternal: true,
  },
  package: {
    name: deno.name,
    version: deno.version,
    description: manifest.description,
    license: deno.license,
    engines: manifest.engines,
  },
  postBuild() {
    for (const name of ["README.md", "CHANGELOG.md", "LICENSE"]) {
      Deno.copyFileSync(name, `${folder}/${name}`);
    }
  },
});

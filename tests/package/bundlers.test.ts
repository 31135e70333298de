/** Bundles of programs that use the packed package: for Node, Bun and pages, by the bundlers that most people use. */

import assert from "node:assert/strict";
import { globSync, readFileSync, rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { Pull } from "../../mod.ts";
import { NODE } from "../browser/package.ts";
import { text } from "../helpers/bytes.ts";
import { RUNTIMES } from "../helpers/runtimes.ts";
import { install, MATRIX, PATIENCE, type Project, SKIP } from "./project.ts";
import { BUNDLERS } from "./versions.ts";

/** Messages over TCP, and over a WebSocket, which needs what `ws` has. CommonJS has no `await` outside of functions. */
const SERVER = `
  import { Pair } from "@nanostreams/nanostreams";
  async function main() {
    for (const address of ["tcp://127.0.0.1:0", "ws://127.0.0.1:0/"]) {
      const left = new Pair();
      const right = new Pair();
      right.connect((await left.bind(address)).address);
      await right.send(address.split(":")[0]);
      console.log(new TextDecoder().decode(await left.receive()));
      await Promise.all([left.close(), right.close()]);
    }
  }
  main();
`;

/** Tells whoever listens at an address that the page works. */
const PAGE = `
  import { Push } from "@nanostreams/nanostreams";
  async function main() {
    const push = new Push();
    push.connect(globalThis.ADDRESS);
    await push.send("from the page");
    await push.close();
  }
  main();
`;

const ROLLUP = `
  import { nodeResolve } from "@rollup/plugin-node-resolve";
  const output = (format) => ({ format, file: "out/rollup/server." + (format === "es" ? "mjs" : "cjs"), inlineDynamicImports: true });
  export default [
    { input: "server.js", plugins: [nodeResolve({ exportConditions: ["node"] })], output: ["es", "cjs"].map(output) },
    { input: "page.js", plugins: [nodeResolve({ browser: true })], output: { format: "es", file: "out/rollup/page.mjs" } },
  ];
`;

const WEBPACK = `
  import webpack from "webpack";
  const path = process.cwd() + "/out/webpack";
  const common = { mode: "production" };
  const module = { module: true, library: { type: "module" } };
  const configurations = [
    { ...common, entry: "./server.js", target: "node20", output: { path, filename: "server.cjs" } },
    { ...common, entry: "./server.js", target: "node20", output: { path, filename: "server.mjs", chunkFormat: "module", ...module }, experiments: { outputModule: true } },
    { ...common, entry: "./page.js", target: "web", output: { path, filename: "page.cjs" } },
    { ...common, entry: "./page.js", target: "electron-renderer", output: { path, filename: "renderer.cjs" } },
  ];
  webpack(configurations, (error, stats) => {
    const problems = error ?? stats.toJson({ errors: true }).errors;
    if (error || problems.length > 0) {
      console.error(problems);
      process.exitCode = 1;
    }
  });
`;

const VITE = `
  export default ({ isSsrBuild }) => ({
    logLevel: "warn",
    ssr: { noExternal: true },
    build: {
      modulePreload: { polyfill: false },
      outDir: isSsrBuild ? "out/vite_server" : "out/vite_page",
      rollupOptions: { input: isSsrBuild ? "server.js" : "index.html" },
    },
  });
`;

const bun = RUNTIMES.find(({ name }) => name === "bun")!.command;

let project: Project;

/** What makes the bundles: programs, with their arguments. */
function steps(): (readonly [command: string, ...args: string[]])[] {
  const bin = (name: string): string => project.path("node_modules", ".bin", name);
  const esbuild = (file: string, platform: string, format: string, out: string) =>
    [
      ...[bin("esbuild"), file, "--bundle", "--log-level=warning"],
      ...[`--platform=${platform}`, `--format=${format}`, `--outfile=out/esbuild/${out}`],
    ] as const;
  return [
    ...["esm", "cjs"].map((format) =>
      esbuild("server.js", "node", format, `server.${format === "esm" ? "mjs" : "cjs"}`)
    ),
    ...["esm", "iife"].map((format) =>
      esbuild("page.js", "browser", format, `page.${format === "esm" ? "mjs" : "cjs"}`)
    ),
    [NODE, bin("rollup"), "--config", "rollup.config.mjs", "--failAfterWarnings", "--silent"],
    [NODE, "webpack.mjs"],
    [NODE, bin("vite"), "build"],
    [NODE, bin("vite"), "build", "--ssr"],
    [bun, "build", "server.js", "--target=bun", "--outfile=out/bun/server.bun.mjs"],
    [bun, "build", "server.js", "--target=node", "--outfile=out/bun/server.mjs"],
    [bun, "build", "server.js", "--compile", "--outfile=out/bun/server"],
    [bun, "build", "page.js", "--target=browser", "--outfile=out/bun/page.mjs"],
  ];
}

if (!SKIP) {
  before(async () => {
    project = await install(BUNDLERS);
    project.write("server.js", SERVER);
    project.write("page.js", PAGE);
    project.write("index.html", '<script type="module" src="/page.js"></script>');
    project.write("rollup.config.mjs", ROLLUP);
    project.write("webpack.mjs", WEBPACK);
    project.write("vite.config.mjs", VITE);
    await Promise.all(steps().map(([command, ...args]) => project.run(command, args)));
    // What is run below has to have in it all that it needs.
    rmSync(project.path("node_modules"), { recursive: true });
  }, { timeout: PATIENCE });
  after(() => project?.remove());
}

const SERVERS: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  "esbuild makes an ES module": [NODE, "out/esbuild/server.mjs"],
  "esbuild makes a CommonJS module": [NODE, "out/esbuild/server.cjs"],
  "Rollup makes an ES module": [NODE, "out/rollup/server.mjs"],
  "Rollup makes a CommonJS module": [NODE, "out/rollup/server.cjs"],
  "webpack makes an ES module": [NODE, "out/webpack/server.mjs"],
  "webpack makes a CommonJS module": [NODE, "out/webpack/server.cjs"],
  "Vite renders on the server": [NODE, "out/vite_server/server.js"],
  "Bun bundles for itself": [bun, "out/bun/server.bun.mjs"],
  "Bun bundles for Node": [NODE, "out/bun/server.mjs"],
  "Bun compiles a program": ["out/bun/server"],
};

for (const [how, [command, ...args]] of Object.entries(SERVERS)) {
  test(`${how}, which talks over tcp and ws by itself`, MATRIX, async () => {
    const program = command.startsWith("out/") ? project.path(command) : command;
    assert.equal(await project.run(program, args), "tcp\nws\n");
  });
}

const PAGES = {
  "esbuild, as an ES module": "out/esbuild/page.mjs",
  "esbuild, as a script": "out/esbuild/page.cjs",
  "Rollup": "out/rollup/page.mjs",
  "webpack": "out/webpack/page.cjs",
  "webpack, for a window of Electron": "out/webpack/renderer.cjs",
  "Vite": "out/vite_page/assets/*.js",
  "Bun": "out/bun/page.mjs",
};

for (const [how, pattern] of Object.entries(PAGES)) {
  test(`a page made by ${how} has nothing of servers, and connects`, MATRIX, async () => {
    const [file, ...others] = globSync(pattern, { cwd: project.folder });
    assert.deepEqual(others, []);
    const code = readFileSync(project.path(file!), "utf8");
    assert.doesNotMatch(code, /node:|getBuiltinModule\??\.?\(|Deno\.|Bun\.|permessage-deflate/);
    await using pull = new Pull();
    const { address } = await pull.bind("ws://127.0.0.1:0/");
    const script = `globalThis.ADDRESS = ${JSON.stringify(address)}; import("./${file}");`;
    const [message] = await Promise.all([
      pull.receive({ timeout: 20_000 }),
      project.run(NODE, ["--input-type=module", "--eval", script]),
    ]);
    assert.equal(text(message), "from the page");
  });
}

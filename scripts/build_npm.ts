// Builds what is published to npm into npm/, or into the folder that is named as the only argument.

import { build, type BuildOptions } from "esbuild";
import { COMMANDS } from "../cli/nanostreams/spec/commands.ts";
import { buildCli } from "./build_cli.ts";
import { COMMON, root } from "./build_common.ts";
import { buildVillas, PROTOBUF } from "./build_villas.ts";
import { manPages } from "./cli_docs/roff.ts";
import { spawnSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";

const FOR_BROWSERS: BuildOptions = {
  ...COMMON,
  platform: "browser",
  define: { "globalThis.process": "undefined" },
};

/** What CURVE needs, and loads when it is asked for. */
const NOBLE = ["@noble/ciphers", "@noble/curves"];

/** The doors of codecs, and what two of them need. */
const DOORS = {
  codecs: "codecs/mod.ts",
  codecs_cbor: "codecs/cbor.ts",
  codecs_msgpack: "codecs/msgpack.ts",
  rpc: "rpc/mod.ts",
  observe: "observe/mod.ts",
};
const FORMATS = ["@msgpack/msgpack", "cbor2"];

/** Builds the package into a folder, which is emptied before. */
export async function buildPackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const bundle = (name: string, options: BuildOptions): Promise<unknown> =>
    build({ ...options, outfile: join(folder, name) });
  // What several doors have is in the package once, so that they share their transports, addresses and errors.
  const doors = (options: BuildOptions): Promise<unknown> =>
    build({ ...options, outdir: folder, splitting: true, sourcemap: true });
  await Promise.all([
    doors({
      ...COMMON,
      entryPoints: { mod: "mod.ts", zmtp: "zmtp/mod.ts", ...DOORS },
      chunkNames: "shared-[hash]",
      platform: "neutral",
      external: ["ws", ...NOBLE, ...FORMATS],
    }),
    doors({
      ...FOR_BROWSERS,
      entryPoints: {
        mod_browser: "browser.ts",
        zmtp_browser: "zmtp/browser.ts",
        ...Object.fromEntries(
          Object.entries(DOORS).map(([name, path]) => [`${name}_browser`, path]),
        ),
      },
      chunkNames: "shared_browser-[hash]",
      external: [...NOBLE, ...FORMATS],
    }),
    buildVillas(folder, COMMON),
    buildCli(folder, COMMON),
    ...["nanocat", "nngcat"].map((tool) =>
      bundle(`${tool}.js`, {
        ...COMMON,
        entryPoints: [`cli/${tool}.ts`],
        platform: "node",
        external: ["ws"],
      })
    ),
    bundle("browser.js", {
      ...FOR_BROWSERS,
      entryPoints: ["browser.ts"],
      minify: true,
      sourcemap: true,
    }),
  ]);
  declare(folder);
  for (const name of ["README.md", "CHANGELOG.md", "LICENSE"]) {
    copyFileSync(join(root, name), join(folder, name));
  }
  const { version } = read("deno.json");
  const pages = manPages(COMMANDS, String(version));
  mkdirSync(join(folder, "man"));
  for (const { file, text } of pages) writeFileSync(join(folder, "man", file), text);
  const man = pages.map(({ file }) => `./man/${file}`);
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest(man), null, 2)}\n`);
}

/** What pages load of a package that was built, in bytes after `gzip -9`. */
export interface PageSizes {
  /** All of it: `browser.js`. */
  readonly all: number;
  /** What a bundler takes for `import { Sub }`. */
  readonly sub: number;
}

/** Measures a package. */
export async function measurePackage(folder: string): Promise<PageSizes> {
  const { outputFiles } = await build({
    ...FOR_BROWSERS,
    stdin: { contents: 'export { Sub } from "./mod_browser.js";', resolveDir: folder },
    minify: true,
    write: false,
  });
  const size = (code: Uint8Array): number => gzipSync(code, { level: 9 }).length;
  return {
    all: size(readFileSync(join(folder, "browser.js"))),
    sub: size(outputFiles[0]!.contents),
  };
}

/** Declarations: one file a module. */
function declare(folder: string): void {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout, stderr } = spawnSync("node", [
    tsc,
    join(root, "villas", "mod.ts"),
    ...["--ignoreConfig", "--declaration", "--emitDeclarationOnly", "--noCheck"],
    ...["--target", "esnext", "--module", "nodenext", "--allowImportingTsExtensions"],
    ...["--strict", "--isolatedDeclarations", "--stripInternal", "--types", ""],
    ...["--rootDir", root, "--outDir", join(folder, "types")],
    ...["mod.ts", "browser.ts", "zmtp/mod.ts", "zmtp/browser.ts", ...Object.values(DOORS)]
      .map((file) => join(root, file)),
  ], { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot declare types: ${stdout}${stderr}`);
  // In declarations tsc leaves the names of modules as they are (microsoft/TypeScript#61037).
  for (const file of globSync("types/**/*.d.ts", { cwd: folder })) {
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replaceAll(/(\bfrom |\bimport\()"(\.[^"]+)\.ts"/g, '$1"$2.js"'));
  }
}

function read(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(root, name), "utf8"));
}

function manifest(man: readonly string[]): object {
  const { name, version } = read("deno.json");
  const { description, license, type, engines, dependencies, devDependencies } = read(
    "package.json",
  );
  return {
    name,
    version,
    description,
    license,
    keywords: [
      "nanomsg",
      "nng",
      "zeromq",
      "zmtp",
      "scalability protocols",
      "streams",
      "messaging",
      "websocket",
    ],
    type,
    exports: {
      ".": {
        browser: { types: "./types/browser.d.ts", default: "./mod_browser.js" },
        types: "./types/mod.d.ts",
        default: "./mod.js",
      },
      "./browser": { types: "./types/browser.d.ts", default: "./browser.js" },
      "./rpc": {
        browser: { types: "./types/rpc/mod.d.ts", default: "./rpc_browser.js" },
        types: "./types/rpc/mod.d.ts",
        default: "./rpc.js",
      },
      "./observe": {
        browser: { types: "./types/observe/mod.d.ts", default: "./observe_browser.js" },
        types: "./types/observe/mod.d.ts",
        default: "./observe.js",
      },
      "./zmtp": {
        browser: { types: "./types/zmtp/browser.d.ts", default: "./zmtp_browser.js" },
        types: "./types/zmtp/mod.d.ts",
        default: "./zmtp.js",
      },
      "./zmtp/browser": { types: "./types/zmtp/browser.d.ts", default: "./zmtp_browser.js" },
      "./codecs": codecsDoor("mod", "codecs"),
      "./codecs/cbor": codecsDoor("cbor", "codecs_cbor"),
      "./codecs/msgpack": codecsDoor("msgpack", "codecs_msgpack"),
      "./package.json": "./package.json",
      "./villas": { types: "./types/villas/mod.d.ts", default: "./villas.js" },
    },
    bin: {
      nanostreams: "./nanostreams.js",
      nanocat: "./nanocat.js",
      nngcat: "./nngcat.js",
      "nanostreams-villas": "./villas_cli.js",
    },
    man,
    // Whoever imports nothing from it needs none of it; who does needs the transports, which become known in what is shared.
    sideEffects: ["./shared*.js"],
    engines,
    dependencies,
    ...optionalPeers(devDependencies as Record<string, string>),
  };
}

/** A door that pages have as well: their errors are those of the other doors for pages. */
function codecsDoor(types: string, name: string): object {
  return {
    types: `./types/codecs/${types}.d.ts`,
    browser: `./${name}_browser.js`,
    default: `./${name}.js`,
  };
}

/** What is loaded where it is asked for. */
function optionalPeers(devDependencies: Readonly<Record<string, string>>): object {
  const names = [PROTOBUF, ...FORMATS, ...NOBLE];
  return {
    peerDependencies: Object.fromEntries(names.map((name) => [name, `^${devDependencies[name]}`])),
    peerDependenciesMeta: Object.fromEntries(names.map((name) => [name, { optional: true }])),
  };
}

if (import.meta.main) {
  const folder = process.argv[2] ?? join(root, "npm");
  await buildPackage(folder);
  const { all, sub } = await measurePackage(folder);
  console.log(`Built ${folder}`);
  console.log(`After gzip -9, browser.js has ${all} bytes, and a bundle of Sub alone ${sub}`);
}

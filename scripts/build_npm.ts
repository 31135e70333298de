// Builds what is published to npm into npm/, or into the folder that is named as the only argument.

import { build, type BuildOptions } from "esbuild";
import { COMMANDS } from "../cli/nanostreams/spec/commands.ts";
import { VERSION } from "../cli/lib/version.ts";
import { buildCli } from "./build_cli.ts";
import { COMMON, root } from "./build_common.ts";
import { manifest, REPOSITORY } from "./build_manifest.ts";
import { includeSources } from "./build_sources.ts";
import { buildVillas } from "./build_villas.ts";
import { buildWs, WS_BESIDE } from "./build_ws.ts";
import { manPages } from "./cli_docs/roff.ts";
import { doorName, DOORS, OPTIONAL } from "./doors.ts";
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

/** The doors that are built together. The gateway is built on top of them. */
const TOGETHER = DOORS.filter(({ path }) => path !== "./villas");

/** Builds the package into a folder, which is emptied before. */
export async function buildPackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // What several doors have is in the package once, so that they share their transports, addresses and errors.
  const doors = (options: BuildOptions): Promise<unknown> =>
    build({
      ...options,
      outdir: folder,
      splitting: true,
      sourcemap: true,
      sourcesContent: false,
      external: [...OPTIONAL],
    });
  await Promise.all([
    doors({
      ...COMMON,
      entryPoints: Object.fromEntries(
        TOGETHER.map(({ path, module }) => [doorName(path), module]),
      ),
      chunkNames: "shared-[hash]",
      platform: "neutral",
      plugins: [WS_BESIDE],
    }),
    doors({
      ...FOR_BROWSERS,
      entryPoints: Object.fromEntries(
        TOGETHER.flatMap(({ path, page }) =>
          page === undefined ? [] : [[`${doorName(path)}_browser`, page]]
        ),
      ),
      chunkNames: "shared_browser-[hash]",
    }),
    build({
      ...FOR_BROWSERS,
      entryPoints: ["browser.ts"],
      outfile: join(folder, "browser.js"),
      minify: true,
      sourcemap: true,
      sourcesContent: false,
    }),
    buildWs(folder, COMMON),
    buildVillas(folder, COMMON),
    buildCli(folder, COMMON),
  ]);
  declare(folder);
  includeSources(folder);
  copyDocuments(folder);
  const pages = manPages(COMMANDS, VERSION);
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

/** Declarations: one file a module, with a map that leads editors to the source. */
function declare(folder: string): void {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const modules = new Set(DOORS.flatMap(({ module, page }) => page ? [module, page] : [module]));
  const { status, stdout, stderr } = spawnSync("node", [
    tsc,
    ...["--ignoreConfig", "--declaration", "--declarationMap", "--emitDeclarationOnly"],
    ...["--noCheck", "--target", "esnext", "--module", "nodenext", "--allowImportingTsExtensions"],
    ...["--strict", "--isolatedDeclarations", "--stripInternal", "--types", ""],
    ...["--rootDir", root, "--outDir", join(folder, "types")],
    ...[...modules].map((file) => join(root, file)),
  ], { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot declare types: ${stdout}${stderr}`);
  // In declarations tsc leaves the names of modules as they are (microsoft/TypeScript#61037).
  for (const file of globSync("types/**/*.d.ts", { cwd: folder })) {
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replaceAll(/(\bfrom |\bimport\()"(\.[^"]+)\.ts"/g, '$1"$2.js"'));
  }
}

/** Copies what people read. Links to files of the repository lead there, since most are not in the package. */
function copyDocuments(folder: string): void {
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  for (const name of ["README.md", "CHANGELOG.md"]) {
    const text = readFileSync(join(root, name), "utf8")
      .replaceAll(/(!\[[^\]]*\]\()(?!\w+:)/g, `$1${REPOSITORY}/raw/HEAD/`)
      .replaceAll(/(\]\()(?!\w+:|#)/g, `$1${REPOSITORY}/blob/HEAD/`);
    writeFileSync(join(folder, name), text);
  }
}

if (import.meta.main) {
  const folder = process.argv[2] ?? join(root, "npm");
  await buildPackage(folder);
  const { all, sub } = await measurePackage(folder);
  console.log(`Built ${folder}`);
  console.log(`After gzip -9, browser.js has ${all} bytes, and a bundle of Sub alone ${sub}`);
}

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The page's files by their paths. */
export type Files = ReadonlyMap<string, Uint8Array>;

const NOT_BUILT = "Cannot build the page without esbuild: use the npm package, which has it built";

/** Of the published package: made by scripts/build_npm.ts. */
const BUILT = new URL("./villas_page/", import.meta.url);
/** Of the repository. */
const SOURCE = new URL("./app/", import.meta.url);

/**
 * The page's files: as they were built for the package, or built now.
 *
 * @throws {Error} If neither the built files nor esbuild are there.
 */
export async function pageFiles(): Promise<Files> {
  // JSR has the modules only, and they are not on this machine.
  if (SOURCE.protocol !== "file:") throw new Error(NOT_BUILT);
  return existsSync(BUILT) ? await readBuilt(fileURLToPath(BUILT)) : await buildPage();
}

async function readBuilt(folder: string): Promise<Files> {
  const files = new Map<string, Uint8Array>();
  for (const name of await readdir(folder)) {
    files.set(name === "index.html" ? "/" : `/${name}`, await readFile(join(folder, name)));
  }
  return files;
}

/** The part of esbuild that is needed here. */
interface Bundler {
  build(options: object): Promise<{ outputFiles: { path: string; contents: Uint8Array }[] }>;
}

/** Bundles the page with esbuild, which only the repository has. */
export async function buildPage(): Promise<Files> {
  const folder = fileURLToPath(SOURCE);
  const { outputFiles } = await (await bundler()).build({
    entryPoints: [join(folder, "main.ts"), join(folder, "style.css")],
    outdir: "/",
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    define: { "globalThis.process": "undefined" },
    legalComments: "inline",
    logLevel: "warning",
  });
  const files = new Map<string, Uint8Array>();
  for (const { path, contents } of outputFiles) {
    files.set(path.replace(/^.*[/\\]/, "/"), contents);
  }
  files.set("/", await readFile(join(folder, "index.html")));
  files.set("/icon.svg", await readFile(join(folder, "icon.svg")));
  return files;
}

async function bundler(): Promise<Bundler> {
  // Not a literal: bundlers and JSR would look for it.
  const name = "esbuild";
  try {
    return await import(name) as Bundler;
  } catch (cause) {
    throw new Error(NOT_BUILT, { cause });
  }
}

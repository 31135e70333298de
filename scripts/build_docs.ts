// Builds the guide into a site, docs/.vitepress/dist: the pages by VitePress, then the reference of the API, api/, by TypeDoc.
// `--dev` serves the pages instead, without the reference, and follows what you write.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { environment, installIn, root } from "./setup.mjs";

const DOCS: string = join(root, "docs");
/** What makes a site of the pages, with a package.json of its own. */
const TOOLS: string = join(DOCS, ".vitepress");
/** Where the site is when it is built. */
export const SITE: string = join(TOOLS, "dist");

const VITEPRESS = ["vitepress", "bin", "vitepress.js"];
const TYPEDOC = ["typedoc", "bin", "typedoc"];

/** Builds the site; rejects if a link in it leads nowhere. */
export async function buildDocs(): Promise<void> {
  installIn(TOOLS);
  await tool(VITEPRESS, ["build", DOCS]);
  await tool(TYPEDOC, [
    "--options",
    join(TOOLS, "typedoc.json"),
    "--out",
    join(SITE, "api"),
    ...doors().flatMap((file) => ["--entryPoints", file]),
  ]);
}

/** The modules that the package exports. */
function doors(): string[] {
  const { exports } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  ) as {
    exports: Record<string, string>;
  };
  return Object.values(exports).map((file) => join(root, file));
}

/** Runs a program of `docs/.vitepress/node_modules` to its end. */
function tool(path: readonly string[], args: readonly string[]): Promise<void> {
  const [name = ""] = path;
  const child = spawn("node", [join(TOOLS, "node_modules", ...path), ...args], {
    cwd: root,
    env: environment(),
    stdio: "inherit",
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0) resolve();
      else {reject(
          new Error(`Cannot build the site: ${name} ended with status ${code}`),
        );}
    });
  });
}

if (import.meta.main && process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { dev: { type: "boolean", default: false } },
  });
  installIn(TOOLS);
  if (values.dev) await tool(VITEPRESS, ["dev", DOCS]);
  else await buildDocs();
}

/** The npm package, built for a test into a folder of its own. */

import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { run } from "../helpers/process.ts";
import { PROJECT, RUNTIMES } from "../helpers/runtimes.ts";

/** The pinned Node, which builds. */
export const NODE: string = RUNTIMES.find(({ name }) => name === "node")!.command;

/** A package that was built. */
export interface Package {
  readonly folder: string;
  /** Removes it. */
  remove(): void;
}

/** Builds it where the packages that it depends on are found; or copies the one that was built for all tests of this run. */
export async function buildPackage(): Promise<Package> {
  const cache = join(PROJECT, "node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "package-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const ready = process.env["NANOSTREAMS_PACKAGE"];
  if (ready !== undefined) {
    cpSync(ready, folder, { recursive: true });
    return { folder, remove };
  }
  const { code, stderr } = await run(NODE, [join(PROJECT, "scripts", "build_npm.ts"), folder]);
  if (code !== 0) {
    remove();
    throw new Error(`Cannot build the package: ${stderr}`);
  }
  return { folder, remove };
}

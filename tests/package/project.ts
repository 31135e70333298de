/** Fresh projects of strangers, with the packed package installed. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { buildPackage } from "../browser/package.ts";
import { type Finished, run, type SpawnOptions, start } from "../helpers/process.ts";
import { CURRENT } from "../helpers/runtimes.ts";

/** For `node:test`: why the tests that install packages are skipped, or false. They start every runtime by themselves. */
export const SKIP: string | false = CURRENT.name !== "node"
  ? "the package's matrix runs once: see Node"
  : process.env["MATRIX"] !== "1"
  ? "the package's matrix downloads packages: MATRIX=1 npm test -- --only=node tests/package/"
  : false;

/** How long an installation, or one step of a tool, may take in milliseconds. */
export const PATIENCE = 130_000;

/** For `node:test`: the first test of a file waits for what is installed for all of them. */
export const MATRIX: { readonly skip: string | false; readonly timeout: number } = {
  skip: SKIP,
  timeout: PATIENCE,
};

/** A folder with the package installed, and others. */
export class Project {
  readonly folder: string;
  /** The packed package. */
  tarball = "";

  constructor() {
    // Some tools tell modules by their real paths.
    this.folder = mkdtempSync(join(realpathSync(tmpdir()), "nanostreams-package-"));
  }

  /** The path of a file in it. */
  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** Writes a file. */
  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  /** Runs a program in it, which has to succeed; returns what it printed. */
  async run(
    command: string,
    args: readonly string[],
    options: SpawnOptions = {},
  ): Promise<string> {
    const { code, stdout, stderr } = await this.try(command, args, options);
    if (code !== 0) {
      const printed = `${stdout.subarray(-2000)}${stderr.slice(-2000)}`;
      throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${printed}`);
    }
    return stdout.toString();
  }

  /** Runs a program in it, whatever becomes of it. */
  async try(
    command: string,
    args: readonly string[],
    options: SpawnOptions = {},
  ): Promise<Finished> {
    await using child = start(command, args, { cwd: this.folder, ...options });
    return await child.finished(PATIENCE);
  }

  /** Removes it. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Builds the package and packs it as for publication; returns the path of the tarball, which is in the folder. */
async function pack(folder: string): Promise<string> {
  const built = await buildPackage();
  try {
    const { stdout, stderr } = await run("npm", [
      ...["pack", "--json", "--loglevel=error", "--pack-destination", folder],
      built.folder,
    ], { cwd: folder });
    const [file] = stdout.toString().match(/[\w.-]+\.tgz/) ?? [];
    if (file === undefined) throw new Error(`Cannot pack the package: ${stderr}`);
    return join(folder, file);
  } finally {
    built.remove();
  }
}

/** A project with the packed package, and packages from the registry as in `package.json`: versions, or `npm:` and a name. */
export async function install(packages: Readonly<Record<string, string>> = {}): Promise<Project> {
  const project = new Project();
  try {
    project.tarball = await pack(project.folder);
    const dependencies = { "@nanostreams/nanostreams": `file:${project.tarball}`, ...packages };
    project.write("package.json", JSON.stringify({ private: true, type: "module", dependencies }));
    await project.run("npm", [
      ...["install", "--no-audit", "--no-fund", "--prefer-offline", "--no-package-lock"],
      ...["--ignore-scripts", "--loglevel=error"],
    ]);
    return project;
  } catch (error) {
    project.remove();
    throw error;
  }
}

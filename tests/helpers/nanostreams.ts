/** The command `nanostreams`, run by the runtime that runs the test. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Child, type Finished, run, type SpawnOptions, start } from "./process.ts";
import { FAST_PROGRAM, programFile } from "./programs.ts";
import { CURRENT } from "./runtimes.ts";

/** The program's file. */
export const PROGRAM: string = programFile("nanostreams");

// At a pipe there are no colours unless somebody forces them; and Node complains if both of these are set.
delete process.env["FORCE_COLOR"];
delete process.env["NO_COLOR"];

/** The environment that it is started in. */
export const ENVIRONMENT: Readonly<Record<string, string>> = FAST_PROGRAM;

function fast(options: SpawnOptions = {}): SpawnOptions {
  return { ...options, env: { ...ENVIRONMENT, ...options.env } };
}

/** Starts it. */
export function startNanostreams(args: readonly string[], options?: SpawnOptions): Child {
  return start(CURRENT.command, [...CURRENT.args, PROGRAM, ...args], fast(options));
}

/** Starts it, and waits until it is bound. Its `--verbose` says so. */
export async function startBound(args: readonly string[], options?: SpawnOptions): Promise<Child> {
  const child = startNanostreams([...args, "--verbose"], options);
  await child.line(/bound to /);
  return child;
}

/** Runs it to its end. */
export async function runNanostreams(
  args: readonly string[],
  options?: SpawnOptions,
): Promise<Finished> {
  return await run(CURRENT.command, [...CURRENT.args, PROGRAM, ...args], fast(options));
}

/** A folder for a test file, with addresses that nobody else uses. */
export class Folder {
  readonly path: string = mkdtempSync(join(tmpdir(), "nanostreams-"));
  #count = 0;

  /** A path in it. */
  file(name: string = String(this.#count++)): string {
    return join(this.path, name);
  }

  /** An address in it. */
  address(): string {
    return `ipc://${this.file()}`;
  }

  /** Removes it. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Sends by one, and receives by another of the wire. Returns the receiver's end; the sender has to end well. */
export async function pass(
  folder: Folder,
  push: readonly string[],
  pull: readonly string[],
  options?: SpawnOptions,
): Promise<Finished> {
  const address = folder.address();
  const [received, sent] = await Promise.all([
    runNanostreams(["pull", address, ...pull]),
    runNanostreams(["push", address, ...push], options),
  ]);
  if (sent.code !== 0) throw new Error(`push ended with ${sent.code}: ${sent.stderr}`);
  return received;
}

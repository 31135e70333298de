/** A folder in which the files and commands of a page are as in a project of a reader's that has the package installed. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { PROJECT } from "../helpers/runtimes.ts";
import type { Page } from "./markdown.ts";
import { fileName } from "./rules.ts";

/** The programs of the package, as they are called when it is installed. */
const PROGRAMS: Readonly<Record<string, string>> = {
  nanostreams: "cli/nanostreams.ts",
  nanocat: "cli/nanocat.ts",
  nngcat: "cli/nngcat.ts",
  "nanostreams-villas": "cli/villas.ts",
  villas: "cli/villas.ts",
};

/** Ports that pages write out, such as those of `tcp://127.0.0.1:5555` and `http://localhost:8080`. */
const PORT =
  /(?<=\b(?:127\.0\.0\.1|localhost|0\.0\.0\.0)["'`]?(?::|, )|(?<=\/\/)\*:|\[::1?\]:|\bport: ?|listen\()([1-9]\d{3,4})\b/g;

/** A folder in the repository, where programs find the package by its name as in `node_modules`. */
export class Workshop implements Disposable {
  readonly folder: string;
  /** The environment in which the programs of the package, and the pinned runtimes, are on the `PATH`. */
  readonly environment: Readonly<Record<string, string>>;

  constructor() {
    this.folder = mkdtempSync(join(PROJECT, ".blocks-"));
    const bin = join(this.folder, ".bin");
    mkdirSync(bin);
    for (const [name, file] of Object.entries(PROGRAMS)) {
      const script = `#!/bin/sh\nexec node "${join(PROJECT, file)}" "$@"\n`;
      writeFileSync(join(bin, name), script, { mode: 0o755 });
    }
    const path = [
      bin,
      join(PROJECT, "node_modules", ".bin"),
      process.env["PATH"] ?? "",
    ];
    this.environment = {
      PATH: path.join(delimiter),
      NO_COLOR: "1",
      HOME: this.folder,
      DENO_DIR: process.env["DENO_DIR"] ?? join(homedir(), ".cache", "deno"),
    };
  }

  /** Makes the folder of a page, with the files that the page shows, and returns it. */
  prepare({ path, blocks }: Page): string {
    const folder = join(
      this.folder,
      path.replaceAll("/", "_").replace(/\.md$/, ""),
    );
    mkdirSync(folder, { recursive: true });
    for (const block of blocks) {
      const name = fileName(block);
      if (name === undefined) continue;
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, block.text);
    }
    return folder;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The page with free ports in place of those it names, the same one for the same one. */
export async function withFreePorts(source: string): Promise<string> {
  const ports = new Map<string, string>();
  for (const [port] of source.matchAll(PORT)) {
    if (!ports.has(port)) ports.set(port, String(await freePort()));
  }
  return source.replaceAll(PORT, (port) => ports.get(port) ?? port);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Whether an output is what a page says: `…` is anything in a line, and alone any lines. */
export function matches(output: string, wanted: string): boolean {
  const lines = wanted.trimEnd().split("\n").map((line) => line.trimEnd());
  const pattern = lines.map((line) =>
    line === "…"
      ? "(?:.*\n)*?"
      : `${
        line.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*?")
      }[ \t]*\n`
  );
  return new RegExp(`^${pattern.join("")}$`).test(
    output.trimEnd() === "" ? "" : `${output.trimEnd()}\n`,
  );
}

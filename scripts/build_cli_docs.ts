// Makes docs/cli/*.md, and the list of subcommands in docs/cli.md, of what the command line says of itself.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { COMMANDS } from "../cli/nanostreams/spec/commands.ts";
import { pageOf, withList } from "./cli_docs/markdown.ts";

const DOCS: string = fileURLToPath(new URL("../docs/", import.meta.url));

/** The pages as they have to be, by their paths below `docs/`. */
export function cliDocs(): Map<string, string> {
  const overview = withList(readFileSync(join(DOCS, "cli.md"), "utf8"), COMMANDS);
  return new Map([
    ["cli.md", overview],
    ...COMMANDS.map((command) => [`cli/${command.name}.md`, pageOf(command)] as const),
  ]);
}

/** The pages as they are. */
export function writtenDocs(): Map<string, string> {
  const names = readdirSync(join(DOCS, "cli")).map((name) => `cli/${name}`);
  return new Map(
    ["cli.md", ...names].map((path) => [path, readFileSync(join(DOCS, path), "utf8")]),
  );
}

if (import.meta.main) {
  const pages = cliDocs();
  rmSync(join(DOCS, "cli"), { recursive: true, force: true });
  mkdirSync(join(DOCS, "cli"));
  for (const [path, text] of pages) writeFileSync(join(DOCS, path), text);
  console.log(`Wrote ${pages.size} pages`);
}

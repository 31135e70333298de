/** The pages and manual pages of the command line: up to date, complete, and readable by what reads them. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { COMMANDS } from "../../../cli/nanostreams/spec/commands.ts";
import { cliDocs, writtenDocs } from "../../../scripts/build_cli_docs.ts";
import { withList } from "../../../scripts/cli_docs/markdown.ts";
import { manPages } from "../../../scripts/cli_docs/roff.ts";
import { run } from "../../helpers/process.ts";

const PAGES = manPages(COMMANDS, "1.2.3");

const folder = mkdtempSync(join(tmpdir(), "man-"));
after(() => rmSync(folder, { recursive: true }));
for (const { file, text } of PAGES) writeFileSync(join(folder, file), text);

const hasGroff = spawnSync("groff", ["--version"]).status === 0;
const skip = hasGroff ? false : "needs groff: apt-get install groff";

/** A manual page as it is read, in one line. */
async function read(file: string): Promise<string> {
  const args = ["-man", "-Tutf8", "-ww", "-P-cbou", file];
  const { code, stdout, stderr } = await run("groff", args, { cwd: folder });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, file);
  return stdout.toString().replaceAll(/\s+/g, " ");
}

test("the pages in docs/ are what the command line says of itself: npm run docs:cli", () => {
  const [wanted, written] = [cliDocs(), writtenDocs()];
  assert.deepEqual([...written.keys()].sort(), [...wanted.keys()].sort());
  for (const [path, text] of wanted) assert.equal(written.get(path), text, path);
});

test("a page has every flag and example of its subcommand", () => {
  const pages = cliDocs();
  for (const { name, flags, examples } of COMMANDS) {
    const page = pages.get(`cli/${name}.md`)!;
    for (const flag of flags) assert.match(page, new RegExp(`^- \`--${flag.name}[\`\\[ ]`, "m"));
    for (const { line } of examples) assert.ok(page.includes(`\n${line}\n`), line);
  }
});

test("a page of subcommands without a place for them is refused", () => {
  assert.throws(() => withList("# The command line", COMMANDS), /Cannot find the list/);
});

test("there is a manual page for each subcommand, and one of them all", () => {
  const files = ["nanostreams.1", ...COMMANDS.map(({ name }) => `nanostreams-${name}.1`)];
  assert.deepEqual(PAGES.map(({ file }) => file), files);
});

test("manual pages are read without a warning", { skip }, async () => {
  for (const { file } of PAGES) {
    const text = await read(file);
    assert.match(text, /NAME .* SYNOPSIS .* EXIT STATUS /);
    assert.match(text, /nanostreams 1\.2\.3/);
  }
});

test("a manual page shows flags and examples as they are typed", { skip }, async () => {
  const push = await read("nanostreams-push.1");
  assert.match(push, /NAME nanostreams-push - share messages among pullers SYNOPSIS/);
  assert.match(push, /-d, --data TEXT Send TEXT instead of standard input/);
  assert.match(push, /\{\{n\}\}, \{\{time\}\}, \{\{uuid\}\}/);
  for (const { name, examples, flags } of COMMANDS) {
    const text = await read(`nanostreams-${name}.1`);
    for (const { line } of examples) assert.ok(text.includes(line), line);
    for (const flag of flags) assert.ok(text.includes(`--${flag.name}`), flag.name);
  }
});

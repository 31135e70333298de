/** The files of `examples/`: what they may import, how long the programs are, and that the list has them all. */

import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { test } from "node:test";
import { tables } from "../docs/pages.ts";
import { PROJECT } from "../helpers/runtimes.ts";
import { PROGRAMS } from "./programs.ts";

const EXAMPLES = join(PROJECT, "examples");
const FILES = globSync("**/*.*", { cwd: EXAMPLES }).map((file) => file.replaceAll(sep, "/"))
  .filter((file) => file !== "README.md").sort();
const LIST = readFileSync(join(EXAMPLES, "README.md"), "utf8");

/** The lines of a program that are neither comments nor empty. */
function codeLines(file: string): string[] {
  return readFileSync(join(EXAMPLES, file), "utf8").replaceAll(/\/\*\*.*?\*\//gs, "").split("\n")
    .filter((line) => !/^\s*(\/\/|$)/.test(line));
}

for (const program of readdirSync(PROGRAMS)) {
  const files = FILES.filter((file) => file.startsWith(`programs/${program}/`));

  test(`the program ${program} has less than 40 lines, all files together`, () => {
    assert.notEqual(files.length, 0);
    const lines = files.flatMap(codeLines);
    assert.ok(lines.length < 40, `${lines.length} lines`);
  });

  test(`the program ${program} takes everything of this library from its doors, by name`, () => {
    for (const file of files) {
      const imports = codeLines(file).join("\n").matchAll(/ from "(.+?)"/g);
      for (const [, from] of imports) {
        assert.match(from!, /^(\.\/\w+\.ts|node:\w+|esbuild|@nanostreams\/nanostreams.*)$/);
      }
    }
  });
}

const links = Array.from(LIST.matchAll(/\]\(([^)#]+)\)/g), ([, link]) => link!);

test("the list has every example, and each link leads to one", () => {
  const broken = links.filter((link) => !existsSync(join(EXAMPLES, link)));
  assert.deepEqual(broken, []);
  // A folder's link, which ends in a slash, is for all that is in it.
  const missing = FILES.filter((file) =>
    !links.some((link) => link === file || link.endsWith("/") && file.startsWith(link))
  );
  assert.deepEqual(missing, []);
});

test("the commands in the list, and those in the examples, name files that exist", () => {
  const texts = [LIST, ...FILES.map((file) => readFileSync(join(EXAMPLES, file), "utf8"))];
  const named = texts.flatMap((text) => text.match(/(?<![\w/.-])examples\/[\w/]+\.ts\b/g) ?? []);
  assert.ok(named.length > FILES.length / 2);
  const missing = named.filter((file) => !existsSync(join(PROJECT, file)));
  assert.deepEqual(missing, []);
});

test("each row of the list says what an example shows, and how to start it", () => {
  const rows = tables(LIST).flatMap(({ rows }) => rows);
  assert.ok(rows.length > 15);
  for (const [example, shows, start] of rows) {
    assert.notEqual(shows, "", example);
    const [, first] = /\]\((.+?)\)/.exec(example!) ?? [];
    const [, command] = /`(.+?)`/.exec(start!) ?? [];
    assert.ok(command?.startsWith("npm ") || command?.includes(`examples/${first}`), start);
  }
});

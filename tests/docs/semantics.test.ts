/** docs/semantics.md: the tables that tests cite are there, and each row names the test that shows it. */

import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PROJECT } from "../helpers/runtimes.ts";

const PAGE = "docs/semantics.md";
const lines = readFileSync(join(PROJECT, PAGE), "utf8").split("\n");
const tables = lines.flatMap((line) => line.match(/^## B(\d+)\. /)?.[1] ?? []).map(Number);

/** The rows of all tables, without heads and rules. */
const rows = lines.filter((line, index) =>
  line.startsWith("|") && !line.startsWith("| ---") && !lines[index + 1]?.startsWith("| ---")
);

test("tables are numbered from B1 on", () => {
  assert.deepEqual(tables, tables.map((_, index) => index + 1));
});

test("every table that a test cites is there", () => {
  const citing = globSync("tests/**/*.ts", { cwd: PROJECT }).flatMap((file) => {
    const [first = ""] = readFileSync(join(PROJECT, file), "utf8").split("\n");
    const cited = first.match(/tables? of semantics \(([^)]*)\)/)?.[1];
    return cited === undefined ? [] : [{ file, cited }];
  });
  assert.ok(citing.length >= 9, `only ${citing.length} files cite a table`);
  for (const { file, cited } of citing) {
    for (const [, number] of cited.matchAll(/B(\d+)/g)) {
      assert.ok(tables.includes(Number(number)), `${file} cites B${number}`);
    }
  }
});

test("every row names a test that is there", () => {
  assert.ok(rows.length > 80);
  for (const row of rows) {
    const last = row.split("|").at(-2)!;
    const links = [...last.matchAll(/\]\(\.\.\/(tests\/[^)]+)\)/g)].map(([, path]) => path!);
    assert.ok(links.length > 0, row);
    for (const path of links) assert.ok(existsSync(join(PROJECT, path)), `${path} in ${row}`);
  }
});

test("files that cite a table are named in it", () => {
  const page = lines.join("\n");
  for (const file of globSync("tests/unit/*_rows.test.ts", { cwd: PROJECT })) {
    assert.ok(page.includes(`../${file.replaceAll("\\", "/")}`), file);
  }
});

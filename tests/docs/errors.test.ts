/** `docs/errors.md`: whether every code has its section, and no other. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { PROJECT } from "../helpers/runtimes.ts";
import { codes, headings, readPage, tables } from "./pages.ts";

const page = await readPage("errors.md");
const source = await readFile(join(PROJECT, "src", "base", "errors.ts"), "utf8");

/** The type is gone at run time: its members are read from the source. */
const [, members = ""] = /export type SPErrorCode =([^;]+);/.exec(source) ?? [];
const known = Array.from(members.matchAll(/"(\w+)"/g), ([, code]) => code!).sort();
const described = headings(page, 2).filter((heading) => /^E[A-Z]+$/.test(heading));

test("the page has a section for every code, in order, and no other", () => {
  assert.ok(known.length > 20);
  assert.deepEqual(described, known);
});

test("each section says where the error appears, why, and what to do", () => {
  for (const code of described) {
    const table = tables(page).find(({ section }) => section === code);
    assert.deepEqual(table?.header, ["where", "cause", "cure"], code);
    assert.ok(table.rows.length > 0, code);
    for (const row of table.rows) {
      assert.equal(row.length, 3, code);
      assert.ok(row.every((cell) => cell !== ""), code);
    }
  }
});

test("the list at the beginning has every code", () => {
  const [list] = tables(page);
  const listed = list!.rows.flatMap(([names]) => codes(names!)).sort();
  assert.deepEqual(listed, known);
});

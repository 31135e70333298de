/** `docs/bridges.md` shows the examples as they are, and says of options what holds. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PROJECT } from "../helpers/runtimes.ts";

const EXAMPLES = join(PROJECT, "examples", "bridges");
const page = readFileSync(join(PROJECT, "docs", "bridges.md"), "utf8");

test("the page has each bridge as it is, but for its first lines", () => {
  const blocks = [...page.matchAll(/`examples\/bridges\/(\S+)`:\n\n```ts file=\S+\n([^]*?)```\n/g)];
  assert.deepEqual(blocks.map(([, name]) => name).sort(), readdirSync(EXAMPLES).sort());
  for (const [, name, code] of blocks) {
    const file = readFileSync(join(EXAMPLES, name!), "utf8");
    assert.equal(code, file.slice(file.indexOf("import ")));
  }
});

test("a bridge has fewer than 80 lines", () => {
  for (const name of readdirSync(EXAMPLES)) {
    const lines = readFileSync(join(EXAMPLES, name), "utf8").split("\n").length - 1;
    assert.ok(lines < 80, `${name} has ${lines}`);
  }
});

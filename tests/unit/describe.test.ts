/** What the suite asks of its own files. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("no test within node:test's describe cleans up by its context, which Deno would not do", () => {
  const folder = fileURLToPath(new URL("..", import.meta.url));
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts"))
    .filter((path) => {
      const source = readFileSync(join(folder, path), "utf8");
      return /import {[^}]*\bdescribe\b[^}]*} from "node:test"/.test(source) &&
        /\((t|s)(: TestContext)?\) =>|\.after\(/.test(source);
    });
  assert.deepEqual(found, []);
});

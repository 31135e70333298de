/** What villas/ is made of: files of one kind in each folder, and the library's public API alone. */

import assert from "node:assert/strict";
import { globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { FORMATS } from "../../villas/formats/table.ts";
import { HOOK_TYPES } from "../../villas/hooks/table.ts";
import { NODE_TYPES } from "../../villas/nodes/table.ts";
import { PROJECT } from "../helpers/runtimes.ts";

/** The modules that a file imports by a path, from the project's top folder. */
function imports(file: string): string[] {
  const code = readFileSync(join(PROJECT, file), "utf8");
  return [...code.matchAll(/^(?:import|export|\} from)[^"\n]*"(\.[^"]+)"/gm)]
    .map(([, path]) => join(dirname(file), path!).replaceAll("\\", "/"));
}

function files(pattern: string): string[] {
  return globSync(pattern, { cwd: PROJECT }).map((file) => file.replaceAll("\\", "/"));
}

test("villas/ uses the library's public API and nothing else of it", () => {
  const all = files("villas/**/*.ts");
  assert.ok(all.length > 60);
  for (const file of all) {
    for (const path of imports(file)) {
      const allowed = path.startsWith("villas/") || path === "mod.ts" ||
        path === "zmtp/mod.ts" || (path === "browser.ts" && file.startsWith("villas/page/app/"));
      assert.ok(allowed, `${file} imports ${path}`);
    }
  }
});

test("nothing else of the library knows villas/", () => {
  for (const file of [...files("{src,patterns,transports,zmtp}/**/*.ts"), "mod.ts", "browser.ts"]) {
    const known = imports(file).filter((path) => path.startsWith("villas/"));
    assert.deepEqual(known, [], relative(PROJECT, file));
  }
});

const TABLES: readonly [folder: string, names: string[], others: string[]][] = [
  ["formats", FORMATS.map(({ name }) => name.replace("villas.", "")), [
    "format",
    "streams",
    "table",
  ]],
  ["hooks", HOOK_TYPES.map(({ name }) => name), ["chain", "hook", "table"]],
  ["nodes", NODE_TYPES.map(({ name }) => name), ["node", "table"]],
];

for (const [folder, names, others] of TABLES) {
  test(`each of the ${folder} is one file, and is in the table`, () => {
    const present = readdirSync(join(PROJECT, "villas", folder))
      .filter((name) => name.endsWith(".ts")).map((name) => name.slice(0, -3));
    const wanted = [...names.map((name) => name.replace(".", "_")), ...others];
    assert.deepEqual(present.sort(), wanted.sort());
  });
}

test("no file is longer than 400 lines", () => {
  for (const file of files("{villas,cli/villas}/**/*.ts")) {
    const lines = readFileSync(join(PROJECT, file), "utf8").split("\n").length;
    assert.ok(lines <= 400, `${file} has ${lines}`);
  }
});

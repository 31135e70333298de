/** The doors of the package, as `deno.json` lists them, and what users find at each. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../helpers/process.ts";
import { PROJECT, RUNTIMES } from "../helpers/runtimes.ts";

function read<Manifest>(name: string): Manifest {
  return JSON.parse(readFileSync(join(PROJECT, name), "utf8")) as Manifest;
}

const { exports } = read<{ exports: Record<string, string> }>("deno.json");
const deno = RUNTIMES.find(({ name }) => name === "deno")!.command;

for (const [door, file] of Object.entries(exports)) {
  test(`${door} begins with a module document that has an example`, () => {
    const code = readFileSync(join(PROJECT, file), "utf8").replace(/^#!.*\n/, "");
    const [, text] = /^\/\*\*([^]*?)\*\//.exec(code) ?? [];
    assert.ok(text !== undefined, `${file} begins with something else`);
    assert.match(text, /^ \* @module$/m);
    assert.match(text, /^ \* @example\n \* ```(?:ts|sh)$/m);
  });
}

test("the repository's own manifest has the same doors, but for programs", () => {
  const programs = Object.entries(exports).filter(([, file]) =>
    readFileSync(join(PROJECT, file), "utf8").startsWith("#!")
  );
  const doors = { ...read<{ exports: Record<string, string> }>("package.json").exports };
  assert.deepEqual({ ...doors, ...Object.fromEntries(programs) }, exports);
});

test("everything that a door exports is documented, down to the members", async () => {
  const { code, stderr } = await run(deno, ["doc", "--lint", ...Object.values(exports)], {
    cwd: PROJECT,
    env: { NO_COLOR: "1" },
  });
  assert.equal(code, 0, stderr);
});

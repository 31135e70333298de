/** What imports from JSR: where it may stand, and that it works where JSR can be reached. */

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { FROM_JSR } from "../../scripts/from_jsr.ts";
import { run } from "../helpers/process.ts";
import { PROJECT, RUNTIMES } from "../helpers/runtimes.ts";

const jsr = process.env["JSR_URL"] ?? "https://jsr.io/";
const isReachable = await fetch(new URL("@std/assert/meta.json", jsr), {
  signal: AbortSignal.timeout(5_000),
}).then(({ ok, body }) => body?.cancel().then(() => ok) ?? ok, () => false);
const skip = isReachable
  ? false
  : `${jsr} cannot be reached: ${FROM_JSR.join(", ")} are neither type-checked nor run`;

const deno = RUNTIMES.find(({ name }) => name === "deno")!.command;
const read = (path: string): string => readFileSync(join(PROJECT, path), "utf8");

test("no other file imports from JSR", () => {
  const { imports } = JSON.parse(read("deno.json")) as { imports: Record<string, string> };
  const names = Object.keys(imports).filter((name) => imports[name]!.startsWith("jsr:"));
  assert.deepEqual(names, ["@deno/dnt", "@std/assert", "@std/streams"]);
  const statement = new RegExp(`\\b(?:from|import\\() ?"(?:jsr:|(?:${names.join("|")})["/])`);
  const files = globSync("**/*.ts", {
    cwd: PROJECT,
    exclude: (name) => name === "node_modules" || name === "npm",
  }).map((path) => path.replaceAll("\\", "/"));
  assert.ok(files.length > 500);
  const importing = files.filter((path) => statement.test(read(path)));
  const placeOf = (path: string): string | undefined =>
    FROM_JSR.find((place) => path === place || path.startsWith(`${place}/`));
  assert.deepEqual(importing.filter((path) => placeOf(path) === undefined), []);
  assert.deepEqual([...new Set(importing.map(placeOf))].sort(), FROM_JSR);
});

test("the compiler of TypeScript leaves out the same files as Deno's", () => {
  const { exclude } = JSON.parse(read("tsconfig.json")) as { exclude: string[] };
  assert.deepEqual(FROM_JSR.filter((place) => !exclude.includes(place)), []);
});

test("what imports from JSR is type-checked, and the examples for Deno run", { skip }, async () => {
  const options = { cwd: PROJECT, env: { NO_COLOR: "1" } };
  const checked = await run(deno, ["check", ...FROM_JSR], options);
  assert.equal(checked.code, 0, checked.stderr);
  const tested = await run(deno, ["test", "--allow-all", "--no-check", "tests/jsr/std"], options);
  assert.equal(tested.code, 0, tested.stdout.toString() + tested.stderr);
});

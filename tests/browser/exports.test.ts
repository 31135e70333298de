/** What pages can import, next to what everybody else can. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
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

/** The names that a module exports, values and types, with those of the modules that it exports whole. */
function exported(file: string): string[] {
  const code = readFileSync(join(PROJECT, file), "utf8").replaceAll(/\/\*[^]*?\*\//g, "");
  const names: string[] = [];
  for (const [, list] of code.matchAll(/^export (?:type )?\{([^}]*)\}/gm)) {
    names.push(...list!.split(",").map((name) => name.replace(/\btype\b/, "").trim()));
  }
  for (const [, path] of code.matchAll(/^export \* from "(.*)";/gm)) {
    names.push(...exported(join(dirname(file), path!)));
  }
  return names.filter((name) => name !== "").sort();
}

test("browser.ts exports what mod.ts does, but what is of servers", () => {
  const wanted = exported("mod.ts").filter((name) => !SERVERS_ONLY.includes(name));
  assert.ok(wanted.length > 50);
  assert.deepEqual(exported("browser.ts"), wanted);
});

test("zmtp/browser.ts exports what zmtp/mod.ts does, but what is of servers", () => {
  const wanted = exported("zmtp/mod.ts").filter((name) => !SERVERS_ONLY.includes(name));
  assert.ok(wanted.includes("SPError"));
  assert.deepEqual(exported("zmtp/browser.ts"), wanted);
});

/** `docs/events.md`: whether it has every event, every reason for a drop and every figure, and no other. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { nanomsgStatistics, Pair, Sub } from "../../mod.ts";
import { PROJECT } from "../helpers/runtimes.ts";
import { codes, readPage, type Table, tables } from "./pages.ts";

const page = await readPage("events.md");
const source = await readFile(join(PROJECT, "src", "surface", "events.ts"), "utf8");

/** What the first column of a table says, which is found by its header's first cell. */
function listed(first: string): string[] {
  return tableOf(first).rows.flatMap(([names]) => codes(names!)).sort();
}

function tableOf(first: string): Table {
  const found = tables(page).find(({ header }) => header[0] === first);
  assert.ok(found !== undefined, `there is a table of "${first}"`);
  for (const row of found.rows) assert.ok(row.every((cell) => cell !== ""), row[0]);
  return found;
}

test("the page has every type of event, and no other", () => {
  const types = Array.from(source.matchAll(/readonly type: "([\w-]+)"/g), ([, type]) => type!);
  assert.ok(types.length > 10);
  assert.deepEqual(listed("event"), types.sort());
});

test("the page has every field of each event", () => {
  const [, union = ""] = /export type SocketEvent =([^]*?)\n {2}\};\n/.exec(source) ?? [];
  for (const part of union.split("readonly type: ").slice(1)) {
    const [, type = ""] = /^"([\w-]+)"/.exec(part)!;
    const row = tableOf("event").rows.find(([name]) => name === `\`${type}\``)!;
    const fields = Array.from(part.matchAll(/readonly (\w+)\??:/g), ([, field]) => field!);
    const said = codes(row[1]!);
    for (const field of fields) assert.ok(said.includes(field), `${type} has ${field}`);
  }
});

test("the page has every reason for a drop, and no other", () => {
  const [, union = ""] = /export type DropReason =([^;]+);/.exec(source) ?? [];
  const reasons = Array.from(union.matchAll(/"([\w-]+)"/g), ([, reason]) => reason!);
  assert.ok(reasons.length > 10);
  assert.deepEqual(listed("reason"), reasons.sort());
});

test("the page has every figure of a socket, its endpoints and its peers", async () => {
  await using left = new Pair();
  await using right = new Pair();
  const { address } = await left.bind("inproc://figures");
  right.connect(address);
  await left.peers(1);
  const stats = left.stats();
  const [endpoint] = stats.endpoints;
  const [peer] = stats.peers;
  const traffic = listed("traffic");
  assert.deepEqual([...traffic, ...listed("socket")].sort(), Object.keys(stats).sort());
  assert.deepEqual(listed("endpoint"), Object.keys(endpoint!).sort());
  assert.deepEqual([...traffic, ...listed("peer")].sort(), Object.keys(peer!).sort());
});

test("the page has nanomsg's number beside each figure that has one", async () => {
  await using sub = new Sub();
  const numbers = Array.from(page.matchAll(/\((\d{3})\)/g), ([, number]) => number!);
  // 203 is always 0 here, and no figure of ours.
  const known = Object.keys(nanomsgStatistics(sub.stats())).filter((number) => number !== "203");
  assert.deepEqual([...new Set(numbers)].sort(), known);
});

/** `docs/observe.md`: whether it says what is there. `npm run check` runs its examples. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  ENDPOINT_FIGURES,
  isCounter,
  PEER_FIGURES,
  SOCKET_FIGURES,
} from "../../observe/figures.ts";
import { lineOf } from "../../observe/lines.ts";
import { type SocketEvent, SPError } from "../../mod.ts";
import { PROJECT } from "../helpers/runtimes.ts";

const page = readFileSync(join(PROJECT, "docs", "observe.md"), "utf8");
const all = [...SOCKET_FIGURES, ...ENDPOINT_FIGURES, ...PEER_FIGURES];

/** The rows of tables, each as its cells, between two headings. */
function rows(from: string, to: string): string[][] {
  const part = page.slice(page.indexOf(`\n${from}\n`), page.indexOf(`\n${to}\n`));
  const lines = part.split("\n").filter((line) => line.startsWith("| `"));
  return lines.map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim()));
}

test("the tables of metrics have every metric, in order, as it is", () => {
  const expected = all.map((figure) => [
    `\`nanostreams_${figure.name}\``,
    isCounter(figure) ? "counter" : "gauge",
    figure.label === undefined ? "" : `\`${figure.label}\``,
    figure.help,
  ]);
  assert.deepEqual(rows("### Metrics", "### Queries"), expected);
});

test("the table of instruments has every instrument, with its unit and Prometheus's names", () => {
  const named = new Map<string, string[]>();
  for (const { instrument, name } of all) {
    named.set(instrument, [...named.get(instrument) ?? [], `\`${name}\``]);
  }
  const units = new Map(all.map(({ instrument, unit }) => [instrument, unit]));
  const expected = [...named].map(([instrument, names]) => [
    `\`${instrument}\``,
    `\`${units.get(instrument)}\``,
    names.join(", "),
  ]);
  assert.deepEqual(rows("## OpenTelemetry", "## Log lines"), expected);
});

test("queries and alerts name metrics that there are", () => {
  const names = new Set(all.map(({ name }) => `nanostreams_${name}`));
  const used = page.matchAll(/\bnanostreams_[a-z_]+[a-z]\b/g);
  assert.deepEqual([...used].map(([name]) => name).filter((name) => !names.has(name)), []);
});

test("the table of events has every type, with its level", () => {
  const [peer, reason] = [
    { endpoint: "a", remoteAddress: "b", protocol: "c" },
    new SPError("EIO", ""),
  ];
  const types: Readonly<Record<SocketEvent["type"], true>> = {
    "attached": true,
    "detached": true,
    "rejected": true,
    "connect-failed": true,
    "gave-up": true,
    "accept-failed": true,
    "request-resent": true,
    "handler-failed": true,
    "send-waits": true,
    "missed": true,
    "dropped": true,
  };
  const expected = Object.keys(types).map((type) => {
    const given = type === "detached" ? { type, peer } : { type, peer, reason, ...peer, count: 1 };
    return [`\`${type}\``, `\`${lineOf("", given as never).level}\``];
  });
  const found = rows("## Log lines", "the end").map((cells) => cells.slice(0, 2));
  assert.deepEqual(found, expected);
});

test("the files that the page names are there", () => {
  const links = [...page.matchAll(/\]\(([^):#]+)\)/g)].map(([, path]) => join("docs", path!));
  const examples = [...page.matchAll(/`(examples\/[^`]+)`/g)].map(([, path]) => path!);
  for (const path of [...links, ...examples]) assert.ok(existsSync(join(PROJECT, path)), path);
});

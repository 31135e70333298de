/** Paths and hooks: which samples go where, and what becomes of them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Gateway } from "../../villas/mod.ts";
import { parseLibconfig } from "../../villas/config/libconfig.ts";
import { loadConfig } from "../../villas/config/load.ts";
import { parseMapping } from "../../villas/paths/mapping.ts";
import { PROJECT } from "../helpers/runtimes.ts";
import { PRINT, run, type Running } from "./gateways.ts";

const AT = { file: "", line: 0, column: 0 };
const LOOP = { type: "loopback", signals: "3f" };

/** A path from loopback `aa` to nowhere, with hooks. */
function hooked(...hooks: unknown[]): Promise<Running> {
  return run({
    nodes: { aa: { ...LOOP, builtin: false } },
    paths: [{ in: "aa", hooks: [...hooks, { ...PRINT, priority: 200 }] }],
  });
}

async function printed(running: Running, count: number): Promise<string[]> {
  await running.until(() => running.printed.length >= count);
  return running.printed;
}

test("a path sends what its source has to its destination", async () => {
  await using running = await run({
    nodes: { aa: LOOP, bb: { ...LOOP, hooks: [PRINT] } },
    paths: [{ in: "aa", out: "bb" }, { in: "bb" }],
  });
  await running.feed("aa", "2f", [1, 2], { sequence: 7n });
  assert.deepEqual(await printed(running, 1), ["(7)\t1.0\t2.0"]);
});

test("several sources are put side by side, and what a shorter sample lacks stays", async () => {
  await using running = await run({
    nodes: { aa: LOOP, bb: { type: "loopback", signals: "1i" } },
    paths: [{ in: ["aa", "bb"], hooks: [PRINT] }],
  });
  await running.feed("aa", "3f", [1, 2, 3], { sequence: 50n });
  await printed(running, 1);
  await running.feed("bb", "1i", [9n], { sequence: 60n });
  await printed(running, 2);
  await running.feed("aa", "2f", [4, 5], { sequence: 51n });
  // The path counts by itself.
  assert.deepEqual(await printed(running, 3), [
    "(0)\t1.0\t2.0\t3.0",
    "(1)\t1.0\t2.0\t3.0\t9",
    "(2)\t4.0\t5.0\t3.0\t9",
  ]);
});

test("with the mode all, a path waits for each source, and then for each again", async () => {
  await using running = await run({
    nodes: { aa: { ...LOOP, signals: "1f" }, bb: { ...LOOP, signals: "1f" } },
    paths: [{ in: ["aa", "bb"], mode: "all", hooks: [PRINT] }],
  });
  await running.feed("aa", "1f", [1]);
  await running.feed("aa", "1f", [2]);
  await running.feed("bb", "1f", [3]);
  await printed(running, 1);
  await running.feed("bb", "1f", [4]);
  await running.feed("aa", "1f", [5]);
  assert.deepEqual(await printed(running, 2), ["(0)\t2.0\t3.0", "(1)\t5.0\t4.0"]);
});

test("only the sources of the mask make a path send", async () => {
  await using running = await run({
    nodes: { aa: { ...LOOP, signals: "1f" }, bb: { ...LOOP, signals: "1f" } },
    paths: [{ in: ["aa", "bb"], mask: ["bb"], hooks: [PRINT] }],
  });
  await running.feed("aa", "1f", [1]);
  await running.until(() => running.gateway.stats().paths[0]!.read === 1);
  await running.feed("bb", "1f", [2]);
  assert.deepEqual(await printed(running, 1), ["(0)\t1.0\t2.0"]);
});

test("a rate sends the last sample again and again, with new numbers", async () => {
  await using running = await run({
    nodes: { aa: { ...LOOP, signals: "1f" } },
    paths: [{ in: "aa", rate: 200, hooks: [PRINT] }],
  });
  await running.feed("aa", "1f", [1], { sequence: 30n });
  assert.deepEqual((await printed(running, 3)).slice(0, 3), ["(0)\t1.0", "(1)\t1.0", "(2)\t1.0"]);
});

for (
  const [mapping, wanted] of [
    ["aa[0-1]", "1.0\t2.0"],
    ["aa[volt]", "2.0"],
    ["aa[volt-power]", "2.0\t3.0"],
    ["aa.data[2]", "3.0"],
    ["aa.volt", "2.0"],
    ["aa.data.power", "3.0"],
    ["aa.hdr.sequence", "41"],
    ["aa.hdr.length", "3"],
    ["aa.ts.origin", "1700000000\t5"],
  ] as const
) {
  test(`the mapping ${mapping}`, async () => {
    const signals = [{ name: "amp" }, { name: "volt" }, { name: "power" }];
    await using running = await run({
      nodes: { aa: { type: "loopback", signals } },
      paths: [{ in: [mapping], hooks: [PRINT] }],
    });
    await running.feed("aa", "3f", [1, 2, 3], { sequence: 41n, origin: [1_700_000_000, 5] });
    assert.deepEqual(await printed(running, 1), [`(41)\t${wanted}`]);
  });
}

test("a mapping that is none, or does not fit, is an error", async () => {
  assert.throws(() => parseMapping("aa[", AT), /Failed to parse mapping expression: aa\[;/);
  assert.throws(() => parseMapping("aa.stats.owd.mean", AT), /statistics are not there yet/);
  const make = (mapping: string) =>
    new Gateway({ nodes: { aa: LOOP }, paths: [{ in: mapping }] }).prepare();
  await assert.rejects(make("aa[volt]"), /no signal volt among 3: signal0, signal1, signal2/);
  await assert.rejects(
    make("aa[2-1]"),
    /Invalid data range indices for mapping "aa\[2-1\]": 1 < 2/,
  );
});

test("reverse adds the path the other way round", async () => {
  await using running = await run({
    nodes: { aa: LOOP, bb: LOOP },
    paths: [{ in: "aa", out: "bb", reverse: true, enabled: true }],
  });
  assert.deepEqual(running.gateway.paths.map(({ title }) => title), [
    "[ aa ] => [ bb ]",
    "[ bb ] => [ aa ]",
  ]);
});

test("a path that is not enabled is not there", async () => {
  await using running = await run({ nodes: { aa: LOOP }, paths: [{ in: "aa", enabled: false }] });
  assert.deepEqual(running.gateway.paths, []);
  assert.ok(running.logged.includes(
    "info super_node: Node aa(loopback) is not used by any path. Disabling...",
  ));
});

for (
  const [sentence, config, message] of [
    ["two paths have one destination", {
      nodes: { aa: LOOP, bb: LOOP, cc: LOOP },
      paths: [{ in: "aa", out: "cc" }, { in: "bb", out: "cc" }],
    }, /Node "cc" is the destination of paths\[0\] already: expected only one path/],
    [
      "a node is not there",
      { nodes: { aa: LOOP }, paths: [{ in: "bb" }] },
      /Invalid node name "bb": there are: aa/,
    ],
    ["a node has a bad name", { nodes: { A: LOOP } }, /Invalid node name "A": expected 2 to 32/],
    ["a node has one letter", { nodes: { a: LOOP } }, /Invalid node name "a"/],
    [
      "a node-type is not known",
      { nodes: { aa: { type: "foo" } } },
      /Unknown node-type: foo; there are: exec, file, loopback, nanomsg/,
    ],
    ["a generator is written to", {
      nodes: { aa: LOOP, bb: { type: "signal", signal: "sine" } },
      paths: [{ in: "aa", out: "bb" }],
    }, /Cannot write to node bb\(signal\)/],
    [
      "vectorize is 0",
      { nodes: { aa: { ...LOOP, vectorize: 0 } } },
      /Invalid "nodes.aa.in.vectorize": expected an integer, at least 1, got 0/,
    ],
  ] as const
) {
  test(`it is an error when ${sentence}`, () => {
    assert.throws(() => new Gateway(config), { name: "ConfigError", message });
  });
}

test("a hook that is not known is an error that lists those that are", async () => {
  const gateway = new Gateway({ nodes: { aa: { ...LOOP, hooks: ["foo"] } } });
  await assert.rejects(gateway.prepare(), {
    name: "ConfigError",
    message:
      "Unknown hook: foo; there are: cast, decimate, drop, fix, limit_rate, print, restart, " +
      "scale, skip_first",
  });
});

test("fix fills in sequence numbers and times, restart and drop watch them", async () => {
  await using running = await run({
    nodes: { aa: { ...LOOP, signals: "1f", initial_sequenceno: 10 } },
    paths: [{ in: "aa", hooks: [PRINT] }],
  });
  const feed = (value: number, sequence?: bigint) =>
    running.feed("aa", "1f", [value], { sequence });
  await feed(1);
  await feed(2);
  await feed(3, 11n); // twice
  await feed(4, 5n); // late
  await feed(5, 12n);
  await feed(6, 0n); // anew
  await feed(7, 1n);
  assert.deepEqual(await printed(running, 5), [
    "(10)\t1.0",
    "(11)\t2.0",
    "(12)\t5.0",
    "(0)\t6.0",
    "(1)\t7.0",
  ]);
  assert.ok(running.logged.some((line) => line.includes("Simulation from node aa restarted")));
});

test("a sample that says itself that its sender has begun anew is not dropped, and resets the path's hooks", async () => {
  await using running = await run({
    nodes: { aa: { ...LOOP, signals: "1f" } },
    paths: [{ in: "aa", hooks: [{ type: "decimate", ratio: 2 }, PRINT] }],
  });
  await running.feed("aa", "1f", [1], { sequence: 7n });
  await running.feed("aa", "1f", [2], { sequence: 0n, newSimulation: true });
  await running.feed("aa", "1f", [3], { sequence: 1n });
  await running.feed("aa", "1f", [4], { sequence: 2n });
  assert.deepEqual(await printed(running, 3), ["(7)\t1.0", "(0)\t2.0", "(2)\t4.0"]);
});

test("without the builtin hooks, duplicates stay", async () => {
  await using running = await run({
    nodes: { aa: { ...LOOP, signals: "1f", builtin: false } },
    paths: [{ in: "aa", hooks: [PRINT] }],
  });
  for (const value of [1, 2]) await running.feed("aa", "1f", [value], { sequence: 3n });
  assert.deepEqual(await printed(running, 2), ["(3)\t1.0", "(3)\t2.0"]);
});

test("scale multiplies and adds, for the signals that it names", async () => {
  await using running = await hooked({ type: "scale", signal: "signal1", scale: 10, offset: 0.5 });
  await running.feed("aa", "3f", [1, 2, 3]);
  assert.deepEqual(await printed(running, 1), ["\t1.0\t20.5\t3.0"]);
});

test("cast changes type and name, which the next hook sees", async () => {
  await using running = await hooked(
    { type: "cast", signals: ["signal0"], new_type: "integer", new_name: "count" },
    { type: "scale", signal: "count", scale: 2 },
  );
  await running.feed("aa", "3f", [1.9, 2, 3]);
  assert.deepEqual(await printed(running, 1), ["\t2\t2.0\t3.0"]);
});

test("hooks of what a node writes know the path's signals, also those that its hooks made", async () => {
  const out = { hooks: [{ type: "scale", signal: "count", scale: 10 }] };
  await using running = await run({
    nodes: { aa: { ...LOOP, builtin: false }, bb: { ...LOOP, builtin: false, out } },
    paths: [
      {
        in: "aa[0-1]",
        out: "bb",
        hooks: [{ type: "cast", signal: "signal1", new_name: "count", new_type: "integer" }],
      },
      { in: "bb", hooks: [PRINT] },
    ],
  });
  await running.feed("aa", "2f", [1, 2]);
  assert.deepEqual(await printed(running, 1), ["\t1.0\t20"]);
});

test("decimate keeps one of each ratio, and may renumber", async () => {
  await using running = await hooked({ type: "decimate", ratio: 3, renumber: true });
  for (let n = 0; n < 7; n++) await running.feed("aa", "1f", [n], { sequence: BigInt(n) });
  assert.deepEqual(await printed(running, 3), ["(0)\t0.0", "(1)\t3.0", "(2)\t6.0"]);
});

test("limit_rate keeps the rate of the clock that it is told", async () => {
  await using running = await hooked({ type: "limit_rate", rate: 10, mode: "origin" });
  for (let n = 0; n < 30; n++) {
    await running.feed("aa", "1f", [n], { origin: [1_700_000_000, n * 10_000_000] });
  }
  assert.deepEqual(await printed(running, 3), ["\t0.0", "\t10.0", "\t20.0"]);
});

test("skip_first leaves out samples or seconds", async () => {
  await using first = await hooked({ type: "skip_first", samples: 2 });
  for (let n = 0; n < 3; n++) await first.feed("aa", "1f", [n]);
  assert.deepEqual(await printed(first, 1), ["\t2.0"]);
  await using second = await hooked({ type: "skip_first", seconds: 1.5 });
  for (let n = 0; n < 3; n++) await second.feed("aa", "1f", [n], { origin: [100 + n, 0] });
  assert.deepEqual(await printed(second, 1), ["\t2.0"]);
});

test("hooks are sorted by priority, and one that is not enabled is left out", async () => {
  await using running = await hooked(
    { type: "scale", signal: "signal0", offset: 1, priority: 20 },
    { type: "scale", signal: "signal0", scale: 10, priority: 10 },
    { type: "scale", signal: "signal0", scale: 1000, enabled: false },
  );
  await running.feed("aa", "1f", [1]);
  assert.deepEqual(await printed(running, 1), ["\t11.0"]);
});

test("configurations are taken as a laboratory has them, with what is not for us", () => {
  const config = loadConfig(new URL("lab.conf", import.meta.url).pathname);
  const gateway = new Gateway(config);
  assert.deepEqual([...gateway.nodes.keys()], ["meter", "log"]);
});

test("the configurations in the documentation are right", async () => {
  const text = readFileSync(join(PROJECT, "docs", "villas.md"), "utf8");
  const configs = [...text.matchAll(/^```conf\n(nodes = [^]*?)^```/gm)].map(([, config]) =>
    config!
  );
  assert.equal(configs.length, 3);
  for (const config of configs) await new Gateway(parseLibconfig(config)).prepare();
});

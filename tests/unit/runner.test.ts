/** The runner of the tests: what a command cost, and which runtime runs which file. */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { run } from "../../scripts/processes.ts";
import { filesOf, testFiles } from "../../scripts/test_files.ts";

const LIMIT = 30_000;
const ALL = ["deno", "bun", "node"];
const skip = process.platform === "win32" && "needs sh";

/** A program that is at work for so many seconds of processor time. */
const busy = (seconds: number): string[] => [
  "node",
  "--eval",
  `while (process.cpuUsage().user < ${seconds * 1e6});`,
];

test("a command has cost the processor time of itself", { skip }, async () => {
  const { code, processor } = await run(busy(0.2), LIMIT);
  assert.equal(code, 0);
  assert.ok(processor >= 0.19, `${processor} s`);
});

test("a command has cost the processor time of what it waited for", { skip }, async () => {
  const [program = "", ...args] = busy(0.2);
  const parent = `require("child_process").spawnSync(${JSON.stringify(program)}, ${
    JSON.stringify(args)
  })`;
  const { processor } = await run(["node", "--eval", parent], LIMIT);
  assert.ok(processor >= 0.19, `${processor} s`);
});

test("a command keeps its exit status and its output", async () => {
  const script = "console.log('out'); console.error('err'); process.exitCode = 3";
  const { code, output, expired } = await run(["node", "--eval", script], LIMIT);
  assert.deepEqual({ code, output, expired }, { code: 3, output: "out\nerr\n", expired: false });
});

test("a command that takes too long is ended", async () => {
  const { expired } = await run(["node", "--eval", "setInterval(() => {}, 1000)"], 100);
  assert.equal(expired, true);
});

test("a file that says the same everywhere runs once: on Node, or else on the first", () => {
  const files = ["tests/types/declarations.test.ts"];
  assert.deepEqual(ALL.map((name) => filesOf(name, ALL, files)), [[], [], files]);
  const others = ["deno", "bun"];
  assert.deepEqual(others.map((name) => filesOf(name, others, files)), [files, []]);
});

test("every other file runs on each runtime", () => {
  const files = ["tests/conformance/tcp.test.ts"];
  for (const name of ALL) assert.deepEqual(filesOf(name, ALL, files), files);
});

test("what takes longest comes first, and nothing is left out", () => {
  const files = testFiles([]);
  const [first, last] = [/^tests\/prove\//, /^tests\/unit\//].map((place) =>
    files.findIndex((file) => place.test(file))
  );
  assert.ok(first! < last!);
  assert.ok(files.includes("tests/unit/runner.test.ts"));
  assert.deepEqual(testFiles(["unit/runner"]), ["tests/unit/runner.test.ts"]);
});

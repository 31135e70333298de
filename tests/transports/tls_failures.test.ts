/** What a TLS handshake that fails leaves behind in the server's process: nothing. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { certificates } from "../helpers/certificates.ts";
import { run } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";
import type { Task } from "./workers/failed_handshakes.ts";

const made = await certificates();
const FIXTURE = join(PROJECT, "tests", "transports", "workers", "failed_handshakes.ts");
/** What makes the collector callable; Bun's is. */
const FLAGS = { deno: ["--v8-flags=--expose-gc"], node: ["--expose-gc"], bun: [] }[CURRENT.name];
/** What a socket of TLS takes is several times as much. */
const LIMIT = 2000;

const CASES: readonly (readonly [Task["scheme"], Task["failure"], "several"?])[] = [
  ["tls+tcp", "garbage"],
  ["tls+tcp", "hang-up"],
  ["tls+tcp", "silence"],
  ["tls+tcp", "distrust"],
  ["tls+tcp", "no certificate"],
  ["tls+tcp", "old version"],
  ["tls+tcp", "garbage", "several"],
  ["tls+tcp", "hang-up", "several"],
  ["tls+tcp", "half a greeting", "several"],
  ["tls+tcp", "silence", "several"],
  ["wss", "garbage"],
];

for (const [scheme, failure, several] of CASES) {
  const certificate = several ? "several certificates" : "one certificate";
  test(`after handshakes over ${scheme} with ${certificate} that fail by ${failure}, no memory is held`, async () => {
    const task: Task = { certificates: made, scheme, failure, several: several !== undefined };
    const args = [...CURRENT.args, ...FLAGS, FIXTURE, JSON.stringify(task)];
    const { stdout, stderr } = await run(CURRENT.command, args, { cwd: PROJECT });
    assert.notEqual(stdout.length, 0, stderr);
    const { grown, refused } = JSON.parse(stdout.toString());
    assert.ok(grown < LIMIT, `${grown} bytes each`);
    // Node tells nothing of one who leaves without a word.
    if (failure !== "hang-up") assert.equal(refused, 400);
  });
}

/** A pool of threads that pass large buffers on, as a program. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { startProgram } from "./programs.ts";

test("the pool makes a negative of every image, and ends", async () => {
  await using pool = startProgram("pool/pool.ts");
  const { code, stdout, stderr } = await pool.finished();
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.toString().trimEnd().split("\n").sort();
  const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
  const wanted = numbers.map((number) => `image ${number}: 16777216 bytes, of colour 155`);
  assert.deepEqual(lines, wanted.sort());
});

/** The memory in which the chunks of writes are joined. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { giveScratch, takeScratch } from "../../transports/runtime/shared/scratch.ts";

test("what is given back is taken again", () => {
  const scratch = takeScratch();
  assert.ok(scratch.length > 512 * 1024, `${scratch.length} bytes`);
  giveScratch(scratch);
  assert.equal(takeScratch(), scratch);
  giveScratch(scratch);
});

test("four writes that wait for their peers have large pieces, and more have small ones", () => {
  const taken = Array.from({ length: 8 }, takeScratch);
  assert.equal(new Set(taken).size, 8);
  const lengths = taken.map(({ length }) => length);
  assert.deepEqual(lengths.map((length) => length > 1024), [1, 1, 1, 1, 0, 0, 0, 0].map(Boolean));
  // One that is given back is for the next, whoever else still waits; the small ones do not count.
  taken.slice(4).forEach(giveScratch);
  giveScratch(taken[2]!);
  assert.equal(takeScratch(), taken[2]);
  const small = takeScratch();
  assert.equal(small, taken[7]);
  giveScratch(small);
  taken.slice(0, 4).forEach(giveScratch);
});

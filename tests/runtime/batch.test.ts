/** How the chunks of a write become the pieces that a runtime is handed. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { Batch } from "../../transports/runtime/shared/batch.ts";
import { giveScratch, takeScratch } from "../../transports/runtime/shared/scratch.ts";

/** A batch of these chunks, taken as far each time as `take` says; the pieces as they were taken. */
function pieces(
  chunks: readonly Uint8Array[],
  scratch: Uint8Array,
  take: (length: number) => number = (length) => length,
): Uint8Array[] {
  const batch = new Batch();
  batch.load(chunks);
  const taken: Uint8Array[] = [];
  while (!batch.empty) {
    const piece = batch.next(scratch);
    const count = take(piece.length);
    taken.push(piece.slice(0, count));
    batch.advance(count);
  }
  return taken;
}

function lengths(sizes: readonly number[], room: number): number[] {
  const chunks = sizes.map((size) => new Uint8Array(size));
  return pieces(chunks, new Uint8Array(room)).map(({ length }) => length);
}

test("small chunks become one piece", () => {
  assert.deepEqual(lengths([1, 2, 3], 10), [6]);
  assert.deepEqual(lengths([5, 5], 10), [10]);
});

test("what does not fit becomes the next piece", () => {
  assert.deepEqual(lengths([6, 6, 6], 10), [10, 8]);
});

test("a small chunk takes the beginning of a large one along, whose rest goes as it is", () => {
  assert.deepEqual(lengths([8, 100], 10), [10, 98]);
  assert.deepEqual(lengths([8, 100, 8, 100], 10), [10, 98, 10, 98]);
});

test("chunks of up to 128 KiB are joined, and larger ones go as they are behind their first KiB", () => {
  const [joined, larger] = [128 * 1024, 200_000];
  assert.deepEqual(lengths([8, joined, 8, joined], 300_000), [16 + 2 * joined]);
  assert.deepEqual(lengths([8, larger, 8, larger], 300_000), [
    1024,
    larger - 1016,
    1024,
    larger - 1016,
  ]);
  assert.deepEqual(lengths([2000, larger, joined], 300_000), [2000, larger, joined]);
});

test("eight messages of 64 KiB with their prefixes are one piece", () => {
  const scratch = takeScratch();
  const sizes = Array.from({ length: 8 }, () => [8, 64 * 1024]).flat();
  assert.deepEqual(lengths(sizes, scratch.length), [8 * (8 + 64 * 1024)]);
  giveScratch(scratch);
});

test("large chunks, and one that is alone, are not copied", () => {
  const batch = new Batch();
  const [large, last] = [new Uint8Array(10), new Uint8Array(3)];
  batch.load([large, last]);
  assert.equal(batch.next(new Uint8Array(10)), large);
  batch.advance(10);
  assert.equal(batch.next(new Uint8Array(10)), last);
});

test("empty chunks are no pieces", () => {
  assert.deepEqual(lengths([0, 4, 0, 0, 4, 0], 10), [8]);
  assert.deepEqual(lengths([0, 0], 10), []);
});

test("nothing is left after a clear, and the next batch starts anew", () => {
  const batch = new Batch();
  batch.load([new Uint8Array(4), new Uint8Array(4)]);
  batch.next(new Uint8Array(10));
  batch.advance(5);
  batch.clear();
  assert.equal(batch.empty, true);
  batch.load([new Uint8Array(2)]);
  assert.equal(batch.next(new Uint8Array(10)).length, 2);
});

test("all bytes come once and in order, whatever is taken of each piece", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 32 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
      (chunks, room, counts) => {
        const taken = pieces(chunks, new Uint8Array(room), (length) => {
          return Math.min(length, counts.next().value);
        });
        assert.deepEqual(Buffer.concat(taken), Buffer.concat(chunks));
      },
    ),
  );
});

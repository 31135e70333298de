import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { InFlight } from "../../patterns/asking/in_flight.ts";

interface Item {
  readonly id: number;
  next: Item | undefined;
}

/** Ids as they are given: some that follow upon each other, with the high bit set, and older ones. */
const ids = fc.oneof(
  fc.nat(40).map((i) => (0x8000_0000 + i)),
  fc.nat(0x7fff_ffff).map((i) => 0x8000_0000 + i),
);

describe("requests in flight", () => {
  function item(id: number): Item {
    return { id, next: undefined };
  }

  test("are found by their id, once, in whatever order they come and go", () => {
    fc.assert(fc.property(fc.array(ids, { maxLength: 200, size: "max" }), (steps) => {
      const table = new InFlight<Item>();
      const expected = new Map<number, Item>();
      for (const id of steps) {
        const known = expected.get(id);
        if (expected.delete(id)) assert.equal(table.take(id), known);
        else {
          assert.equal(table.take(id), undefined);
          expected.set(id, item(id));
          table.add(expected.get(id)!);
        }
        assert.deepEqual(new Set(table.toArray()), new Set(expected.values()));
      }
    }));
  });

  test("are as many as one likes, and none when all are taken", () => {
    const table = new InFlight<Item>();
    const all = Array.from({ length: 10_000 }, (_, i) => item(0xffff_f000 + i));
    all.forEach((one) => table.add(one));
    assert.equal(table.toArray().length, all.length);
    assert.ok(all.toReversed().every((one) => table.take(one.id) === one));
    assert.deepEqual(table.toArray(), []);
  });
});

test("a request that was taken leads to no other", () => {
  const table = new InFlight<Item>();
  const all = Array.from({ length: 64 }, (_, i) => ({ id: 1024 * i, next: undefined }));
  all.forEach((one) => table.add(one));
  assert.ok(all.some(({ next }) => next !== undefined));
  for (const { id } of all) table.take(id);
  assert.ok(all.every(({ next }) => next === undefined));
});

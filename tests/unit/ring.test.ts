import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Ring } from "../../src/base/ring.ts";

function contents<T>(ring: Ring<T>): T[] {
  const items: T[] = [];
  ring.filter((item) => {
    items.push(item);
    return true;
  });
  return items;
}

describe("a ring", () => {
  test("has nothing in it at first", () => {
    const ring = new Ring<number>();
    assert.equal(ring.size, 0);
    assert.equal(ring.peek(), undefined);
    assert.equal(ring.shift(), undefined);
    assert.equal(ring.pop(), undefined);
    assert.equal(ring.remove(1), false);
  });

  test("gives what was put in, in order, while it grows and turns", () => {
    const ring = new Ring<number>();
    let put = 0;
    let taken = 0;
    for (let round = 1; round < 200; round++) {
      for (let i = 0; i < round; i++) ring.push(put++);
      for (let i = 0; i < round - 1; i++) assert.equal(ring.shift(), taken++);
    }
    while (ring.size > 0) assert.equal(ring.shift(), taken++);
    assert.equal(taken, put);
  });

  test("gives all at once, wherever they lie, and keeps none of them", () => {
    const ring = new Ring<object>();
    for (let round = 0; round < 20; round++) {
      const items = Array.from({ length: 10 }, (_, i) => ({ round, i }));
      for (const item of items) ring.push(item);
      // So that the next ones begin elsewhere.
      if (round % 2 === 0) ring.shift();
      assert.deepEqual(ring.takeAll(), items.slice(1 - round % 2));
      assert.deepEqual([ring.size, ring.peek(), ring.shift()], [0, undefined, undefined]);
    }
    assert.deepEqual(ring.takeAll(), []);
  });

  test("removes one of two that are the same", () => {
    const ring = new Ring<string>();
    for (const item of ["a", "b", "a"]) ring.push(item);
    assert.equal(ring.remove("a"), true);
    assert.deepEqual(contents(ring), ["b", "a"]);
    assert.equal(ring.remove("c"), false);
  });

  test("goes on after it was cleared, and after a long queue ran empty", () => {
    const ring = new Ring<number>();
    for (let i = 0; i < 5000; i++) ring.push(i);
    ring.clear();
    assert.equal(ring.size, 0);
    for (let i = 0; i < 5000; i++) ring.push(i);
    for (let i = 0; i < 5000; i++) assert.equal(ring.shift(), i);
    ring.unshift(1);
    assert.equal(ring.peek(), 1);
  });

  test("behaves like an array, whatever is done to it", () => {
    const steps = fc.oneof(
      { weight: 5, arbitrary: fc.record({ push: fc.integer({ min: 0, max: 9 }) }) },
      { weight: 1, arbitrary: fc.record({ unshift: fc.integer({ min: 0, max: 9 }) }) },
      { weight: 1, arbitrary: fc.record({ remove: fc.integer({ min: 0, max: 9 }) }) },
      { weight: 1, arbitrary: fc.record({ keepBelow: fc.integer({ min: 3, max: 9 }) }) },
      { weight: 3, arbitrary: fc.constant("shift" as const) },
      { weight: 1, arbitrary: fc.constantFrom("pop" as const, "takeAll" as const) },
    );
    fc.assert(fc.property(fc.array(steps, { maxLength: 300 }), (steps) => {
      const ring = new Ring<number>();
      let model: number[] = [];
      for (const step of steps) {
        if (step === "shift") assert.equal(ring.shift(), model.shift());
        else if (step === "pop") assert.equal(ring.pop(), model.pop());
        else if (step === "takeAll") assert.deepEqual(ring.takeAll(), model.splice(0));
        else if ("push" in step) {
          ring.push(step.push);
          model.push(step.push);
        } else if ("unshift" in step) {
          ring.unshift(step.unshift);
          model.unshift(step.unshift);
        } else if ("remove" in step) {
          const at = model.indexOf(step.remove);
          assert.equal(ring.remove(step.remove), at >= 0);
          if (at >= 0) model.splice(at, 1);
        } else {
          ring.filter((item) => item < step.keepBelow);
          model = model.filter((item) => item < step.keepBelow);
        }
        assert.equal(ring.size, model.length);
        assert.equal(ring.peek(), model[0]);
      }
      assert.deepEqual(contents(ring), model);
    }));
  });
});

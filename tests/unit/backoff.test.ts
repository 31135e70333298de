import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Backoff } from "../../src/endpoints/backoff.ts";

function waits(backoff: Backoff, count: number): number[] {
  return Array.from({ length: count }, () => backoff.next());
}

describe("a backoff", () => {
  test("is quick at first, then doubles its limit up to the cap", () => {
    const backoff = new Backoff(100, 1000, () => 0.5);
    assert.deepEqual(waits(backoff, 6), [50, 100, 200, 400, 500, 500]);
  });

  test("is spread from 0 to the limit", () => {
    const randoms = [0, 0.999, 0.25, 0];
    const backoff = new Backoff(100, 10_000, () => randoms.shift()!);
    assert.deepEqual(waits(backoff, 4), [0, 199.8, 100, 0]);
  });

  test("starts again once reset", () => {
    const backoff = new Backoff(100, 1000, () => 0.5);
    waits(backoff, 5);
    backoff.reset();
    assert.deepEqual(waits(backoff, 2), [50, 100]);
  });

  test("stays at its first limit where the last is not larger", () => {
    assert.deepEqual(waits(new Backoff(100, 100, () => 0.5), 3), [50, 50, 50]);
    assert.deepEqual(waits(new Backoff(100, 10, () => 0.5), 3), [50, 50, 50]);
  });

  test("may be told to begin at once, and then waits all the same", () => {
    assert.deepEqual(waits(new Backoff(0, 100, () => 0.5), 6), [0, 10, 20, 40, 50, 50]);
    assert.deepEqual(waits(new Backoff(0.001, 100, () => 0.5), 3), [0.0005, 10, 20]);
  });

  test("waits even where its cap says that it need not", () => {
    assert.deepEqual(waits(new Backoff(0, 0, () => 0.5), 4), [0, 10, 10, 10]);
    assert.deepEqual(waits(new Backoff(1, 1, () => 0.5), 4), [0.5, 10, 10, 10]);
  });

  test("says how long a connection must have stood to count", () => {
    assert.equal(new Backoff(100, 1000).settled, 100);
    assert.equal(new Backoff(0, 1000).settled, 20);
    assert.equal(new Backoff(0, 0).settled, 20);
  });

  test("takes its chances from Math.random unless told otherwise", () => {
    for (const wait of waits(new Backoff(10, 80), 100)) assert.ok(wait >= 0 && wait < 80);
  });
});

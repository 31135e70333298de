/** The way in as a stream. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MockSource, textInlet } from "../helpers/mock_source.ts";
import { platformReader, READERS } from "../helpers/platform_reader.ts";

describe("the readable", () => {
  test("is one stream, made when it is asked for", () => {
    const inlet = textInlet();
    assert.equal(inlet.readable, inlet.readable);
  });

  test("takes nothing from the queue before somebody reads", async () => {
    const inlet = textInlet();
    const lane = inlet.open(new MockSource());
    const reader = inlet.readable.getReader();
    lane.enqueue("a");
    await Promise.resolve();
    assert.equal(inlet.length, 1);
    assert.deepEqual(await reader.read(), { done: false, value: "a" });
  });

  test("gives what comes to a reader that waits", async () => {
    const inlet = textInlet();
    const lane = inlet.open(new MockSource());
    const reader = inlet.readable.getReader();
    const reads = [reader.read(), reader.read()];
    await Promise.resolve();
    lane.enqueue("a");
    assert.deepEqual(await reads[0], { done: false, value: "a" });
    lane.enqueue("b");
    assert.deepEqual(await reads[1], { done: false, value: "b" });
  });

  test("hands a pipe some messages at a time, bounded by number and by bytes", async () => {
    for (const text of ["x", "x".repeat(10_000)]) {
      const inlet = textInlet();
      const lane = inlet.open(new MockSource());
      for (let i = 0; i < 200; i++) lane.enqueue(text);
      await platformReader(inlet.readable).read();
      const taken = 200 - inlet.length;
      assert.ok(taken > 1, `took ${taken}`);
      assert.ok(taken <= 65 && (taken - 1) * text.length < 65_536, `took ${taken}`);
    }
  });

  test("hands one message at a time where the pattern says so", async () => {
    for (const [, readerOf] of READERS) {
      const inlet = textInlet({ prefetch: false });
      const lane = inlet.open(new MockSource());
      for (let i = 0; i < 10; i++) lane.enqueue("x");
      const reader = readerOf(inlet.readable);
      await reader.read();
      assert.equal(inlet.length, 9);
      await reader.read();
      assert.equal(inlet.length, 8);
    }
  });

  test("ends behind what had come when the inlet was closed", async () => {
    const inlet = textInlet();
    const lane = inlet.open(new MockSource());
    const { readable } = inlet;
    for (let i = 0; i < 150; i++) lane.enqueue(`${i}`);
    assert.equal(inlet.close(), 0);
    const seen: string[] = [];
    for await (const text of readable) seen.push(text);
    assert.deepEqual(seen, Array.from({ length: 150 }, (_, i) => `${i}`));
  });

  test("ends for a reader that waits when the inlet is closed", async () => {
    const inlet = textInlet();
    const read = inlet.readable.getReader().read();
    await Promise.resolve();
    inlet.close();
    assert.deepEqual(await read, { done: true, value: undefined });
  });

  test("has ended where the inlet was closed before", async () => {
    const inlet = textInlet();
    inlet.close();
    assert.equal((await inlet.readable.getReader().read()).done, true);
  });

  test("tells when it is cancelled, and what comes then waits for receive", async () => {
    const inlet = textInlet();
    const lane = inlet.open(new MockSource());
    let cancels = 0;
    inlet.onCancel(() => cancels++);
    const reader = inlet.readable.getReader();
    reader.read();
    await Promise.resolve();
    await reader.cancel();
    assert.equal(cancels, 1);
    lane.enqueue("a");
    assert.equal(await inlet.receive(), "a");
    inlet.close();
  });

  test("errors where the pattern fails, and the inlet lives on", async () => {
    const inlet = textInlet();
    const lane = inlet.open(new MockSource());
    const reader = inlet.readable.getReader();
    const read = reader.read();
    await Promise.resolve();
    inlet.fail(new Error("nobody is connected"));
    await assert.rejects(read, /nobody is connected/);
    lane.enqueue("a");
    assert.equal(await inlet.receive(), "a");
    inlet.close();
  });

  test("tells who waits in receive as well that the pattern failed", async () => {
    const inlet = textInlet();
    const waiting = inlet.receive();
    inlet.fail(new Error("nobody is connected"));
    await assert.rejects(waiting, /nobody is connected/);
  });
});

test("what nobody took when the inlet was closed is counted, once", async () => {
  const inlet = textInlet();
  const lane = inlet.open(new MockSource());
  for (const text of ["a", "b", "c"]) lane.enqueue(text);
  await inlet.receive();
  assert.equal(inlet.close(), 2);
  assert.equal(inlet.close(), 0);
  assert.equal(inlet.length, 0);
});

test("what comes after the inlet was closed is left", () => {
  const inlet = textInlet();
  const lane = inlet.open(new MockSource());
  inlet.close();
  lane.enqueue("late");
  assert.equal(inlet.length, 0);
});

/** The way in as a stream. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MockSource, textReceiveQueue } from "../helpers/mock_source.ts";
import { platformReader, READERS } from "../helpers/platform_reader.ts";

describe("the readable", () => {
  test("is one stream, made when it is asked for", () => {
    const receiveQueue = textReceiveQueue();
    assert.equal(receiveQueue.readable, receiveQueue.readable);
  });

  test("takes nothing from the queue before somebody reads", async () => {
    const receiveQueue = textReceiveQueue();
    const pipeQueue = receiveQueue.open(new MockSource());
    const reader = receiveQueue.readable.getReader();
    pipeQueue.enqueue("a");
    await Promise.resolve();
    assert.equal(receiveQueue.length, 1);
    assert.deepEqual(await reader.read(), { done: false, value: "a" });
  });

  test("gives what comes to a reader that waits", async () => {
    const receiveQueue = textReceiveQueue();
    const pipeQueue = receiveQueue.open(new MockSource());
    const reader = receiveQueue.readable.getReader();
    const reads = [reader.read(), reader.read()];
    await Promise.resolve();
    pipeQueue.enqueue("a");
    assert.deepEqual(await reads[0], { done: false, value: "a" });
    pipeQueue.enqueue("b");
    assert.deepEqual(await reads[1], { done: false, value: "b" });
  });

  test("hands a pipe some messages at a time, bounded by number and by bytes", async () => {
    for (const text of ["x", "x".repeat(10_000)]) {
      const receiveQueue = textReceiveQueue();
      const pipeQueue = receiveQueue.open(new MockSource());
      for (let i = 0; i < 200; i++) pipeQueue.enqueue(text);
      await platformReader(receiveQueue.readable).read();
      const taken = 200 - receiveQueue.length;
      assert.ok(taken > 1, `took ${taken}`);
      assert.ok(taken <= 65 && (taken - 1) * text.length < 65_536, `took ${taken}`);
    }
  });

  test("hands one message at a time where the pattern says so", async () => {
    for (const [, readerOf] of READERS) {
      const receiveQueue = textReceiveQueue({ prefetch: false });
      const pipeQueue = receiveQueue.open(new MockSource());
      for (let i = 0; i < 10; i++) pipeQueue.enqueue("x");
      const reader = readerOf(receiveQueue.readable);
      await reader.read();
      assert.equal(receiveQueue.length, 9);
      await reader.read();
      assert.equal(receiveQueue.length, 8);
    }
  });

  test("ends behind what had come when the receive queue was closed", async () => {
    const receiveQueue = textReceiveQueue();
    const pipeQueue = receiveQueue.open(new MockSource());
    const { readable } = receiveQueue;
    for (let i = 0; i < 150; i++) pipeQueue.enqueue(`${i}`);
    assert.equal(receiveQueue.close(), 0);
    const seen: string[] = [];
    for await (const text of readable) seen.push(text);
    assert.deepEqual(seen, Array.from({ length: 150 }, (_, i) => `${i}`));
  });

  test("ends for a reader that waits when the receive queue is closed", async () => {
    const receiveQueue = textReceiveQueue();
    const read = receiveQueue.readable.getReader().read();
    await Promise.resolve();
    receiveQueue.close();
    assert.deepEqual(await read, { done: true, value: undefined });
  });

  test("has ended where the receive queue was closed before", async () => {
    const receiveQueue = textReceiveQueue();
    receiveQueue.close();
    assert.equal((await receiveQueue.readable.getReader().read()).done, true);
  });

  test("tells when it is cancelled, and what comes then waits for receive", async () => {
    const receiveQueue = textReceiveQueue();
    const pipeQueue = receiveQueue.open(new MockSource());
    let cancels = 0;
    receiveQueue.onCancel(() => cancels++);
    const reader = receiveQueue.readable.getReader();
    reader.read();
    await Promise.resolve();
    await reader.cancel();
    assert.equal(cancels, 1);
    pipeQueue.enqueue("a");
    assert.equal(await receiveQueue.receive(), "a");
    receiveQueue.close();
  });

  test("errors where the pattern fails, and the receive queue lives on", async () => {
    const receiveQueue = textReceiveQueue();
    const pipeQueue = receiveQueue.open(new MockSource());
    const reader = receiveQueue.readable.getReader();
    const read = reader.read();
    await Promise.resolve();
    receiveQueue.fail(new Error("nobody is connected"));
    await assert.rejects(read, /nobody is connected/);
    pipeQueue.enqueue("a");
    assert.equal(await receiveQueue.receive(), "a");
    receiveQueue.close();
  });

  test("tells who waits in receive as well that the pattern failed", async () => {
    const receiveQueue = textReceiveQueue();
    const waiting = receiveQueue.receive();
    receiveQueue.fail(new Error("nobody is connected"));
    await assert.rejects(waiting, /nobody is connected/);
  });
});

test("what nobody took when the receive queue was closed is counted, once", async () => {
  const receiveQueue = textReceiveQueue();
  const pipeQueue = receiveQueue.open(new MockSource());
  for (const text of ["a", "b", "c"]) pipeQueue.enqueue(text);
  await receiveQueue.receive();
  assert.equal(receiveQueue.close(), 2);
  assert.equal(receiveQueue.close(), 0);
  assert.equal(receiveQueue.length, 0);
});

test("what comes after the receive queue was closed is left", () => {
  const receiveQueue = textReceiveQueue();
  const pipeQueue = receiveQueue.open(new MockSource());
  receiveQueue.close();
  pipeQueue.enqueue("late");
  assert.equal(receiveQueue.length, 0);
});

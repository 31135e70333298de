/** The way in: who gets which message, and who is told that none will come. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { spError } from "../helpers/errors.ts";
import { MockSource, textReceiveQueue } from "../helpers/mock_source.ts";
import { SpiedSignal } from "../helpers/signal.ts";

describe("receive", () => {
  test("gives what has come, in order", async () => {
    const receiveQueue = textReceiveQueue();
    const pipeQueue = receiveQueue.open(new MockSource());
    pipeQueue.enqueue("a");
    pipeQueue.enqueue("b");
    assert.equal(receiveQueue.length, 2);
    assert.equal(await receiveQueue.receive(), "a");
    assert.equal(await receiveQueue.receive(), "b");
    assert.equal(receiveQueue.length, 0);
  });

  test("gives what comes to who has waited longest", async () => {
    const receiveQueue = textReceiveQueue();
    const pipeQueue = receiveQueue.open(new MockSource());
    const waiting = [receiveQueue.receive(), receiveQueue.receive(), receiveQueue.receive()];
    for (const text of ["a", "b", "c"]) pipeQueue.enqueue(text);
    assert.deepEqual(await Promise.all(waiting), ["a", "b", "c"]);
    assert.equal(receiveQueue.length, 0);
  });

  test("takes from all peers in turn", async () => {
    const receiveQueue = textReceiveQueue();
    const [a, b] = [receiveQueue.open(new MockSource()), receiveQueue.open(new MockSource())];
    for (const text of ["a1", "a2", "a3"]) a.enqueue(text);
    for (const text of ["b1", "b2"]) b.enqueue(text);
    assert.deepEqual(await receiveQueue.receiveBatch(), ["a1", "b1", "a2", "b2", "a3"]);
  });

  test("ends with the signal's reason, and the message goes to the next who waits", async () => {
    const receiveQueue = textReceiveQueue();
    const pipeQueue = receiveQueue.open(new MockSource());
    const signal = new SpiedSignal();
    const aborted = receiveQueue.receive({ signal: signal.signal });
    const next = receiveQueue.receive();
    signal.abort("enough");
    await assert.rejects(aborted, (reason) => reason === "enough");
    pipeQueue.enqueue("a");
    assert.equal(await next, "a");
    assert.equal(signal.listeners, 0);
  });

  test("takes nothing where the signal is aborted before", async () => {
    const receiveQueue = textReceiveQueue();
    receiveQueue.open(new MockSource()).enqueue("a");
    const signal = AbortSignal.abort("before");
    for (const face of [receiveQueue.receive({ signal }), receiveQueue.receiveBatch({ signal })]) {
      await assert.rejects(face, (reason) => reason === "before");
    }
    assert.equal(await receiveQueue.receive(), "a");
  });

  test("leaves nothing on the signal once the message has come", async () => {
    const receiveQueue = textReceiveQueue();
    const pipeQueue = receiveQueue.open(new MockSource());
    const signal = new SpiedSignal();
    const waiting = receiveQueue.receive({ signal: signal.signal });
    assert.equal(signal.listeners, 1);
    pipeQueue.enqueue("a");
    await waiting;
    pipeQueue.enqueue("b");
    await receiveQueue.receive({ signal: signal.signal });
    assert.equal(signal.listeners, 0);
  });

  test("rejects with ETIMEDOUT, and a later message is for who asks later", async () => {
    const receiveQueue = textReceiveQueue({ receiveTimeout: 1 });
    const pipeQueue = receiveQueue.open(new MockSource());
    await assert.rejects(receiveQueue.receive(), spError("ETIMEDOUT", "Cannot receive", "1 ms"));
    await assert.rejects(receiveQueue.receiveBatch(), spError("ETIMEDOUT"));
    pipeQueue.enqueue("a");
    assert.equal(await receiveQueue.receive(), "a");
  });

  test("rejects with ECLOSED once closed, also for who waits already", async () => {
    const receiveQueue = textReceiveQueue();
    const waiting = [receiveQueue.receive(), receiveQueue.receiveBatch()];
    assert.equal(receiveQueue.close(), 0);
    for (const face of [...waiting, receiveQueue.receive(), receiveQueue.receiveBatch()]) {
      await assert.rejects(face, spError("ECLOSED", "Cannot receive"));
    }
  });

  test("asks the pattern whether anything can come only where it has to wait", async () => {
    const receiveQueue = textReceiveQueue({
      check: () => {
        throw new Error("nothing was asked");
      },
    });
    const pipeQueue = receiveQueue.open(new MockSource());
    await assert.rejects(receiveQueue.receive(), /nothing was asked/);
    pipeQueue.enqueue("a");
    assert.equal(await receiveQueue.receive(), "a");
    await assert.rejects(receiveQueue.receiveBatch(), /nothing was asked/);
  });

  test("can take a message in another way than the faces do", async () => {
    const receiveQueue = textReceiveQueue({ take: (text) => `face ${text}` });
    const pipeQueue = receiveQueue.open(new MockSource());
    pipeQueue.enqueue("a");
    assert.equal(await receiveQueue.receiveAs((text) => text.length), 1);
    const waiting = receiveQueue.receiveAs((text) => text.length);
    pipeQueue.enqueue("ab");
    assert.equal(await waiting, 2);
    pipeQueue.enqueue("b");
    assert.equal(await receiveQueue.receive(), "face b");
  });

  test("can be told that nothing will come, without closing", async () => {
    const receiveQueue = textReceiveQueue();
    const waiting = [receiveQueue.receive(), receiveQueue.receiveBatch()];
    receiveQueue.failWaiting("given up");
    for (const face of waiting) await assert.rejects(face, (reason) => reason === "given up");
    receiveQueue.open(new MockSource()).enqueue("a");
    assert.equal(await receiveQueue.receive(), "a");
  });
});

describe("a batch", () => {
  test("is all that has come, up to 4,096 messages", async () => {
    const receiveQueue = textReceiveQueue();
    const pipeQueue = receiveQueue.open(new MockSource());
    for (let i = 0; i < 5000; i++) pipeQueue.enqueue(`${i}`);
    const first = await receiveQueue.receiveBatch();
    assert.equal(first.length, 4096);
    assert.equal(first[4095], "4095");
    const second = await receiveQueue.receiveBatch();
    assert.equal(second.length, 5000 - 4096);
    assert.equal(second[0], "4096");
  });

  test("waits for the first message, and is all that came in the same turn", async () => {
    const receiveQueue = textReceiveQueue();
    const pipeQueue = receiveQueue.open(new MockSource());
    const waiting = receiveQueue.receiveBatch();
    for (let i = 0; i < 5000; i++) pipeQueue.enqueue(`${i}`);
    const batch = await waiting;
    assert.equal(batch.length, 4096);
    assert.deepEqual(batch.slice(0, 3), ["0", "1", "2"]);
  });
});

describe("iterating", () => {
  test("gives message after message until the receive queue is closed", async () => {
    const receiveQueue = textReceiveQueue();
    const pipeQueue = receiveQueue.open(new MockSource());
    pipeQueue.enqueue("a");
    const seen: string[] = [];
    for await (const text of receiveQueue.iterate()) {
      seen.push(text);
      if (text === "a") queueMicrotask(() => pipeQueue.enqueue("b"));
      else queueMicrotask(() => receiveQueue.close());
    }
    assert.deepEqual(seen, ["a", "b"]);
  });

  test("can be left, and begun again", async () => {
    const receiveQueue = textReceiveQueue();
    const pipeQueue = receiveQueue.open(new MockSource());
    for (const text of ["a", "b"]) pipeQueue.enqueue(text);
    const seen: string[] = [];
    for await (const text of receiveQueue.iterate()) {
      seen.push(text);
      break;
    }
    for await (const text of receiveQueue.iterate()) {
      seen.push(text);
      break;
    }
    assert.deepEqual(seen, ["a", "b"]);
  });

  test("tells of a timeout", async () => {
    const receiveQueue = textReceiveQueue({ receiveTimeout: 1 });
    await assert.rejects(receiveQueue.iterate().next(), spError("ETIMEDOUT"));
  });
});

/** The way in: who gets which message, and who is told that none will come. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { spError } from "../helpers/errors.ts";
import { MockSource, textInlet } from "../helpers/mock_source.ts";
import { SpiedSignal } from "../helpers/signal.ts";

describe("receive", () => {
  test("gives what has come, in order", async () => {
    const inlet = textInlet();
    const lane = inlet.open(new MockSource());
    lane.enqueue("a");
    lane.enqueue("b");
    assert.equal(inlet.length, 2);
    assert.equal(await inlet.receive(), "a");
    assert.equal(await inlet.receive(), "b");
    assert.equal(inlet.length, 0);
  });

  test("gives what comes to who has waited longest", async () => {
    const inlet = textInlet();
    const lane = inlet.open(new MockSource());
    const waiting = [inlet.receive(), inlet.receive(), inlet.receive()];
    for (const text of ["a", "b", "c"]) lane.enqueue(text);
    assert.deepEqual(await Promise.all(waiting), ["a", "b", "c"]);
    assert.equal(inlet.length, 0);
  });

  test("takes from all peers in turn", async () => {
    const inlet = textInlet();
    const [a, b] = [inlet.open(new MockSource()), inlet.open(new MockSource())];
    for (const text of ["a1", "a2", "a3"]) a.enqueue(text);
    for (const text of ["b1", "b2"]) b.enqueue(text);
    assert.deepEqual(await inlet.receiveBatch(), ["a1", "b1", "a2", "b2", "a3"]);
  });

  test("ends with the signal's reason, and the message goes to the next who waits", async () => {
    const inlet = textInlet();
    const lane = inlet.open(new MockSource());
    const signal = new SpiedSignal();
    const aborted = inlet.receive({ signal: signal.signal });
    const next = inlet.receive();
    signal.abort("enough");
    await assert.rejects(aborted, (reason) => reason === "enough");
    lane.enqueue("a");
    assert.equal(await next, "a");
    assert.equal(signal.listeners, 0);
  });

  test("takes nothing where the signal is aborted before", async () => {
    const inlet = textInlet();
    inlet.open(new MockSource()).enqueue("a");
    const signal = AbortSignal.abort("before");
    for (const face of [inlet.receive({ signal }), inlet.receiveBatch({ signal })]) {
      await assert.rejects(face, (reason) => reason === "before");
    }
    assert.equal(await inlet.receive(), "a");
  });

  test("leaves nothing on the signal once the message has come", async () => {
    const inlet = textInlet();
    const lane = inlet.open(new MockSource());
    const signal = new SpiedSignal();
    const waiting = inlet.receive({ signal: signal.signal });
    assert.equal(signal.listeners, 1);
    lane.enqueue("a");
    await waiting;
    lane.enqueue("b");
    await inlet.receive({ signal: signal.signal });
    assert.equal(signal.listeners, 0);
  });

  test("rejects with ETIMEDOUT, and a later message is for who asks later", async () => {
    const inlet = textInlet({ receiveTimeout: 1 });
    const lane = inlet.open(new MockSource());
    await assert.rejects(inlet.receive(), spError("ETIMEDOUT", "Cannot receive", "1 ms"));
    await assert.rejects(inlet.receiveBatch(), spError("ETIMEDOUT"));
    lane.enqueue("a");
    assert.equal(await inlet.receive(), "a");
  });

  test("rejects with ECLOSED once closed, also for who waits already", async () => {
    const inlet = textInlet();
    const waiting = [inlet.receive(), inlet.receiveBatch()];
    assert.equal(inlet.close(), 0);
    for (const face of [...waiting, inlet.receive(), inlet.receiveBatch()]) {
      await assert.rejects(face, spError("ECLOSED", "Cannot receive"));
    }
  });

  test("asks the pattern whether anything can come only where it has to wait", async () => {
    const inlet = textInlet({
      check: () => {
        throw new Error("nothing was asked");
      },
    });
    const lane = inlet.open(new MockSource());
    await assert.rejects(inlet.receive(), /nothing was asked/);
    lane.enqueue("a");
    assert.equal(await inlet.receive(), "a");
    await assert.rejects(inlet.receiveBatch(), /nothing was asked/);
  });

  test("can take a message in another way than the faces do", async () => {
    const inlet = textInlet({ take: (text) => `face ${text}` });
    const lane = inlet.open(new MockSource());
    lane.enqueue("a");
    assert.equal(await inlet.receiveAs((text) => text.length), 1);
    const waiting = inlet.receiveAs((text) => text.length);
    lane.enqueue("ab");
    assert.equal(await waiting, 2);
    lane.enqueue("b");
    assert.equal(await inlet.receive(), "face b");
  });

  test("can be told that nothing will come, without closing", async () => {
    const inlet = textInlet();
    const waiting = [inlet.receive(), inlet.receiveBatch()];
    inlet.failWaiting("given up");
    for (const face of waiting) await assert.rejects(face, (reason) => reason === "given up");
    inlet.open(new MockSource()).enqueue("a");
    assert.equal(await inlet.receive(), "a");
  });
});

describe("a batch", () => {
  test("is all that has come, up to 4,096 messages", async () => {
    const inlet = textInlet();
    const lane = inlet.open(new MockSource());
    for (let i = 0; i < 5000; i++) lane.enqueue(`${i}`);
    const first = await inlet.receiveBatch();
    assert.equal(first.length, 4096);
    assert.equal(first[4095], "4095");
    const second = await inlet.receiveBatch();
    assert.equal(second.length, 5000 - 4096);
    assert.equal(second[0], "4096");
  });

  test("waits for the first message, and is all that came in the same turn", async () => {
    const inlet = textInlet();
    const lane = inlet.open(new MockSource());
    const waiting = inlet.receiveBatch();
    for (let i = 0; i < 5000; i++) lane.enqueue(`${i}`);
    const batch = await waiting;
    assert.equal(batch.length, 4096);
    assert.deepEqual(batch.slice(0, 3), ["0", "1", "2"]);
  });
});

describe("iterating", () => {
  test("gives message after message until the inlet is closed", async () => {
    const inlet = textInlet();
    const lane = inlet.open(new MockSource());
    lane.enqueue("a");
    const seen: string[] = [];
    for await (const text of inlet.iterate()) {
      seen.push(text);
      if (text === "a") queueMicrotask(() => lane.enqueue("b"));
      else queueMicrotask(() => inlet.close());
    }
    assert.deepEqual(seen, ["a", "b"]);
  });

  test("can be left, and begun again", async () => {
    const inlet = textInlet();
    const lane = inlet.open(new MockSource());
    for (const text of ["a", "b"]) lane.enqueue(text);
    const seen: string[] = [];
    for await (const text of inlet.iterate()) {
      seen.push(text);
      break;
    }
    for await (const text of inlet.iterate()) {
      seen.push(text);
      break;
    }
    assert.deepEqual(seen, ["a", "b"]);
  });

  test("tells of a timeout", async () => {
    const inlet = textInlet({ receiveTimeout: 1 });
    await assert.rejects(inlet.iterate().next(), spError("ETIMEDOUT"));
  });
});

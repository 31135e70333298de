/** The way in when it is full: pipes stop reading, and read again. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MESSAGE_OVERHEAD } from "../../src/pipes/fair_queue.ts";
import type { Inlet } from "../../src/pipes/receive_queue.ts";
import { MockSource, textInlet } from "../helpers/mock_source.ts";
import { isPending } from "../helpers/turns.ts";

/** A text that costs this many bytes. */
function costing(bytes: number): string {
  return "x".repeat(bytes - MESSAGE_OVERHEAD);
}

/** Who takes messages. */
const TAKERS: [name: string, (inlet: Inlet<string, string>) => () => Promise<string>][] = [
  ["who receives", (inlet) => () => inlet.receive()],
  ["a reader", (inlet) => {
    const reader = inlet.readable.getReader();
    return async () => (await reader.read()).value!;
  }],
];

/**
 * A peer with more to say, on a connection that delivers as soon as it may: one message at a time until the
 * lane is full, as a pipe does with chunks.
 */
class Talker extends MockSource {
  readonly #lane;
  left: number;

  constructor(inlet: Inlet<string, string>, messages: number) {
    super();
    this.#lane = inlet.open(this);
    this.left = messages;
    this.onResume = () => this.talk();
  }

  talk(): void {
    while (this.left > 0) {
      this.left--;
      this.#lane.enqueue(costing(100));
      if (this.#lane.full) return;
    }
  }
}

describe("a queue in that is full", () => {
  test("stops the pipe that filled it, and not one that has nothing waiting", () => {
    const inlet = textInlet({ receiveBuffer: 1000 });
    const [a, b] = [inlet.open(new MockSource()), inlet.open(new MockSource())];
    a.enqueue(costing(999));
    assert.equal(inlet.full, false);
    assert.equal(a.full, false);
    a.enqueue(costing(100));
    assert.equal(inlet.full, true);
    assert.equal(inlet.bytes, 1099);
    assert.equal(a.full, true);
    assert.equal(b.full, false);
    b.enqueue(costing(100));
    assert.equal(b.full, true);
  });

  test("counts empty messages too", () => {
    const inlet = textInlet({ receiveBuffer: 1000 });
    const lane = inlet.open(new MockSource());
    let messages = 0;
    while (!lane.full) {
      lane.enqueue("");
      messages++;
    }
    assert.ok(messages <= 1000 / MESSAGE_OVERHEAD + 1, `took ${messages}`);
  });

  test("has the pipes read again when less than half of it is left", async () => {
    const inlet = textInlet({ receiveBuffer: 1000 });
    const source = new MockSource();
    const lane = inlet.open(source);
    while (!lane.full) lane.enqueue(costing(100));
    for (let left = 9; left >= 5; left--) {
      await inlet.receive();
      assert.equal(inlet.length, left);
      assert.equal(source.resumes, 0);
    }
    await inlet.receive();
    assert.equal(source.resumes, 1);
    await inlet.receiveBatch();
    assert.equal(source.resumes, 1);
  });

  test("has a pipe read again when its own last message is taken", async () => {
    const inlet = textInlet({ receiveBuffer: 1000 });
    const [small, large] = [new MockSource(), new MockSource()];
    const [smallLane, largeLane] = [inlet.open(small), inlet.open(large)];
    smallLane.enqueue(costing(100));
    for (let i = 0; i < 20; i++) largeLane.enqueue(costing(100));
    assert.ok(smallLane.full && largeLane.full);
    await inlet.receive();
    assert.deepEqual([small.resumes, large.resumes], [1, 0]);
  });

  test("has no pipe read again that was not stopped", async () => {
    const inlet = textInlet({ receiveBuffer: 1000 });
    const source = new MockSource();
    const lane = inlet.open(source);
    lane.enqueue(costing(100));
    assert.equal(lane.full, false);
    await inlet.receive();
    assert.equal(source.resumes, 0);
  });

  test("has all pipes read again when a purge made room", () => {
    const inlet = textInlet({ receiveBuffer: 1000 });
    const [a, b] = [new MockSource(), new MockSource()];
    for (const source of [a, b]) {
      const lane = inlet.open(source);
      lane.enqueue(costing(1000));
      assert.ok(lane.full);
    }
    assert.equal(inlet.purge(() => true), 0);
    assert.deepEqual([a.resumes, b.resumes], [0, 0]);
    assert.equal(inlet.purge(() => false), 2);
    assert.deepEqual([a.resumes, b.resumes], [1, 1]);
    assert.equal(inlet.bytes, 0);
  });

  test("with no bytes at all lets each pipe have one chunk waiting", async () => {
    const inlet = textInlet({ receiveBuffer: 0 });
    const talker = new Talker(inlet, 10);
    talker.talk();
    for (let left = 9; left >= 0; left--) {
      assert.equal(talker.left, left);
      assert.equal(inlet.length, 1);
      await inlet.receive();
    }
  });

  for (const [name, takerOf] of TAKERS) {
    test(`gives ${name} what was held back before what a peer then delivers at once`, async () => {
      const inlet = textInlet({ receiveBuffer: 1000, gated: true });
      const source = new MockSource();
      const lane = inlet.open(source);
      source.full = true;
      lane.enqueue(costing(1000));
      assert.ok(lane.full);
      source.onResume = () => lane.enqueue("next");
      const take = takerOf(inlet);
      const first = take();
      assert.equal(await isPending(first), true);
      source.full = false;
      inlet.wake();
      assert.equal(await first, costing(1000));
      assert.equal(await take(), "next");
    });
  }

  test("stays within its bytes with peers that deliver the moment they may read", async () => {
    const inlet = textInlet({ receiveBuffer: 1000 });
    const talkers = Array.from({ length: 3 }, () => new Talker(inlet, 1000));
    for (const talker of talkers) talker.talk();
    for (let i = 0; i < 3000; i++) {
      // What was asked for, and one message for each peer.
      assert.ok(inlet.bytes <= 1000 + 3 * 100, `${inlet.bytes} bytes after ${i} messages`);
      await inlet.receive();
    }
    assert.equal(inlet.length, 0);
    assert.deepEqual(talkers.map(({ left }) => left), [0, 0, 0]);
  });

  test("pushes back while a stream reads it", async () => {
    const inlet = textInlet({ receiveBuffer: 1000, prefetch: false });
    const talker = new Talker(inlet, 100);
    talker.talk();
    assert.equal(talker.left, 90);
    let read = 0;
    for await (const _ of inlet.readable) {
      assert.ok(inlet.bytes <= 1000);
      if (++read === 100) break;
    }
    assert.equal(talker.left, 0);
  });
});

test("a queue in that is not gated hands out what a peer says that takes nothing", async () => {
  const inlet = textInlet();
  const slow = new MockSource();
  slow.full = true;
  const lane = inlet.open(slow);
  const waiting = inlet.receive();
  for (const text of ["a", "b"]) lane.enqueue(text);
  assert.deepEqual([await waiting, await inlet.receive()], ["a", "b"]);
});

describe("a gated queue in", () => {
  function gated(): [Inlet<string, string>, MockSource, MockSource] {
    return [textInlet({ gated: true }), new MockSource(), new MockSource()];
  }

  test("holds back the messages of a peer that does not take its answers", async () => {
    const [inlet, slow, fast] = gated();
    const [slowLane, fastLane] = [inlet.open(slow), inlet.open(fast)];
    slow.full = true;
    slowLane.enqueue("slow");
    fastLane.enqueue("fast");
    assert.equal(await inlet.receive(), "fast");
    slow.full = false;
    assert.equal(await inlet.receive(), "slow");
  });

  test("holds them back from who waits already, until it is woken", async () => {
    const [inlet, slow] = gated();
    const lane = inlet.open(slow);
    slow.full = true;
    const waiting = [inlet.receive(), inlet.receive()];
    lane.enqueue("a");
    inlet.wake();
    assert.equal(inlet.length, 1);
    slow.full = false;
    inlet.wake();
    assert.equal(await waiting[0], "a");
    lane.enqueue("b");
    assert.equal(await waiting[1], "b");
  });

  test("holds up nobody else: another peer's message goes to who waits", async () => {
    const [inlet, slow, fast] = gated();
    const [slowLane, fastLane] = [inlet.open(slow), inlet.open(fast)];
    slow.full = true;
    const waiting = inlet.receive();
    slowLane.enqueue("slow");
    fastLane.enqueue("fast");
    inlet.close();
    assert.equal(await waiting, "fast");
  });

  test("holds up nobody else where a stream reads", async () => {
    const [inlet, slow, fast] = gated();
    const [slowLane, fastLane] = [inlet.open(slow), inlet.open(fast)];
    slow.full = true;
    const read = inlet.readable.getReader().read();
    await Promise.resolve();
    slowLane.enqueue("slow");
    fastLane.enqueue("fast");
    assert.equal(inlet.length, 1);
    assert.deepEqual(await read, { done: false, value: "fast" });
  });
});

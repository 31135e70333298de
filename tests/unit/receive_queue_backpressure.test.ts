/** The way in when it is full: pipes stop reading, and read again. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MESSAGE_OVERHEAD } from "../../src/receiving/fair_queue.ts";
import type { ReceiveQueue } from "../../src/receiving/receive_queue.ts";
import { MockSource, textReceiveQueue } from "../helpers/mock_source.ts";
import { isPending } from "../helpers/turns.ts";

/** A text that costs this many bytes. */
function costing(bytes: number): string {
  return "x".repeat(bytes - MESSAGE_OVERHEAD);
}

/** Who takes messages. */
const TAKERS: [
  name: string,
  (receiveQueue: ReceiveQueue<string, string>) => () => Promise<string>,
][] = [
  ["who receives", (receiveQueue) => () => receiveQueue.receive()],
  ["a reader", (receiveQueue) => {
    const reader = receiveQueue.readable.getReader();
    return async () => (await reader.read()).value!;
  }],
];

/**
 * A peer with more to say, on a connection that delivers as soon as it may: one message at a time until the
 * pipe's queue is full, as a pipe does with chunks.
 */
class Talker extends MockSource {
  readonly #pipeQueue;
  left: number;

  constructor(receiveQueue: ReceiveQueue<string, string>, messages: number) {
    super();
    this.#pipeQueue = receiveQueue.open(this);
    this.left = messages;
    this.onResume = () => this.talk();
  }

  talk(): void {
    while (this.left > 0) {
      this.left--;
      this.#pipeQueue.enqueue(costing(1000));
      if (this.#pipeQueue.full) return;
    }
  }
}

describe("a queue in that is full", () => {
  test("takes a message from each new pipe, until those that have gone have left twice its limit", async () => {
    const receiveQueue = textReceiveQueue({ receiveBuffer: 10_000 });
    let accepted = 0;
    for (let i = 0; i < 100; i++) {
      const pipeQueue = receiveQueue.open(new MockSource());
      if (pipeQueue.room > 0) {
        accepted++;
        pipeQueue.enqueue(costing(1000));
      }
      pipeQueue.end();
      pipeQueue.end();
    }
    assert.equal(accepted, 20);
    const live = receiveQueue.open(new MockSource());
    assert.equal(live.room <= 0, true);
    assert.equal(live.full, true);
    for (let i = 0; i < 11; i++) await receiveQueue.receive();
    assert.equal(live.room > 0, true);
    assert.equal(receiveQueue.purge(() => false), 9);
    assert.equal(receiveQueue.bytes, 0);
  });

  test("stops the pipe that filled it, and not one that has nothing waiting", () => {
    const receiveQueue = textReceiveQueue({ receiveBuffer: 10000 });
    const [a, b] = [receiveQueue.open(new MockSource()), receiveQueue.open(new MockSource())];
    a.enqueue(costing(9990));
    assert.equal(receiveQueue.full, false);
    assert.equal(a.full, false);
    a.enqueue(costing(1000));
    assert.equal(receiveQueue.full, true);
    assert.equal(receiveQueue.bytes, 10_990);
    assert.equal(a.full, true);
    assert.equal(b.full, false);
    b.enqueue(costing(1000));
    assert.equal(b.full, true);
  });

  test("is not emptied while a pipe keeps something for it", async () => {
    const receiveQueue = textReceiveQueue();
    const pipeQueue = receiveQueue.open(new MockSource());
    pipeQueue.holds(true);
    const emptied = receiveQueue.emptied();
    assert.equal(await isPending(emptied), true);
    pipeQueue.enqueue("last");
    pipeQueue.holds(false);
    assert.equal(await isPending(emptied), true);
    assert.equal(await receiveQueue.receive(), "last");
    await emptied;
  });

  test("counts empty messages too", () => {
    const receiveQueue = textReceiveQueue({ receiveBuffer: 10000 });
    const pipeQueue = receiveQueue.open(new MockSource());
    let messages = 0;
    while (!pipeQueue.full) {
      pipeQueue.enqueue("");
      messages++;
    }
    assert.ok(messages <= 10_000 / MESSAGE_OVERHEAD + 1, `took ${messages}`);
  });

  test("has the pipes read again when less than half of it is left", async () => {
    const receiveQueue = textReceiveQueue({ receiveBuffer: 10000 });
    const source = new MockSource();
    const pipeQueue = receiveQueue.open(source);
    while (!pipeQueue.full) pipeQueue.enqueue(costing(1000));
    for (let left = 9; left >= 5; left--) {
      await receiveQueue.receive();
      assert.equal(receiveQueue.length, left);
      assert.equal(source.resumes, 0);
    }
    await receiveQueue.receive();
    assert.equal(source.resumes, 1);
    await receiveQueue.receiveBatch();
    assert.equal(source.resumes, 1);
  });

  test("has a pipe read again when its own last message is taken", async () => {
    const receiveQueue = textReceiveQueue({ receiveBuffer: 10000 });
    const [small, large] = [new MockSource(), new MockSource()];
    const [smallQueue, largeQueue] = [receiveQueue.open(small), receiveQueue.open(large)];
    smallQueue.enqueue(costing(1000));
    for (let i = 0; i < 20; i++) largeQueue.enqueue(costing(1000));
    assert.ok(smallQueue.full && largeQueue.full);
    await receiveQueue.receive();
    assert.deepEqual([small.resumes, large.resumes], [1, 0]);
  });

  test("has no pipe read again that was not stopped", async () => {
    const receiveQueue = textReceiveQueue({ receiveBuffer: 10000 });
    const source = new MockSource();
    const pipeQueue = receiveQueue.open(source);
    pipeQueue.enqueue(costing(1000));
    assert.equal(pipeQueue.full, false);
    await receiveQueue.receive();
    assert.equal(source.resumes, 0);
  });

  test("has all pipes read again when a purge made room", () => {
    const receiveQueue = textReceiveQueue({ receiveBuffer: 10000 });
    const [a, b] = [new MockSource(), new MockSource()];
    for (const source of [a, b]) {
      const pipeQueue = receiveQueue.open(source);
      pipeQueue.enqueue(costing(10000));
      assert.ok(pipeQueue.full);
    }
    assert.equal(receiveQueue.purge(() => true), 0);
    assert.deepEqual([a.resumes, b.resumes], [0, 0]);
    assert.equal(receiveQueue.purge(() => false), 2);
    assert.deepEqual([a.resumes, b.resumes], [1, 1]);
    assert.equal(receiveQueue.bytes, 0);
  });

  test("with no bytes at all lets each pipe have one chunk waiting", async () => {
    const receiveQueue = textReceiveQueue({ receiveBuffer: 0 });
    const talker = new Talker(receiveQueue, 10);
    talker.talk();
    for (let left = 9; left >= 0; left--) {
      assert.equal(talker.left, left);
      assert.equal(receiveQueue.length, 1);
      await receiveQueue.receive();
    }
  });

  for (const [name, takerOf] of TAKERS) {
    test(`gives ${name} what was held back before what a peer then delivers at once`, async () => {
      const receiveQueue = textReceiveQueue({ receiveBuffer: 10000, gated: true });
      const source = new MockSource();
      const pipeQueue = receiveQueue.open(source);
      source.full = true;
      pipeQueue.enqueue(costing(10000));
      assert.ok(pipeQueue.full);
      source.onResume = () => pipeQueue.enqueue("next");
      const take = takerOf(receiveQueue);
      const first = take();
      assert.equal(await isPending(first), true);
      source.full = false;
      receiveQueue.wake();
      assert.equal(await first, costing(10000));
      assert.equal(await take(), "next");
    });
  }

  test("stays within its bytes with peers that deliver the moment they may read", async () => {
    const receiveQueue = textReceiveQueue({ receiveBuffer: 10000 });
    const talkers = Array.from({ length: 3 }, () => new Talker(receiveQueue, 1000));
    for (const talker of talkers) talker.talk();
    for (let i = 0; i < 3000; i++) {
      // What was asked for, and one message for each peer.
      assert.ok(
        receiveQueue.bytes <= 10_000 + 3 * 1000,
        `${receiveQueue.bytes} bytes after ${i} messages`,
      );
      await receiveQueue.receive();
    }
    assert.equal(receiveQueue.length, 0);
    assert.deepEqual(talkers.map(({ left }) => left), [0, 0, 0]);
  });

  test("pushes back while a stream reads it", async () => {
    const receiveQueue = textReceiveQueue({ receiveBuffer: 10000, prefetch: false });
    const talker = new Talker(receiveQueue, 100);
    talker.talk();
    assert.equal(talker.left, 90);
    let read = 0;
    for await (const _ of receiveQueue.readable) {
      assert.ok(receiveQueue.bytes <= 10_000);
      if (++read === 100) break;
    }
    assert.equal(talker.left, 0);
  });
});

test("a queue in that is not gated hands out what a peer says that takes nothing", async () => {
  const receiveQueue = textReceiveQueue();
  const slow = new MockSource();
  slow.full = true;
  const pipeQueue = receiveQueue.open(slow);
  const waiting = receiveQueue.receive();
  for (const text of ["a", "b"]) pipeQueue.enqueue(text);
  assert.deepEqual([await waiting, await receiveQueue.receive()], ["a", "b"]);
});

describe("a gated queue in", () => {
  function gated(): [ReceiveQueue<string, string>, MockSource, MockSource] {
    return [textReceiveQueue({ gated: true }), new MockSource(), new MockSource()];
  }

  test("holds back the messages of a peer that does not take its answers", async () => {
    const [receiveQueue, slow, fast] = gated();
    const [slowQueue, fastQueue] = [receiveQueue.open(slow), receiveQueue.open(fast)];
    slow.full = true;
    slowQueue.enqueue("slow");
    fastQueue.enqueue("fast");
    assert.equal(await receiveQueue.receive(), "fast");
    slow.full = false;
    assert.equal(await receiveQueue.receive(), "slow");
  });

  test("holds them back from who waits already, until it is woken", async () => {
    const [receiveQueue, slow] = gated();
    const pipeQueue = receiveQueue.open(slow);
    slow.full = true;
    const waiting = [receiveQueue.receive(), receiveQueue.receive()];
    pipeQueue.enqueue("a");
    receiveQueue.wake();
    assert.equal(receiveQueue.length, 1);
    slow.full = false;
    receiveQueue.wake();
    assert.equal(await waiting[0], "a");
    pipeQueue.enqueue("b");
    assert.equal(await waiting[1], "b");
  });

  test("holds up nobody else: another peer's message goes to who waits", async () => {
    const [receiveQueue, slow, fast] = gated();
    const [slowQueue, fastQueue] = [receiveQueue.open(slow), receiveQueue.open(fast)];
    slow.full = true;
    const waiting = receiveQueue.receive();
    slowQueue.enqueue("slow");
    fastQueue.enqueue("fast");
    receiveQueue.close();
    assert.equal(await waiting, "fast");
  });

  test("holds up nobody else where a stream reads", async () => {
    const [receiveQueue, slow, fast] = gated();
    const [slowQueue, fastQueue] = [receiveQueue.open(slow), receiveQueue.open(fast)];
    slow.full = true;
    const read = receiveQueue.readable.getReader().read();
    await Promise.resolve();
    slowQueue.enqueue("slow");
    fastQueue.enqueue("fast");
    assert.equal(receiveQueue.length, 1);
    assert.deepEqual(await read, { done: false, value: "fast" });
  });
});

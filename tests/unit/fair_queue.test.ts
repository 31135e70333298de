import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NOBODY, type PeerInfo } from "../../src/surface/peer.ts";
import { FairQueue, MESSAGE_OVERHEAD, PipeQueue } from "../../src/receiving/fair_queue.ts";

/** A pipe, as far as a queue knows one. */
class Source {
  readonly peer: PeerInfo = NOBODY;
  readonly receivePriority: number;
  full = false;
  readonly errors: unknown[] = [];

  constructor(receivePriority = 8) {
    this.receivePriority = receivePriority;
  }

  resume(): void {}

  error(reason: unknown): void {
    this.errors.push(reason);
  }

  drop(): void {}
}

/** A queue of texts, with what it said of queues that ran empty. */
class Queue {
  readonly queue: FairQueue<string>;
  readonly emptied: PipeQueue<string>[] = [];

  constructor(gated = false) {
    this.queue = new FairQueue((text) => text.length, gated);
  }

  pipeQueue(source = new Source()): PipeQueue<string> {
    return new PipeQueue<string>(source, {
      push: (pipeQueue, text) => this.queue.push(pipeQueue, text),
      isFull: (pipeQueue) => pipeQueue.bytes > 50,
      roomFor: () => Infinity,
      lastRoom: Infinity,
      holds: () => {},
      ended: () => {},
    });
  }

  take(): string | undefined {
    return this.queue.shift((pipeQueue) => this.emptied.push(pipeQueue));
  }

  takeAll(): string {
    let all = "";
    for (let text = this.take(); text !== undefined; text = this.take()) all += `${text} `;
    return all.trim();
  }
}

function fill(pipeQueue: PipeQueue<string>, texts: string): void {
  for (const text of texts.split(" ")) pipeQueue.enqueue(text);
}

describe("a fair queue", () => {
  test("is empty at first", () => {
    assert.equal(new Queue().take(), undefined);
  });

  test("gives all that waits at once where it is one pipe's, and says that the pipe ran empty", () => {
    const queue = new Queue();
    const pipeQueue = queue.pipeQueue();
    fill(queue.pipeQueue(new Source(1)), "x");
    queue.take();
    fill(pipeQueue, "a1 a2 a3");
    const all = queue.queue.takeAll(3, (pipeQueue) => queue.emptied.push(pipeQueue));
    assert.deepEqual(all, ["a1", "a2", "a3"]);
    assert.equal(queue.emptied.at(-1), pipeQueue);
    assert.deepEqual([queue.queue.length, queue.queue.bytes, pipeQueue.bytes], [0, 0, 0]);
    assert.equal(queue.take(), undefined);
    fill(pipeQueue, "a4");
    assert.equal(queue.takeAll(), "a4");
  });

  test("does not give all at once where that is more than is wanted, of several pipes, or of one that may be passed over", () => {
    const none = (): void => assert.fail("a pipeQueue ran empty");
    const queue = new Queue();
    assert.equal(queue.queue.takeAll(3, none), undefined);
    fill(queue.pipeQueue(), "a1 a2");
    assert.equal(queue.queue.takeAll(1, none), undefined);
    fill(queue.pipeQueue(new Source(1)), "b1");
    assert.equal(queue.queue.takeAll(3, none), undefined);
    assert.equal(queue.takeAll(), "b1 a1 a2");
    const gated = new Queue(true);
    fill(gated.pipeQueue(), "a1");
    assert.equal(gated.queue.takeAll(3, none), undefined);
    assert.equal(gated.takeAll(), "a1");
  });

  test("takes one message from each pipe in turn, each pipe's in order", () => {
    const queue = new Queue();
    fill(queue.pipeQueue(), "a1 a2 a3");
    fill(queue.pipeQueue(), "b1");
    fill(queue.pipeQueue(), "c1 c2");
    assert.equal(queue.takeAll(), "a1 b1 c1 a2 c2 a3");
  });

  test("puts a pipe that has something again behind those that wait", () => {
    const queue = new Queue();
    const [a, b] = [queue.pipeQueue(), queue.pipeQueue()];
    fill(a, "a1");
    fill(b, "b1 b2");
    assert.equal(queue.take(), "a1");
    fill(a, "a2");
    assert.equal(queue.takeAll(), "b1 a2 b2");
  });

  test("takes from pipes of a lower priority number strictly first", () => {
    const queue = new Queue();
    const [low, high] = [queue.pipeQueue(new Source(9)), queue.pipeQueue(new Source(2))];
    fill(low, "l1 l2");
    fill(high, "h1 h2");
    assert.equal(queue.take(), "h1");
    fill(queue.pipeQueue(new Source(1)), "first");
    assert.equal(queue.takeAll(), "first h2 l1 l2");
  });

  test("counts messages and bytes, with what a message costs besides", () => {
    const queue = new Queue();
    const [a, b] = [queue.pipeQueue(), queue.pipeQueue()];
    fill(a, "12345 123");
    fill(b, "1");
    assert.equal(queue.queue.length, 3);
    assert.equal(queue.queue.bytes, 9 + 3 * MESSAGE_OVERHEAD);
    assert.equal(a.bytes, 8 + 2 * MESSAGE_OVERHEAD);
    queue.take();
    assert.equal(queue.queue.length, 2);
    assert.equal(a.bytes, 3 + MESSAGE_OVERHEAD);
    queue.takeAll();
    assert.deepEqual([queue.queue.length, queue.queue.bytes, a.bytes, b.bytes], [0, 0, 0, 0]);
  });

  test("tells of each pipe that has nothing left", () => {
    const queue = new Queue();
    const [a, b] = [queue.pipeQueue(), queue.pipeQueue()];
    fill(a, "a1 a2");
    fill(b, "b1");
    queue.take();
    assert.deepEqual(queue.emptied, []);
    queue.take();
    assert.deepEqual(queue.emptied, [b]);
    queue.take();
    assert.deepEqual(queue.emptied, [b, a]);
  });

  test("asks its owner whether a pipe should stop, and closes the pipe on an error", () => {
    const queue = new Queue();
    const source = new Source();
    const pipeQueue = queue.pipeQueue(source);
    assert.equal(pipeQueue.full, false);
    fill(pipeQueue, "1 2");
    assert.equal(pipeQueue.full, true);
    const reason = new Error("no");
    pipeQueue.error(reason);
    assert.deepEqual(source.errors, [reason]);
  });

  test("throws away what is not wanted, in all pipes, and keeps the rest in its order", () => {
    const queue = new Queue();
    const [a, b, c] = [queue.pipeQueue(), queue.pipeQueue(), queue.pipeQueue(new Source(1))];
    fill(a, "a1 no a2");
    fill(b, "no no");
    fill(c, "no c1");
    assert.equal(queue.queue.purge((text) => text !== "no"), 4);
    assert.equal(queue.queue.length, 3);
    assert.equal(queue.queue.bytes, 6 + 3 * MESSAGE_OVERHEAD);
    assert.equal(b.bytes, 0);
    fill(b, "b1");
    assert.equal(queue.takeAll(), "c1 a1 b1 a2");
  });

  test("passes over a pipe whose queue out is full where it is gated, and over none otherwise", () => {
    for (const gated of [true, false]) {
      const queue = new Queue(gated);
      const slow = new Source();
      fill(queue.pipeQueue(slow), "s1 s2");
      fill(queue.pipeQueue(), "f1 f2");
      slow.full = true;
      assert.equal(queue.takeAll(), gated ? "f1 f2" : "s1 f1 s2 f2");
      slow.full = false;
      assert.equal(queue.takeAll(), gated ? "s1 s2" : "");
    }
  });

  test("goes on to pipes of a lower priority while those of a higher are passed over", () => {
    const queue = new Queue(true);
    const slow = new Source(1);
    slow.full = true;
    fill(queue.pipeQueue(slow), "s1");
    fill(queue.pipeQueue(new Source(9)), "f1");
    assert.equal(queue.takeAll(), "f1");
    assert.equal(queue.queue.length, 1);
  });
});

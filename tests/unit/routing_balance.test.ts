/** To whom messages go: one of many in turn, or the one peer there is. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Balance, OnePeer } from "../../src/pipes/routing.ts";
import { concat, pattern, text, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { type MockPipe, mockPipe, type MockPipeOptions } from "../helpers/mock_pipe.ts";

/** A router with mock pipes attached. */
function balance(...options: MockPipeOptions[]): [Balance, ...MockPipe[]] {
  const router = new Balance();
  const pipes = options.map((option) => mockPipe(option));
  for (const { pipe } of pipes) router.attach(pipe);
  return [router, ...pipes];
}

/** Sends one message for each word; the words that found no place. */
function send(router: Balance | OnePeer, words: string): string[] {
  return words.split(" ").filter((word) => !router.send(utf8(word)));
}

/** What a pipe was given and has not written, in order. */
function queued({ pipe }: MockPipe): string {
  const words: string[] = [];
  for (let word = pipe.takeBack(); word !== undefined; word = pipe.takeBack()) {
    words.push(text(word as Uint8Array));
  }
  return words.join(" ");
}

/** A queue out that has room for this many messages of one letter. */
function roomFor(messages: number): MockPipeOptions {
  return { framing: "tcp", sendBuffer: messages * 9 };
}

describe("balance", () => {
  test("finds no place without a peer", () => {
    assert.deepEqual(send(new Balance(), "a"), ["a"]);
  });

  test("goes round among the peers", () => {
    const [router, a, b, c] = balance({}, {}, {});
    assert.deepEqual(send(router, "1 2 3 4 5 6 7"), []);
    assert.deepEqual([a!, b!, c!].map(queued), ["1 4 7", "2 5", "3 6"]);
  });

  test("passes over a peer whose queue is full, and waits only when all are", () => {
    const [router, a, b] = balance(roomFor(1), roomFor(3));
    assert.deepEqual(send(router, "1 2 3 4 5 6"), ["5", "6"]);
    assert.deepEqual([a!, b!].map(queued), ["1", "2 3 4"]);
  });

  test("comes back to a peer that has room again", () => {
    const [router, a, b] = balance(roomFor(1), roomFor(1));
    send(router, "1 2");
    assert.equal(queued(a!), "1");
    router.ready(a!.pipe);
    assert.deepEqual(send(router, "3 4"), ["4"]);
    assert.deepEqual([a!, b!].map(queued), ["3", "2"]);
  });

  test("asks a peer that has room again only once in each round", () => {
    const [router, a, b] = balance({}, {});
    router.ready(a!.pipe);
    router.ready(a!.pipe);
    send(router, "1 2 3 4");
    assert.deepEqual([a!, b!].map(queued), ["1 3", "2 4"]);
  });

  test("sends to peers of a higher priority strictly first, and to others while those are full", () => {
    const [router, low, high, other] = balance(
      { sendPriority: 9 },
      { sendPriority: 2, ...roomFor(2) },
      { sendPriority: 2, ...roomFor(1) },
    );
    send(router, "1 2 3 4 5");
    assert.deepEqual([low!, high!, other!].map(queued), ["4 5", "1 3", "2"]);
    router.ready(high!.pipe);
    send(router, "6 7 8");
    assert.deepEqual([low!, high!, other!].map(queued), ["8", "6 7", ""]);
  });

  test("gives nothing more to a peer that goes, and keeps its place in the round", () => {
    const [router, a, b, c] = balance({}, {}, {});
    send(router, "1 2");
    router.detach(a!.pipe);
    send(router, "3 4 5");
    assert.deepEqual([a!, b!, c!].map(queued), ["1", "2 4", "3 5"]);
    router.detach(a!.pipe);
  });

  test("hands what a lost peer had not been sent to the others, in order, before anything newer", () => {
    const [router, a] = balance({});
    send(router, "1 2 3");
    router.detach(a!.pipe);
    router.reclaim(a!.pipe);
    assert.equal(router.pending, 3);
    const b = mockPipe();
    router.attach(b.pipe);
    // What came back goes first, and only the router itself sends it.
    assert.deepEqual(send(router, "4"), ["4"]);
    router.pump();
    assert.equal(router.pending, 0);
    assert.deepEqual(send(router, "4"), []);
    assert.equal(queued(b), "1 2 3 4");
  });

  test("keeps the order where several peers are lost one after the other", () => {
    const [router, a] = balance({});
    send(router, "1 2 3");
    router.detach(a!.pipe);
    router.reclaim(a!.pipe);
    const b = mockPipe(roomFor(2));
    router.attach(b.pipe);
    router.pump();
    assert.equal(router.pending, 1);
    router.detach(b.pipe);
    router.reclaim(b.pipe);
    const c = mockPipe();
    router.attach(c.pipe);
    router.pump();
    assert.equal(queued(c), "1 2 3");
  });

  test("takes back what is queued, with its header and its large body, and not what the connection holds", () => {
    const { pipe, connection } = mockPipe({ framing: "tcp", sendBuffer: Infinity });
    const router = new Balance();
    router.attach(pipe);
    connection.stuck = true;
    router.send(utf8("held"));
    pipe.flush();
    const large = { header: utf8("id"), body: pattern(100_000) };
    router.send(large);
    router.send(utf8("small"));
    router.detach(pipe);
    router.reclaim(pipe);
    assert.equal(router.pending, 2);
    const other = mockPipe({ framing: "ipc", sendBuffer: Infinity });
    router.attach(other.pipe);
    router.pump();
    other.pipe.flush();
    assert.deepEqual(other.connection.messages(), [
      concat([large.header, large.body]),
      utf8("small"),
    ]);
  });
});

describe("one peer", () => {
  test("refuses a second, naming both, and takes it once the first has gone", () => {
    const router = new OnePeer();
    const first = mockPipe({ remoteAddress: "mock://first" });
    const second = mockPipe({ remoteAddress: "mock://second" });
    router.attach(first.pipe);
    assert.throws(
      () => router.attach(second.pipe),
      spError("EBUSY", "Refused mock://second", "mock://first"),
    );
    // A pipe that was refused is none of the router's.
    router.detach(second.pipe);
    assert.deepEqual(send(router, "1"), []);
    router.detach(first.pipe);
    assert.deepEqual(send(router, "2"), ["2"]);
    router.attach(second.pipe);
    assert.deepEqual(send(router, "3"), []);
    assert.deepEqual([first, second].map(queued), ["1", "3"]);
  });

  test("keeps its place for who reserved it, until that is given back or the peer is there", () => {
    const router = new OnePeer();
    const release = router.reserve("mock://first");
    const wanted = spError("EBUSY", "Refused mock://second", "mock://first");
    assert.throws(() => router.reserve("mock://second"), wanted);
    assert.throws(() => router.attach(mockPipe({ remoteAddress: "mock://second" }).pipe), wanted);
    release();
    const other = router.reserve("mock://other");
    // The place is another's now.
    release();
    assert.throws(() => router.reserve("mock://second"), spError("EBUSY", "mock://other"));
    other();
    const { pipe } = mockPipe({ remoteAddress: "mock://first" });
    router.attach(pipe);
    assert.throws(() => router.reserve("mock://second"), wanted);
    router.detach(pipe);
    router.reserve("mock://second");
  });

  test("finds no place while its peer is full", () => {
    const router = new OnePeer();
    const peer = mockPipe(roomFor(2));
    router.attach(peer.pipe);
    assert.deepEqual(send(router, "1 2 3"), ["3"]);
    queued(peer);
    router.ready(peer.pipe);
    assert.deepEqual(send(router, "3"), []);
  });

  test("sends what a lost peer had not been sent to the next", () => {
    const router = new OnePeer();
    const first = mockPipe();
    router.attach(first.pipe);
    send(router, "1 2");
    router.detach(first.pipe);
    router.reclaim(first.pipe);
    assert.equal(router.pending, 2);
    const second = mockPipe();
    router.attach(second.pipe);
    router.pump();
    assert.equal(queued(second), "1 2");
    assert.equal(router.pending, 0);
  });
});

/** PUSH and PULL, row by row of the table of semantics (B5), with mock peers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Pull, Push } from "../../patterns/pipeline.ts";
import { MESSAGE_OVERHEAD } from "../../src/receiving/fair_queue.ts";
import { text, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import type { MockConnection } from "../helpers/mock_connection.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { nextEvent } from "../helpers/next_event.ts";
import { isPending } from "../helpers/turns.ts";

async function sendAll(push: Push, words: string): Promise<void> {
  for (const word of words.split(" ")) await push.send(word);
}

async function receiveAll(pull: Pull, count: number): Promise<string> {
  const words: string[] = [];
  while (words.length < count) words.push(text(await pull.receive()));
  return words.join(" ");
}

function deliver(peer: MockConnection, words: string): void {
  peer.deliver(...words.split(" ").map(utf8));
}

describe("B5 PUSH, no peer", () => {
  test("send waits until there is one", async () => {
    await using push = new Push();
    const place = await MockPlace.of(push);
    const sent = [push.send("a"), push.send("b")];
    assert.equal(await isPending(sent[0]!), true);
    const peer = await place.peer();
    await Promise.all(sent);
    assert.deepEqual(await peer.sent(2), ["a", "b"]);
  });

  test("send waits again when the last peer has gone", async () => {
    await using push = new Push({ sendTimeout: 1 });
    const place = await MockPlace.of(push);
    const events = push.events().getReader();
    (await place.peer()).break();
    await nextEvent(events, "detached");
    await assert.rejects(push.send("a"), spError("ETIMEDOUT"));
  });
});

describe("B5 PUSH, several peers", () => {
  test("each message goes to one of them, in turn", async () => {
    await using push = new Push();
    const place = await MockPlace.of(push);
    const peers = [await place.peer(), await place.peer(), await place.peer()];
    await sendAll(push, "1 2 3 4 5 6 7");
    assert.deepEqual(await peers[0]!.sent(3), ["1", "4", "7"]);
    assert.deepEqual(await peers[1]!.sent(2), ["2", "5"]);
    assert.deepEqual(await peers[2]!.sent(2), ["3", "6"]);
  });

  test("a peer that comes late has its turn", async () => {
    await using push = new Push();
    const place = await MockPlace.of(push);
    const first = await place.peer();
    await sendAll(push, "1 2");
    const second = await place.peer();
    await sendAll(push, "3 4");
    assert.equal((await second.sent(1)).length, 1);
    assert.equal((await first.sent(3)).length, 3);
  });

  test("those of a higher send priority come strictly first, as in nanomsg", async () => {
    await using push = new Push({ sendBuffer: 1 });
    const low = await (await MockPlace.of(push, { sendPriority: 10 })).peer();
    const place = await MockPlace.of(push, { sendPriority: 3 });
    const high = [await place.peer({ stuck: true }), await place.peer({ stuck: true })];
    await sendAll(push, "1 2 3 4");
    assert.deepEqual(await low.sent(2), ["3", "4"]);
    high[1]!.release();
    await sendAll(push, "5");
    assert.deepEqual(await high[1]!.sent(2), ["2", "5"]);
    high[0]!.release();
    assert.deepEqual(await high[0]!.sent(1), ["1"]);
  });
});

describe("B5 PUSH, slow peer", () => {
  test("is skipped, and send waits only when all are full", async () => {
    // A peer has room for one message.
    await using push = new Push({ sendBuffer: 1 });
    const place = await MockPlace.of(push);
    const slow = await place.peer({ stuck: true });
    const other = await place.peer({ stuck: true });
    await sendAll(push, "1 2");
    const third = push.send("3");
    assert.equal(await isPending(third), true);
    other.release();
    await third;
    await sendAll(push, "4 5");
    assert.deepEqual(await other.sent(4), ["2", "3", "4", "5"]);
    slow.release();
    assert.deepEqual(await slow.sent(1), ["1"]);
    assert.deepEqual(push.stats().drops, {});
  });
});

describe("B5 PUSH, lost peer", () => {
  test("what it had not been written goes to the others, what it had been is lost and counted", async () => {
    await using push = new Push();
    const place = await MockPlace.of(push);
    const first = await place.peer({ stuck: true });
    await push.send("written");
    await first.sent(1);
    await sendAll(push, "1 2 3");
    const second = await place.peer();
    first.break();
    assert.deepEqual(await second.sent(3), ["1", "2", "3"]);
    assert.deepEqual(push.stats().drops, { "peer-gone": 1 });
    assert.equal(push.stats().messagesSent, 4);
  });

  test("what it had not been written waits for the next, if it was the last", async () => {
    await using push = new Push();
    const place = await MockPlace.of(push);
    const first = await place.peer({ stuck: true });
    await sendAll(push, "1");
    await first.sent(1);
    await sendAll(push, "2 3");
    first.break();
    const fourth = push.send("4");
    assert.equal(await isPending(fourth), true);
    const second = await place.peer();
    await fourth;
    assert.deepEqual(await second.sent(3), ["2", "3", "4"]);
  });

  test("what nobody takes is counted when the socket is closed", async () => {
    const push = new Push({ linger: 0 });
    const place = await MockPlace.of(push);
    const events = push.events().getReader();
    const peer = await place.peer({ stuck: true });
    await sendAll(push, "1");
    await peer.sent(1);
    await sendAll(push, "2 3");
    await push.close();
    assert.deepEqual(push.stats().drops, { closed: 3 });
    assert.equal((await nextEvent(events, "dropped")).count, 3);
  });
});

describe("B5 PUSH, a peer that sends", () => {
  test("is closed, for it has broken the protocol, and the others notice nothing", async () => {
    await using push = new Push();
    const place = await MockPlace.of(push);
    const events = push.events().getReader();
    const [good, bad] = [await place.peer(), await place.peer()];
    bad.deliver(utf8("data"));
    const { reason } = await nextEvent(events, "detached");
    assert.equal(reason?.code, "EPROTO");
    assert.match(reason.message, /pull peer sent a message to a socket that only sends/);
    assert.equal(bad.destroyed, true);
    await sendAll(push, "1 2");
    assert.deepEqual(await good.sent(2), ["1", "2"]);
  });
});

describe("B5 PULL, no peer", () => {
  test("receive waits", async () => {
    await using pull = new Pull();
    const place = await MockPlace.of(pull);
    const message = pull.receive();
    assert.equal(await isPending(message), true);
    deliver(await place.peer(), "a");
    assert.equal(text(await message), "a");
  });
});

describe("B5 PULL, several peers", () => {
  test("each has its turn", async () => {
    await using pull = new Pull();
    const place = await MockPlace.of(pull);
    const [a, b] = [await place.peer(), await place.peer()];
    deliver(a, "a1 a2 a3");
    deliver(b, "b1 b2");
    assert.equal(await receiveAll(pull, 5), "a1 b1 a2 b2 a3");
  });

  test("those of a higher receive priority come strictly first, as in nanomsg", async () => {
    await using pull = new Pull();
    const low = await (await MockPlace.of(pull, { receivePriority: 16 })).peer();
    const high = await (await MockPlace.of(pull, { receivePriority: 1 })).peer();
    deliver(low, "l1 l2");
    deliver(high, "h1 h2");
    assert.equal(await receiveAll(pull, 3), "h1 h2 l1");
    deliver(high, "h3");
    assert.equal(await receiveAll(pull, 2), "h3 l2");
  });

  test("what a peer sent before it left is received", async () => {
    await using pull = new Pull();
    const place = await MockPlace.of(pull);
    const peer = await place.peer();
    deliver(peer, "a b");
    peer.hangUp();
    assert.equal(await receiveAll(pull, 2), "a b");
    assert.equal(pull.stats().messagesReceived, 2);
  });
});

describe("B5 PULL, slow reader", () => {
  test("pushes every peer back, drops nothing, and starves none", async () => {
    await using pull = new Pull({ receiveBuffer: 500 });
    const place = await MockPlace.of(pull);
    const [a, b] = [await place.peer(), await place.peer()];
    const numbers = Array.from({ length: 50 }, (_, i) => i);
    deliver(a, numbers.map((i) => `a${i}`).join(" "));
    deliver(b, numbers.map((i) => `b${i}`).join(" "));
    assert.equal(a.paused, true);
    assert.equal(b.paused, true);
    assert.ok(pull.stats().queuedMessages <= 500 / MESSAGE_OVERHEAD + 2);
    const words = (await receiveAll(pull, 100)).split(" ");
    for (const [name, peer] of [["a", a], ["b", b]] as const) {
      assert.deepEqual(
        words.filter((word) => word.startsWith(name)),
        numbers.map((i) => `${name}${i}`),
      );
      assert.equal(peer.paused, false);
    }
    // Neither was far ahead of the other.
    assert.ok(words.indexOf("b5") < words.indexOf("a30"));
    assert.ok(words.indexOf("a5") < words.indexOf("b30"));
    assert.deepEqual(pull.stats().drops, {});
  });
});

/** PUB, row by row of the tables of semantics (B5, B7), with mock peers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Pub, type PubOptions } from "../../patterns/pubsub.ts";
import { utf8 } from "../helpers/bytes.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { nextEvent } from "../helpers/next_event.ts";
import { isPending } from "../helpers/turns.ts";

async function publish(pub: Pub, words: string): Promise<void> {
  for (const word of words.split(" ")) await pub.send(word);
}

describe("B5 PUB, no peer", () => {
  test("send succeeds, and nobody gets it, not even who comes later", async () => {
    await using pub = new Pub();
    const place = await MockPlace.of(pub);
    await publish(pub, "lost");
    const writer = pub.writable.getWriter();
    await writer.write("lost too");
    const peer = await place.peer();
    await publish(pub, "seen");
    assert.deepEqual(await peer.sent(1), ["seen"]);
    assert.equal(pub.stats().messagesSent, 1);
    assert.deepEqual(pub.stats().drops, {});
  });
});

describe("B5 PUB, several peers", () => {
  test("each gets every message, in order", async () => {
    await using pub = new Pub();
    const place = await MockPlace.of(pub);
    const peers = [await place.peer(), await place.peer(), await place.peer()];
    await publish(pub, "1 2 3");
    for (const peer of peers) assert.deepEqual(await peer.sent(3), ["1", "2", "3"]);
    assert.equal(pub.stats().messagesSent, 9);
  });

  test("one that goes is missed by nobody", async () => {
    await using pub = new Pub();
    const place = await MockPlace.of(pub);
    const events = pub.events().getReader();
    const [gone, stays] = [await place.peer(), await place.peer()];
    gone.break();
    await nextEvent(events, "detached");
    await publish(pub, "1 2");
    assert.deepEqual(await stays.sent(2), ["1", "2"]);
    assert.deepEqual(gone.writes, []);
  });
});

describe("B5 PUB, slow peer", () => {
  /** A publisher with a slow and a fast peer, each with room for about one message. */
  async function withSlow(options: PubOptions) {
    const pub = new Pub({ sendBuffer: 1, linger: 0, ...options });
    const place = await MockPlace.of(pub);
    const slow = await place.peer({ stuck: true });
    const fast = await place.peer();
    await publish(pub, "1");
    await slow.sent(1);
    return { pub, slow, fast };
  }

  test("loses the oldest that it has not been written, counted for it alone", async () => {
    const { pub, slow, fast } = await withSlow({});
    for (const word of ["2", "3", "4"]) {
      await publish(pub, word);
      await fast.sent(Number(word));
    }
    assert.deepEqual(pub.stats().peers.map(({ drops }) => drops), [{ overflow: 2 }, {}]);
    slow.release();
    assert.deepEqual(await slow.sent(2), ["1", "4"]);
    assert.deepEqual(fast.texts, ["1", "2", "3", "4"]);
    await pub.close();
    assert.deepEqual(pub.stats().drops, { overflow: 2 });
  });

  test("loses the newest, if told so", async () => {
    const { pub, slow, fast } = await withSlow({ overflow: "drop-newest" });
    for (const word of ["2", "3", "4"]) {
      await publish(pub, word);
      await fast.sent(Number(word));
    }
    assert.deepEqual(pub.stats().peers.map(({ drops }) => drops), [{ overflow: 3 }, {}]);
    slow.release();
    await publish(pub, "5");
    assert.deepEqual(await slow.sent(2), ["1", "5"]);
    await fast.sent(5);
    await pub.close();
  });

  test("holds send up, if told so, and loses nothing", async () => {
    const { pub, slow, fast } = await withSlow({ overflow: "block" });
    const second = pub.send("2");
    assert.equal(await isPending(second), true);
    assert.deepEqual(fast.texts, ["1"]);
    slow.release();
    await second;
    assert.deepEqual(await slow.sent(2), ["1", "2"]);
    assert.deepEqual(await fast.sent(2), ["1", "2"]);
    await pub.close();
    assert.deepEqual(pub.stats().drops, {});
  });

  test("holds send up no longer once it has gone", async () => {
    const { pub, slow, fast } = await withSlow({ overflow: "block" });
    const second = pub.send("2");
    assert.equal(await isPending(second), true);
    slow.break();
    await second;
    assert.deepEqual(await fast.sent(2), ["1", "2"]);
    await pub.close();
  });

  test("is told of in few events, however many messages it loses, with their sum", async () => {
    const { pub, slow, fast } = await withSlow({ overflow: "drop-newest" });
    const events = pub.events().getReader();
    for (let i = 0; i < 100; i++) {
      await pub.send("lost");
      await fast.sent(i + 2);
    }
    const closed = pub.close();
    let lost = 0;
    let told = 0;
    for (;;) {
      const { done, value } = await events.read();
      if (done) break;
      if (value.type !== "dropped" || value.reason !== "overflow") continue;
      assert.equal(value.peer?.remoteAddress, slow.remoteAddress);
      lost += value.count;
      told++;
    }
    await closed;
    assert.equal(lost, 100);
    assert.ok(told < 50, `told ${told} times`);
  });
});

describe("B7 PUB, a SUB that sends data", () => {
  test("is closed, with an event that says why; the others notice nothing", async () => {
    await using pub = new Pub();
    const place = await MockPlace.of(pub);
    const events = pub.events().getReader();
    const good = await place.peer();
    const bad = await place.peer();
    bad.deliver(utf8("subscribe please"));
    const { reason, peer } = await nextEvent(events, "detached");
    assert.equal(reason?.code, "EPROTO");
    assert.match(reason.message, /sub peer sent a message to a socket that only sends/);
    assert.equal(peer.remoteAddress, bad.remoteAddress);
    assert.equal(bad.destroyed, true);
    await publish(pub, "1");
    assert.deepEqual(await good.sent(1), ["1"]);
    assert.equal(pub.stats().endpoints[0]!.broken, 1);
  });
});

describe("B7 PUB, filter", () => {
  test("is the subscribers' part: everything goes to everybody", async () => {
    await using pub = new Pub();
    const place = await MockPlace.of(pub);
    const peer = await place.peer();
    await publish(pub, "weather sport");
    assert.deepEqual(await peer.sent(2), ["weather", "sport"]);
  });
});

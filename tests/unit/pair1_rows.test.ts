/** PAIR version 1, row by row of the tables of semantics (B4, B5), with mock peers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Pair1 } from "../../patterns/pair1.ts";
import { concat, hex, text, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { nextDrops, nextEvent } from "../helpers/next_event.ts";
import { isPending } from "../helpers/turns.ts";

/** A message that has come so many hops. */
function hops(count: number, body: string): Uint8Array<ArrayBuffer> {
  return concat([Uint8Array.of(0, 0, 0, count), utf8(body)]);
}

describe("B4 PAIR1, hop count", () => {
  test("is 1 on the first way, and taken off what comes", async () => {
    await using pair = new Pair1();
    const place = await MockPlace.of(pair);
    const peer = await place.peer();
    await pair.send("a");
    await pair.send("");
    await peer.until(() => peer.messages().length === 2);
    assert.deepEqual(peer.messages(), [hops(1, "a"), hops(1, "")]);
    peer.deliver(hops(1, "b"), hops(2, ""));
    assert.equal(text(await pair.receive()), "b");
    assert.equal((await pair.receive()).length, 0);
  });

  for (const ttl of [1, 3, 255, undefined]) {
    const most = ttl ?? 8;
    test(`may be up to ${most} with a ttl of ${ttl ?? "8, the default"}: further is dropped, counted and told`, async () => {
      await using pair = new Pair1(ttl === undefined ? {} : { ttl });
      const place = await MockPlace.of(pair);
      const events = pair.events().getReader();
      const peer = await place.peer();
      for (const count of most < 255 ? [most + 1, 255] : []) peer.deliver(hops(count, "too far"));
      peer.deliver(hops(most, "near"));
      assert.equal(text(await pair.receive()), "near");
      assert.equal(peer.destroyed, false);
      if (most === 255) return;
      const { reason, count } = await nextDrops(events, 2);
      assert.deepEqual([reason, count], ["ttl", 2]);
    });
  }

  test("can be limited to 1 to 255, and nothing else", () => {
    for (const ttl of [0, 256, 1.5]) {
      assert.throws(() => new Pair1({ ttl }), spError("EINVAL", "ttl", `${ttl}`, "1 to 255"));
    }
  });

  for (const malformed of ["", "00 00 01", "00 00 01 00", "80 00 00 01", "00 00 00 00"]) {
    test(`that is none closes the connection, counted and told: "${malformed}"`, async () => {
      await using pair = new Pair1();
      const place = await MockPlace.of(pair);
      const events = pair.events().getReader();
      const bad = await place.peer();
      bad.deliver(hex(malformed));
      const { reason } = await nextEvent(events, "detached");
      assert.equal(reason?.code, "EPROTO");
      assert.match(reason.message, /without its hop count/);
      assert.deepEqual(pair.stats().drops, { malformed: 1 });
      const next = await place.peer();
      next.deliver(hops(1, "good"));
      assert.equal(text(await pair.receive()), "good");
    });
  }
});

describe("B5 PAIR1, no peer", () => {
  test("send waits, and its message is the first that the peer gets; receive waits", async () => {
    await using pair = new Pair1();
    const place = await MockPlace.of(pair);
    const [sent, received] = [pair.send("early"), pair.receive()];
    assert.equal(await isPending(Promise.race([sent, received])), true);
    const peer = await place.peer();
    await sent;
    peer.deliver(hops(1, "hello"));
    assert.equal(text(await received), "hello");
    assert.deepEqual(peer.messages(), [hops(1, "early")]);
  });
});

describe("B5 PAIR1, several peers", () => {
  test("the second is closed, with an event, and taken once the first has gone", async () => {
    await using pair = new Pair1();
    const place = await MockPlace.of(pair);
    const events = pair.events().getReader();
    const first = await place.peer();
    const second = place.approach();
    assert.equal((await nextEvent(events, "rejected")).reason.code, "EBUSY");
    assert.equal(second.destroyed, true);
    await pair.send("to the first");
    await first.until(() => first.messages().length === 1);
    first.break();
    await nextEvent(events, "detached");
    const third = await place.peer();
    await pair.send("to the third");
    await third.until(() => third.messages().length === 1);
    assert.deepEqual(third.messages(), [hops(1, "to the third")]);
  });
});

describe("B5 PAIR1, slow peer", () => {
  test("send waits when the peer's queue is full, and what it had not been sent goes to the next", async () => {
    await using pair = new Pair1({ sendBuffer: 20 });
    const place = await MockPlace.of(pair);
    const slow = await place.peer({ stuck: true });
    await pair.send("1");
    await slow.until(() => slow.messages().length === 1);
    await pair.send("2");
    const third = pair.send("3");
    assert.equal(await isPending(third), true);
    slow.break();
    const next = await place.peer();
    await third;
    await next.until(() => next.messages().length === 2);
    assert.deepEqual(next.messages(), [hops(1, "2"), hops(1, "3")]);
  });
});

/** BUS, row by row of the tables of semantics (B4, B5), with mock peers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Bus, type BusOptions } from "../../patterns/bus.ts";
import { text, utf8 } from "../helpers/bytes.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { nextDrops } from "../helpers/next_event.ts";
import { isPending } from "../helpers/turns.ts";

describe("B5 BUS, no peer", () => {
  test("send succeeds, and nobody gets it, not even who comes later", async () => {
    await using bus = new Bus();
    const place = await MockPlace.of(bus);
    await bus.send("lost");
    const peer = await place.peer();
    await bus.send("seen");
    assert.deepEqual(await peer.sent(1), ["seen"]);
    assert.deepEqual(bus.stats().drops, {});
  });

  test("receive waits", async () => {
    await using bus = new Bus();
    const place = await MockPlace.of(bus);
    const message = bus.receive();
    assert.equal(await isPending(message), true);
    (await place.peer()).deliver(utf8("1"));
    assert.equal(text(await message), "1");
  });
});

describe("B5 BUS, several peers", () => {
  test("each gets every message, in order, body only, and is heard in its turn", async () => {
    await using bus = new Bus();
    const place = await MockPlace.of(bus);
    const peers = [await place.peer(), await place.peer(), await place.peer()];
    for (const word of ["1", "2"]) await bus.send(word);
    for (const peer of peers) assert.deepEqual(await peer.sent(2), ["1", "2"]);
    for (const [n, peer] of peers.entries()) peer.deliver(utf8(`a${n}`), utf8(`b${n}`));
    const heard = [];
    while (heard.length < 6) heard.push(text(await bus.receive()));
    assert.deepEqual(heard, ["a0", "a1", "a2", "b0", "b1", "b2"]);
  });

  test("what one of them sends goes to nobody else, nor back", async () => {
    await using bus = new Bus();
    const place = await MockPlace.of(bus);
    const [speaker, other] = [await place.peer(), await place.peer()];
    speaker.deliver(utf8("to you"));
    assert.equal(text(await bus.receive()), "to you");
    await bus.send("to both");
    for (const peer of [speaker, other]) assert.deepEqual(await peer.sent(1), ["to both"]);
  });
});

describe("B5 BUS, slow peer", () => {
  /** A bus with a slow and a fast peer, each with room for about one message. */
  async function withSlow(options: BusOptions) {
    const bus = new Bus({ sendBuffer: 1, linger: 0, ...options });
    const place = await MockPlace.of(bus);
    const slow = await place.peer({ stuck: true });
    const fast = await place.peer();
    await bus.send("1");
    await slow.sent(1);
    return { bus, slow, fast };
  }

  const LOSSES = [
    { overflow: undefined, what: "the oldest", lost: 2, heard: ["1", "4"] },
    { overflow: "drop-oldest", what: "the oldest", lost: 2, heard: ["1", "4"] },
    { overflow: "drop-newest", what: "the newest", lost: 3, heard: ["1"] },
  ] as const;
  for (const { overflow, what, lost, heard } of LOSSES) {
    test(`loses ${what} with ${overflow ?? "nothing else said"}, counted and told for it alone`, async () => {
      const { bus, slow, fast } = await withSlow(overflow === undefined ? {} : { overflow });
      const events = bus.events().getReader();
      for (const word of ["2", "3", "4"]) {
        await bus.send(word);
        await fast.sent(Number(word));
      }
      const { reason, count, peer } = await nextDrops(events, lost);
      assert.deepEqual([reason, count], ["overflow", lost]);
      assert.equal(peer?.remoteAddress, slow.remoteAddress);
      assert.deepEqual(bus.stats().peers.map(({ drops }) => drops), [{ overflow: lost }, {}]);
      slow.release();
      assert.deepEqual(await slow.sent(heard.length), heard);
      await bus.close();
    });
  }

  test("holds send up, if told so, until it takes something or has gone", async () => {
    const { bus, slow, fast } = await withSlow({ overflow: "block" });
    const second = bus.send("2");
    assert.equal(await isPending(second), true);
    slow.drain();
    await second;
    await slow.sent(2);
    const third = bus.send("3");
    assert.equal(await isPending(third), true);
    slow.break();
    await third;
    assert.deepEqual(await fast.sent(3), ["1", "2", "3"]);
    await bus.close();
  });
});

describe("B5 BUS, reader who is slow", () => {
  test("pushes every peer back, and loses nothing", async () => {
    await using bus = new Bus({ receiveBuffer: 500 });
    const place = await MockPlace.of(bus);
    const peers = [await place.peer(), await place.peer()];
    for (const peer of peers) for (let i = 0; i < 50; i++) peer.deliver(utf8(`${i}`));
    for (const peer of peers) assert.equal(peer.paused, true);
    assert.ok(bus.stats().queuedMessages < 50);
    for (let i = 0; i < 100; i++) assert.equal(text(await bus.receive()), `${Math.floor(i / 2)}`);
    assert.deepEqual(bus.stats().drops, {});
  });
});

/** PAIR, row by row of the table of semantics (B5), with mock peers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Pair } from "../../patterns/pair.ts";
import { pattern, text, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { nextEvent } from "../helpers/next_event.ts";
import { isPending } from "../helpers/turns.ts";

describe("B5 PAIR, no peer", () => {
  test("send waits, and its message is the first that the peer gets", async () => {
    await using pair = new Pair();
    const place = await MockPlace.of(pair);
    const first = pair.send("first");
    assert.equal(await isPending(first), true);
    const peer = await place.peer();
    await first;
    await pair.send("second");
    assert.deepEqual(await peer.sent(2), ["first", "second"]);
  });

  test("send gives up after sendTimeout, or with its signal, and then nothing is sent", async () => {
    await using pair = new Pair({ sendTimeout: 1 });
    const place = await MockPlace.of(pair);
    await assert.rejects(pair.send("timed out"), spError("ETIMEDOUT"));
    const signal = AbortSignal.abort("before");
    await assert.rejects(pair.send("aborted", { signal }), (reason) => reason === "before");
    const peer = await place.peer();
    await pair.send("sent");
    assert.deepEqual(await peer.sent(1), ["sent"]);
  });

  test("receive waits", async () => {
    await using pair = new Pair();
    const place = await MockPlace.of(pair);
    const message = pair.receive();
    assert.equal(await isPending(message), true);
    (await place.peer()).deliver(utf8("hello"));
    assert.equal(text(await message), "hello");
  });
});

describe("B5 PAIR, several peers", () => {
  test("the second is closed, with an event, and the first notices nothing", async () => {
    await using pair = new Pair();
    const place = await MockPlace.of(pair);
    const events = pair.events().getReader();
    const first = await place.peer({ remoteAddress: "mock://first" });
    const second = place.approach({ remoteAddress: "mock://second" });
    const { reason, remoteAddress } = await nextEvent(events, "rejected");
    assert.equal(reason.code, "EBUSY");
    assert.match(reason.message, /mock:\/\/second.*mock:\/\/first/);
    assert.equal(remoteAddress, "mock://second");
    assert.equal(second.destroyed, true);
    second.deliver(utf8("from the second"));
    first.deliver(utf8("from the first"));
    assert.equal(text(await pair.receive()), "from the first");
    await pair.send("to the first");
    assert.deepEqual(await first.sent(1), ["to the first"]);
    assert.deepEqual(second.writes, []);
    assert.equal(pair.stats().endpoints[0]!.rejected, 1);
  });

  test("the next is taken once the first has gone", async () => {
    await using pair = new Pair();
    const place = await MockPlace.of(pair);
    const events = pair.events().getReader();
    (await place.peer()).break();
    await nextEvent(events, "detached");
    const next = await place.peer();
    await pair.send("to the next");
    assert.deepEqual(await next.sent(1), ["to the next"]);
  });
});

describe("B5 PAIR, slow peer", () => {
  test("send waits when the peer's queue is full, until it takes something", async () => {
    await using pair = new Pair({ sendBuffer: 1000 });
    const place = await MockPlace.of(pair);
    const peer = await place.peer({ stuck: true });
    await pair.send(pattern(2000));
    const waiting = pair.send("waiting");
    assert.equal(await isPending(waiting), true);
    peer.release();
    await waiting;
    await peer.until(() => peer.messages().length === 2);
    assert.deepEqual(peer.messages(), [pattern(2000), utf8("waiting")]);
  });

  test("writer.ready waits as well", async () => {
    await using pair = new Pair({ sendBuffer: 1000 });
    const place = await MockPlace.of(pair);
    const peer = await place.peer({ stuck: true });
    const writer = pair.writable.getWriter();
    let written = 0;
    do {
      while (writer.desiredSize! > 0) writer.write(pattern(2000, written++));
    } while (!await isPending(writer.ready));
    assert.ok(written < 64, `took ${written}`);
    peer.release();
    await writer.ready;
    await peer.until(() => peer.messages().length === written);
  });

  test("a reader who is slow pushes the peer back, and loses nothing", async () => {
    await using pair = new Pair({ receiveBuffer: 1000 });
    const place = await MockPlace.of(pair);
    const peer = await place.peer();
    for (let i = 0; i < 100; i++) peer.deliver(utf8(`${i}`.padStart(100)));
    assert.equal(peer.paused, true);
    assert.ok(pair.stats().queuedMessages < 10);
    for (let i = 0; i < 100; i++) assert.equal(text(await pair.receive()).trim(), `${i}`);
    assert.deepEqual(pair.stats().drops, {});
  });
});

describe("B5 PAIR, lost peer", () => {
  test("what it had been written is lost and counted, the rest goes to the next peer, in order", async () => {
    await using pair = new Pair();
    const place = await MockPlace.of(pair);
    const first = await place.peer({ stuck: true });
    await pair.send("written");
    await first.sent(1);
    for (const word of ["one", "two", "three"]) await pair.send(word);
    first.break();
    const second = await place.peer();
    await pair.send("four");
    assert.deepEqual(await second.sent(4), ["one", "two", "three", "four"]);
    assert.deepEqual(pair.stats().drops, { "peer-gone": 1 });
  });
});

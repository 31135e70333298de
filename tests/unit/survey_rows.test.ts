/** SURVEYOR, row by row of the tables of semantics (B4, B5, B8), with mock peers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Surveyor } from "../../patterns/survey.ts";
import { hex, text } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { HeldTimers } from "../helpers/held_timers.ts";
import type { MockConnection } from "../helpers/mock_connection.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { nextDrops, nextEvent } from "../helpers/next_event.ts";
import { READERS } from "../helpers/platform_reader.ts";
import { bodies, question } from "../helpers/questions.ts";
import { isPending } from "../helpers/turns.ts";
import { idOf, isLong, LONG, peersOf, respond, textsOf } from "../helpers/surveyed.ts";

describe("B4 SURVEYOR, header", () => {
  test("is an id with its high bit set, one up each time, in any kind of survey", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    await surveyor.send("1");
    surveyor.survey("2");
    await surveyor.send("3");
    const [peer] = peers as [MockConnection];
    assert.deepEqual(await bodies(peer, 3), ["1", "2", "3"]);
    const first = await idOf(peer, 0);
    for (const n of [1, 2]) assert.equal(await idOf(peer, n), (first + n) & 0x7fff_ffff);
  });
});

describe("B5 SURVEYOR, no peer", () => {
  test("send succeeds, nothing goes out, and receive ends at the deadline", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: 1 });
    const place = await MockPlace.of(surveyor);
    await surveyor.send("anybody?");
    await assert.rejects(surveyor.receive(), spError("ETIMEDOUT", "the survey is over"));
    const late = await place.peer();
    await surveyor.send("and now?");
    assert.deepEqual(await bodies(late, 1), ["and now?"]);
    await surveyor.close();
    assert.deepEqual(surveyor.stats().drops, {});
  });

  test("a survey's stream ends at the deadline, with nothing in it", async () => {
    await using surveyor = new Surveyor();
    await MockPlace.of(surveyor);
    assert.deepEqual(await textsOf(surveyor.survey("anybody?", { deadline: 1 })), []);
  });
});

describe("B5 SURVEYOR, several peers", () => {
  test("each is asked, and each one's response comes", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 3);
    await surveyor.send("who?");
    for (const [n, peer] of peers.entries()) await respond(peer, 0, `I, ${n}`);
    const responses = [
      await surveyor.receive(),
      await surveyor.receive(),
      await surveyor.receive(),
    ];
    assert.deepEqual(responses.map(text), ["I, 0", "I, 1", "I, 2"]);
  });

  test("a peer may respond more than once, and another never", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 2);
    await surveyor.send("who?");
    await respond(peers[0]!, 0, "I");
    await respond(peers[0]!, 0, "I again");
    assert.equal(text(await surveyor.receive()), "I");
    assert.equal(text(await surveyor.receive()), "I again");
  });

  test("who comes during a survey is not asked", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const place = await MockPlace.of(surveyor);
    const first = await place.peer();
    await surveyor.send("1");
    const late = await place.peer();
    await surveyor.send("2");
    assert.deepEqual(await bodies(first, 2), ["1", "2"]);
    assert.deepEqual(await bodies(late, 1), ["2"]);
  });
});

describe("B5 SURVEYOR, slow peer", () => {
  test("is passed over, counted and told, and the others are asked", async () => {
    await using surveyor = new Surveyor({
      responsesPerPeer: Infinity,
      deadline: LONG,
      sendBuffer: 1,
      linger: 0,
    });
    const place = await MockPlace.of(surveyor);
    const events = surveyor.events().getReader();
    const [slow, fast] = [await place.peer({ stuck: true }), await place.peer()];
    for (const [n, body] of ["1", "2", "3"].entries()) {
      await surveyor.send(body);
      await bodies(fast, n + 1);
    }
    const { reason, count, peer } = await nextDrops(events, 2);
    assert.deepEqual([reason, count, peer?.remoteAddress], ["overflow", 2, slow.remoteAddress]);
    assert.deepEqual(surveyor.stats().peers.map(({ drops }) => drops), [{ overflow: 2 }, {}]);
    slow.release();
    await surveyor.send("4");
    assert.deepEqual(await bodies(slow, 2), ["1", "4"]);
  });
});

describe("B8 SURVEYOR, deadline", () => {
  test("is 1,000 ms unless the socket, or the survey, says otherwise; Infinity is none", async () => {
    await using surveyor = new Surveyor();
    await using hasty = new Surveyor({ responsesPerPeer: Infinity, deadline: 500 });
    using timers = new HeldTimers();
    surveyor.survey("a");
    surveyor.send("b");
    hasty.survey("c");
    surveyor.survey("d", { deadline: 250 });
    surveyor.survey("e", { deadline: Infinity });
    assert.deepEqual(timers.times, [1000, 1000, 500, 250]);
    await Promise.all([surveyor.close({ linger: 0 }), hasty.close({ linger: 0 })]);
    assert.deepEqual(timers.times, []);
  });

  test("gives ETIMEDOUT to who waits, and ESTATE to who asks after that", async () => {
    using timers = new HeldTimers(isLong);
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    await surveyor.send("who?");
    const first = surveyor.receive();
    const second = surveyor.receive();
    await respond(peers[0]!, 0, "I");
    assert.equal(text(await first), "I");
    assert.equal(await isPending(second), true);
    timers.fire();
    await assert.rejects(second, spError("ETIMEDOUT", "the survey is over"));
    await assert.rejects(surveyor.receive(), spError("ESTATE", "no survey is running"));
  });

  test("leaves what came in time to be received", async () => {
    using timers = new HeldTimers(isLong);
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    await surveyor.send("who?");
    for (const response of ["I", "and I"]) await respond(peers[0]!, 0, response);
    timers.fire();
    assert.deepEqual((await surveyor.receiveBatch()).map(text), ["I", "and I"]);
    await assert.rejects(surveyor.receive(), spError("ESTATE"));
  });

  test("ends a survey's stream without an error, behind what came in time", async () => {
    using timers = new HeldTimers(isLong);
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 2);
    const responses = textsOf(surveyor.survey("who?"));
    for (const [n, peer] of peers.entries()) await respond(peer, 0, `I, ${n}`);
    timers.fire();
    assert.deepEqual(await responses, ["I, 0", "I, 1"]);
  });
});

describe("B8 SURVEYOR, receive with no survey", () => {
  test("is ESTATE, before the first one and after its deadline", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: 1 });
    await peersOf(surveyor, 1);
    const none = spError("ESTATE", "no survey is running");
    await assert.rejects(surveyor.receive(), none);
    await surveyor.send("who?");
    await assert.rejects(surveyor.receive(), spError("ETIMEDOUT"));
    await assert.rejects(surveyor.receiveBatch(), none);
  });
});

describe("B8 SURVEYOR, a new survey", () => {
  test("ends the one before: its responses are dropped by their id, counted and told", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 2);
    const events = surveyor.events().getReader();
    await surveyor.send("1");
    await surveyor.send("2");
    await respond(peers[0]!, 0, "late");
    await respond(peers[1]!, 1, "in time");
    assert.equal(text(await surveyor.receive()), "in time");
    const { reason, count, peer } = await nextDrops(events, 1);
    assert.deepEqual([reason, count, peer?.remoteAddress], ["late", 1, peers[0]!.remoteAddress]);
    assert.deepEqual(surveyor.stats().peers.map(({ drops }) => drops), [{ late: 1 }, {}]);
  });

  for (const [name, readerOf] of READERS) {
    test(`takes back what ${name} has not read of the one before, and counts it`, async () => {
      await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
      const peers = await peersOf(surveyor, 2);
      const events = surveyor.events().getReader();
      const reader = readerOf(surveyor.readable);
      await surveyor.send("1");
      for (const peer of peers) await respond(peer, 0, "to 1");
      assert.equal(text((await reader.read()).value!), "to 1");
      await respond(peers[0]!, 0, "to 1 again");
      await surveyor.send("2");
      await respond(peers[1]!, 1, "to 2");
      assert.equal(text((await reader.read()).value!), "to 2");
      const { reason, count } = await nextDrops(events, 2);
      assert.deepEqual([reason, count], ["late", 2]);
      assert.deepEqual(surveyor.stats().drops, { late: 2 });
      assert.deepEqual(surveyor.stats().peers.map(({ drops }) => drops), [{}, {}]);
    });
  }

  test("keeps who waits for a response waiting, for one of its own", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    await surveyor.send("1");
    const response = surveyor.receive();
    await surveyor.send("2");
    assert.equal(await isPending(response), true);
    await respond(peers[0]!, 0, "late");
    await respond(peers[0]!, 1, "in time");
    assert.equal(text(await response), "in time");
  });
});

describe("B8 SURVEYOR, late response", () => {
  test("is dropped by its id when the deadline has passed, counted and told", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: 1 });
    const peers = await peersOf(surveyor, 1);
    const events = surveyor.events().getReader();
    assert.deepEqual(await textsOf(surveyor.survey("1")), []);
    await surveyor.send("2");
    await assert.rejects(surveyor.receive(), spError("ETIMEDOUT"));
    for (const n of [0, 1]) await respond(peers[0]!, n, "late");
    const { reason, count } = await nextDrops(events, 2);
    assert.deepEqual([reason, count], ["late", 2]);
    assert.deepEqual(surveyor.stats().drops, { late: 2 });
    assert.equal(peers[0]!.destroyed, false);
  });

  test("to no survey that ever was is dropped as well", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    peers[0]!.deliver(question("nobody asked", 1));
    assert.deepEqual(surveyor.stats().drops, { late: 1 });
  });
});

describe("B4 SURVEYOR, malformed response", () => {
  for (const malformed of ["", "80", "80 00 00", "00 00 00 01", "7f ff ff ff 80"]) {
    test(`closes the connection, counted and told, and no other: "${malformed}"`, async () => {
      await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
      const peers = await peersOf(surveyor, 2);
      const events = surveyor.events().getReader();
      const [bad, good] = peers as [MockConnection, MockConnection];
      await surveyor.send("who?");
      await bodies(good, 1);
      bad.deliver(hex(malformed));
      const { reason, peer } = await nextEvent(events, "detached");
      assert.equal(reason?.code, "EPROTO");
      assert.match(reason.message, /response without its id/);
      assert.equal(peer.remoteAddress, bad.remoteAddress);
      assert.equal(bad.destroyed, true);
      assert.deepEqual(surveyor.stats().drops, { malformed: 1 });
      await respond(good, 0, "I");
      assert.equal(text(await surveyor.receive()), "I");
    });
  }
});

describe("SURVEYOR, response to somebody else", () => {
  test("is dropped and counted, and its pipe stays: a device passes on what those behind it make up", async () => {
    await using surveyor = new Surveyor({ deadline: LONG });
    const [peer] = await peersOf(surveyor, 1) as [MockConnection];
    await surveyor.send("who?");
    await bodies(peer, 1);
    peer.deliver(hex("00 00 00 01 80 00 00 02 61"));
    assert.equal(peer.destroyed, false);
    assert.deepEqual(surveyor.stats().drops, { unasked: 1 });
    await respond(peer, 0, "I");
    assert.equal(text(await surveyor.receive()), "I");
  });
});

describe("B5 SURVEYOR, reader who is slow", () => {
  test("pushes the peers back, and loses nothing of the current survey", async () => {
    await using surveyor = new Surveyor({
      responsesPerPeer: Infinity,
      deadline: LONG,
      receiveBuffer: 500,
    });
    const peers = await peersOf(surveyor, 1);
    const [peer] = peers as [MockConnection];
    await surveyor.send("who?");
    const id = await idOf(peer, 0);
    for (let i = 0; i < 100; i++) peer.deliver(question(`${i}`, id));
    assert.equal(peer.paused, true);
    assert.ok(surveyor.stats().queuedMessages < 50);
    for (let i = 0; i < 100; i++) assert.equal(text(await surveyor.receive()), `${i}`);
    assert.deepEqual(surveyor.stats().drops, {});
  });
});

/** REP, row by row of the tables of semantics (B4 to B6), with mock peers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Rep } from "../../patterns/reqrep.ts";
import { hex, text } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import type { MockConnection } from "../helpers/mock_connection.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { nextEvent } from "../helpers/next_event.ts";
import { question, readQuestion } from "../helpers/questions.ts";
import { isPending } from "../helpers/turns.ts";

/** Answers the next questions, so many, with what they are in capitals. */
async function answerNext(rep: Rep, count: number): Promise<string[]> {
  const asked: string[] = [];
  while (asked.length < count) {
    asked.push(text(await rep.receive()));
    await rep.send(asked.at(-1)!.toUpperCase());
  }
  return asked;
}

async function replies(peer: MockConnection, count: number): Promise<string[]> {
  await peer.until(() => peer.messages().length >= count);
  return peer.messages().map(readQuestion);
}

describe("B5 REP, no peer", () => {
  test("receive waits", async () => {
    await using rep = new Rep();
    const place = await MockPlace.of(rep);
    const asked = rep.receive();
    assert.equal(await isPending(asked), true);
    (await place.peer()).deliver(question("a", 1));
    assert.equal(text(await asked), "a");
  });
});

describe("B5 REP, several peers", () => {
  test("each has its turn, and each reply goes to who asked, behind the id of its question", async () => {
    await using rep = new Rep();
    const place = await MockPlace.of(rep);
    const [a, b] = [await place.peer(), await place.peer()];
    a.deliver(question("a1", 1), question("a2", 2), question("a3", 3));
    b.deliver(question("b1", 1), question("b2", 99));
    assert.deepEqual(await answerNext(rep, 5), ["a1", "b1", "a2", "b2", "a3"]);
    assert.deepEqual(await replies(a, 3), ["1 A1", "2 A2", "3 A3"]);
    assert.deepEqual(await replies(b, 2), ["1 B1", "99 B2"]);
  });

  test("a reply to a peer that has gone silently succeeds, and is counted and told", async () => {
    await using rep = new Rep();
    const place = await MockPlace.of(rep);
    const events = rep.events().getReader();
    const [gone, stays] = [await place.peer(), await place.peer()];
    gone.deliver(question("a", 1));
    await rep.receive();
    gone.break();
    await rep.send("to nobody");
    const { reason, count, peer } = await nextEvent(events, "dropped");
    assert.deepEqual([reason, count, peer?.remoteAddress], ["peer-gone", 1, gone.remoteAddress]);
    assert.deepEqual(rep.stats().drops, { "peer-gone": 1 });
    stays.deliver(question("b", 2));
    await answerNext(rep, 1);
    assert.deepEqual(await replies(stays, 1), ["2 B"]);
    assert.deepEqual(gone.writes, []);
  });
});

describe("B5 REP, slow peer", () => {
  test("gets none of its further questions handled until it takes its replies, and holds up nobody", async () => {
    await using rep = new Rep({ sendBuffer: 1, linger: 0 });
    const place = await MockPlace.of(rep);
    const [slow, fast] = [await place.peer({ stuck: true }), await place.peer()];
    slow.deliver(question("s1", 1), question("s2", 2));
    assert.deepEqual(await answerNext(rep, 1), ["s1"]);
    await replies(slow, 1);
    const waiting = answerNext(rep, 1);
    assert.equal(await isPending(waiting), true);
    fast.deliver(question("f1", 1));
    assert.deepEqual(await waiting, ["f1"]);
    assert.deepEqual(await replies(fast, 1), ["1 F1"]);
    const rest = answerNext(rep, 1);
    assert.equal(await isPending(rest), true);
    slow.release();
    assert.deepEqual(await rest, ["s2"]);
    assert.deepEqual(await replies(slow, 2), ["1 S1", "2 S2"]);
  });

  test("is no reason to keep its questions once it has gone: they are handed out", async () => {
    await using rep = new Rep({ sendBuffer: 1 });
    const place = await MockPlace.of(rep);
    const slow = await place.peer({ stuck: true });
    slow.deliver(question("s1", 1), question("s2", 2));
    await answerNext(rep, 1);
    await replies(slow, 1);
    const waiting = rep.receive();
    assert.equal(await isPending(waiting), true);
    slow.break();
    assert.equal(text(await waiting), "s2");
  });
});

describe("B6 REP, second receive before the reply", () => {
  test("gives up the first question, and counts it: send answers the one received last", async () => {
    await using rep = new Rep();
    const place = await MockPlace.of(rep);
    const [a, b] = [await place.peer(), await place.peer()];
    a.deliver(question("a", 1));
    b.deliver(question("b", 2));
    assert.equal(text(await rep.receive()), "a");
    assert.equal(text(await rep.receive()), "b");
    await rep.send("to b");
    assert.deepEqual(await replies(b, 1), ["2 to b"]);
    assert.deepEqual(rep.stats().drops, { unanswered: 1 });
    await assert.rejects(rep.send("to a"), spError("ESTATE", "no question"));
    assert.deepEqual(a.messages(), []);
  });
});

describe("B6 REP, send without request", () => {
  test("is ESTATE, before the first question and after its reply", async () => {
    await using rep = new Rep();
    const place = await MockPlace.of(rep);
    const peer = await place.peer();
    await assert.rejects(rep.send("a"), spError("ESTATE", "rep", "no question"));
    peer.deliver(question("a", 1));
    await answerNext(rep, 1);
    await assert.rejects(rep.send("again"), spError("ESTATE"));
    await replies(peer, 1);
    assert.equal(peer.messages().length, 1);
  });

  test("leaves the question to be answered where the reply is no message", async () => {
    await using rep = new Rep();
    const place = await MockPlace.of(rep);
    const peer = await place.peer();
    peer.deliver(question("a", 1));
    await rep.receive();
    await assert.rejects(rep.send(5 as unknown as string), spError("EINVAL", "5 (number)"));
    await rep.send("good");
    assert.deepEqual(await replies(peer, 1), ["1 good"]);
  });
});

describe("B6 REP, flow control", () => {
  test("questions that nobody takes push their peer back", async () => {
    await using rep = new Rep({ receiveBuffer: 500 });
    const place = await MockPlace.of(rep);
    const peer = await place.peer();
    for (let i = 0; i < 100; i++) peer.deliver(question(`${i}`, i));
    assert.equal(peer.paused, true);
    assert.ok(rep.stats().queuedMessages < 50);
    const asked = await answerNext(rep, 100);
    assert.deepEqual(asked, Array.from({ length: 100 }, (_, i) => `${i}`));
    assert.deepEqual(await replies(peer, 100), asked.map((body) => `${body} ${body}`));
  });
});

describe("B4 REP, backtrace", () => {
  test("goes back as it came, with all the devices on the way", async () => {
    await using rep = new Rep();
    const place = await MockPlace.of(rep);
    const peer = await place.peer();
    peer.deliver(question("a", 7, 8, 9));
    await answerNext(rep, 1);
    assert.deepEqual(await replies(peer, 1), ["7 8 9 A"]);
  });

  for (const ttl of [1, 3, undefined]) {
    const most = ttl ?? 8;
    test(`may have ${most} words with a ttl of ${ttl ?? "8, the default"}, its id included`, async () => {
      await using rep = new Rep(ttl === undefined ? {} : { ttl });
      const place = await MockPlace.of(rep);
      const events = rep.events().getReader();
      const peer = await place.peer();
      const words = Array.from({ length: most }, (_, i) => i + 1);
      peer.deliver(question("too far", 0, ...words), question("near", ...words));
      assert.deepEqual(await answerNext(rep, 1), ["near"]);
      assert.deepEqual(await replies(peer, 1), [[...words, "NEAR"].join(" ")]);
      const { reason, count } = await nextEvent(events, "dropped");
      assert.deepEqual([reason, count], ["ttl", 1]);
      assert.equal(peer.destroyed, false);
    });
  }

  for (const malformed of ["", "80", "80 00 00", "00 00 00 01", "00 00 00 01 7f ff ff ff 80"]) {
    test(`that is none closes the connection, counted and told: "${malformed}"`, async () => {
      await using rep = new Rep();
      const place = await MockPlace.of(rep);
      const events = rep.events().getReader();
      const [bad, good] = [await place.peer(), await place.peer()];
      bad.deliver(hex(malformed));
      const { reason, peer } = await nextEvent(events, "detached");
      assert.equal(reason?.code, "EPROTO");
      assert.match(reason.message, /question without its id/);
      assert.equal(peer.remoteAddress, bad.remoteAddress);
      assert.equal(bad.destroyed, true);
      assert.deepEqual(rep.stats().drops, { malformed: 1 });
      good.deliver(question("a", 1));
      await answerNext(rep, 1);
      assert.deepEqual(await replies(good, 1), ["1 A"]);
    });
  }

  test("may be all there is: an empty question, and an empty reply", async () => {
    await using rep = new Rep();
    const place = await MockPlace.of(rep);
    const peer = await place.peer();
    peer.deliver(question("", 1));
    await answerNext(rep, 1);
    assert.deepEqual(await replies(peer, 1), ["1 "]);
  });
});

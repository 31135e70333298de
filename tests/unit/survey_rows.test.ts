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
import { bodies, question } from "../helpers/questions.ts";
import { SpiedSignal } from "../helpers/signal.ts";
import { calm, isPending } from "../helpers/turns.ts";

/** Longer than any test lasts. */
const LONG = 3_600_000;
const isLong = (time: number | undefined): boolean => time === LONG;

/** So many peers, which all come to a surveyor. */
async function peersOf(surveyor: Surveyor, count: number): Promise<MockConnection[]> {
  const place = await MockPlace.of(surveyor);
  const peers: MockConnection[] = [];
  while (peers.length < count) peers.push(await place.peer());
  return peers;
}

/** The id of the survey that a peer was sent as its n-th, without its high bit. */
async function idOf(peer: MockConnection, n: number): Promise<number> {
  await peer.until(() => peer.messages().length > n);
  const message = peer.messages()[n]!;
  assert.ok(message[0]! >= 0x80, "the id has its high bit set");
  return new DataView(message.buffer, message.byteOffset).getUint32(0) & 0x7fff_ffff;
}

/** A peer responds to the survey that it was sent as its n-th. */
async function respond(peer: MockConnection, n: number, response: string): Promise<void> {
  peer.deliver(question(response, await idOf(peer, n)));
}

async function textsOf(responses: ReadableStream<Uint8Array>): Promise<string[]> {
  return (await Array.fromAsync(responses)).map(text);
}

describe("B4 SURVEYOR, header", () => {
  test("is an id with its high bit set, one up each time, in any kind of survey", async () => {
    await using surveyor = new Surveyor({ deadline: LONG });
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
    await using surveyor = new Surveyor({ deadline: 1 });
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
    await using surveyor = new Surveyor({ deadline: LONG });
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
    await using surveyor = new Surveyor({ deadline: LONG });
    const peers = await peersOf(surveyor, 2);
    await surveyor.send("who?");
    await respond(peers[0]!, 0, "I");
    await respond(peers[0]!, 0, "I again");
    assert.equal(text(await surveyor.receive()), "I");
    assert.equal(text(await surveyor.receive()), "I again");
  });

  test("who comes during a survey is not asked", async () => {
    await using surveyor = new Surveyor({ deadline: LONG });
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
    await using surveyor = new Surveyor({ deadline: LONG, sendBuffer: 1, linger: 0 });
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
    await using hasty = new Surveyor({ deadline: 500 });
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
    await using surveyor = new Surveyor({ deadline: LONG });
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
    await using surveyor = new Surveyor({ deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    await surveyor.send("who?");
    for (const response of ["I", "and I"]) await respond(peers[0]!, 0, response);
    timers.fire();
    assert.deepEqual((await surveyor.receiveBatch()).map(text), ["I", "and I"]);
    await assert.rejects(surveyor.receive(), spError("ESTATE"));
  });

  test("ends a survey's stream without an error, behind what came in time", async () => {
    using timers = new HeldTimers(isLong);
    await using surveyor = new Surveyor({ deadline: LONG });
    const peers = await peersOf(surveyor, 2);
    const responses = textsOf(surveyor.survey("who?"));
    for (const [n, peer] of peers.entries()) await respond(peer, 0, `I, ${n}`);
    timers.fire();
    assert.deepEqual(await responses, ["I, 0", "I, 1"]);
  });
});

describe("B8 SURVEYOR, receive with no survey", () => {
  test("is ESTATE, before the first one and after its deadline", async () => {
    await using surveyor = new Surveyor({ deadline: 1 });
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
    await using surveyor = new Surveyor({ deadline: LONG });
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

  test("takes back what nobody has received of the one before, and counts it", async () => {
    await using surveyor = new Surveyor({ deadline: LONG });
    const peers = await peersOf(surveyor, 2);
    const events = surveyor.events().getReader();
    const reader = surveyor.readable.getReader();
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

  test("keeps who waits for a response waiting, for one of its own", async () => {
    await using surveyor = new Surveyor({ deadline: LONG });
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
    await using surveyor = new Surveyor({ deadline: 1 });
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
    await using surveyor = new Surveyor({ deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    peers[0]!.deliver(question("nobody asked", 1));
    assert.deepEqual(surveyor.stats().drops, { late: 1 });
  });
});

describe("B8 SURVEYOR, several surveys at once", () => {
  test("have a stream each, told apart by id, beside the socket's own survey", async () => {
    await using surveyor = new Surveyor({ deadline: LONG });
    const peers = await peersOf(surveyor, 2);
    const streams = ["a", "b"].map((body) => surveyor.survey(body).getReader());
    await surveyor.send("c");
    for (const n of [2, 1, 0]) {
      for (const [who, peer] of peers.entries()) await respond(peer, n, `${who} to ${n}`);
    }
    for (const [n, reader] of streams.entries()) {
      assert.equal(text((await reader.read()).value!), `0 to ${n}`);
      assert.equal(text((await reader.read()).value!), `1 to ${n}`);
    }
    assert.equal(text(await surveyor.receive()), "0 to 2");
    assert.equal(text(await surveyor.receive()), "1 to 2");
    assert.deepEqual(surveyor.stats().drops, {});
    for (const reader of streams) await reader.cancel();
  });

  test("end each at a deadline of its own", async () => {
    await using surveyor = new Surveyor({ deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    const long = surveyor.survey("long").getReader();
    assert.deepEqual(await textsOf(surveyor.survey("short", { deadline: 1 })), []);
    await respond(peers[0]!, 0, "still in time");
    assert.equal(text((await long.read()).value!), "still in time");
  });

  test("end when their stream is cancelled: what comes then is late", async () => {
    await using surveyor = new Surveyor({ deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    const reader = surveyor.survey("who?").getReader();
    await respond(peers[0]!, 0, "first");
    await reader.read();
    await reader.cancel();
    await respond(peers[0]!, 0, "second");
    assert.deepEqual(surveyor.stats().drops, { late: 1 });
  });

  test("end with their signal's reason, and leave nothing on it, however they end", async () => {
    await using surveyor = new Surveyor({ deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    const signal = new SpiedSignal();
    const options = { signal: signal.signal };
    assert.deepEqual(await textsOf(surveyor.survey("1", { ...options, deadline: 1 })), []);
    await surveyor.survey("2", options).cancel();
    assert.equal(signal.listeners, 0);
    const aborted = surveyor.survey("3", options).getReader();
    signal.abort("enough");
    await assert.rejects(aborted.read(), (reason) => reason === "enough");
    assert.equal(signal.listeners, 0);
    assert.throws(() => surveyor.survey("4", options), (reason) => reason === "enough");
    await respond(peers[0]!, 2, "late");
    assert.deepEqual(surveyor.stats().drops, { late: 1 });
    assert.deepEqual(await bodies(peers[0]!, 3), ["1", "2", "3"]);
  });

  test("drop what a reader leaves lying beyond the receive buffer, counted for the peer", async () => {
    await using surveyor = new Surveyor({ deadline: LONG, receiveBuffer: 100 });
    const peers = await peersOf(surveyor, 1);
    const reader = surveyor.survey("who?").getReader();
    for (let n = 0; n < 10; n++) await respond(peers[0]!, 0, "0123456789");
    const { overflow } = surveyor.stats().peers[0]!.drops;
    assert.ok(overflow! > 3 && overflow! < 10, `${overflow} dropped`);
    for (let n = overflow!; n < 10; n++) await reader.read();
    await respond(peers[0]!, 0, "room again");
    assert.equal(text((await reader.read()).value!), "room again");
  });

  test("that are wrong begin no survey", async () => {
    await using surveyor = new Surveyor({ deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    assert.throws(() => surveyor.survey(5 as unknown as string), spError("EINVAL", "5 (number)"));
    assert.throws(
      () => surveyor.survey("x", { deadline: -1 }),
      spError("EINVAL", "deadline", "-1", "survey's options"),
    );
    assert.throws(() => surveyor.survey("x", { dead: 1 } as object), spError("EINVAL", '"dead"'));
    surveyor.survey("right");
    assert.deepEqual(await bodies(peers[0]!, 1), ["right"]);
  });
});

describe("B4 SURVEYOR, malformed response", () => {
  for (const malformed of ["", "80", "80 00 00", "00 00 00 01", "7f ff ff ff 80"]) {
    test(`closes the connection, counted and told, and no other: "${malformed}"`, async () => {
      await using surveyor = new Surveyor({ deadline: LONG });
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

describe("B5 SURVEYOR, reader who is slow", () => {
  test("pushes the peers back, and loses nothing of the current survey", async () => {
    await using surveyor = new Surveyor({ deadline: LONG, receiveBuffer: 500 });
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

describe("a SURVEYOR's streams", () => {
  test("take surveys, each of which has its time, and end behind the responses to the last", async () => {
    using timers = new HeldTimers(isLong);
    const surveyor = new Surveyor({ deadline: LONG });
    const peers = await peersOf(surveyor, 2);
    const responses = textsOf(ReadableStream.from(["a", "b", "c"]).pipeThrough(surveyor));
    for (let n = 0; n < 3; n++) {
      for (const [who, peer] of peers.entries()) await respond(peer, n, `${who} to ${n}`);
      assert.equal(await isPending(surveyor.closed), true);
      assert.equal(peers[0]!.messages().length, n + 1);
      timers.fire();
    }
    const expected = [0, 1, 2].flatMap((n) => [`0 to ${n}`, `1 to ${n}`]);
    assert.deepEqual(await responses, expected);
    await surveyor.closed;
    for (const peer of peers) assert.deepEqual(await bodies(peer, 3), ["a", "b", "c"]);
    assert.deepEqual(surveyor.stats().drops, {});
  });

  test("wait with the next survey until the one before is over", async () => {
    await using surveyor = new Surveyor({ deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    const writer = surveyor.writable.getWriter();
    const written = writer.write("1");
    const next = writer.write("2");
    assert.deepEqual(await bodies(peers[0]!, 1), ["1"]);
    assert.equal(await isPending(written), true);
    await surveyor.send("in between");
    await written;
    assert.deepEqual(await bodies(peers[0]!, 3), ["1", "in between", "2"]);
    writer.closed.catch(() => {});
    writer.abort();
    await assert.rejects(next.then(() => Promise.reject(new Error("over"))));
    await surveyor.closed;
  });
});

describe("SURVEYOR, close", () => {
  test("ends every survey with ECLOSED, and begins no other", async () => {
    const surveyor = new Surveyor();
    await peersOf(surveyor, 1);
    const reader = surveyor.survey("who?").getReader();
    await surveyor.send("who else?");
    const waiting = assert.rejects(surveyor.receive(), spError("ECLOSED"));
    const read = assert.rejects(reader.read(), spError("ECLOSED", "go on with the survey"));
    await surveyor.close();
    await Promise.all([waiting, read]);
    assert.throws(() => surveyor.survey("late"), spError("ECLOSED", "begin a survey"));
    await assert.rejects(surveyor.send("late"), spError("ECLOSED"));
    await calm();
  });

  test("still sends the survey that was begun just before", async () => {
    await using surveyor = new Surveyor({ deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    surveyor.send("last words");
    await surveyor.close();
    assert.deepEqual(await bodies(peers[0]!, 1), ["last words"]);
  });
});

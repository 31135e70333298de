/** Closing a socket: what was accepted is sent within linger, and nothing is left behind. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Pair } from "../../patterns/pair.ts";
import { Pull, Push } from "../../patterns/pipeline.ts";
import { Rep } from "../../patterns/reqrep.ts";
import { text, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { HeldTimers } from "../helpers/held_timers.ts";
import { expectDials, MockPlace } from "../helpers/mock_transport.ts";
import { nextEvent } from "../helpers/next_event.ts";
import { question } from "../helpers/questions.ts";
import { SpiedSignal } from "../helpers/signal.ts";
import { calm, isPending } from "../helpers/turns.ts";

describe("close", () => {
  test("writes what was accepted, ends every connection, and resolves when they are over", async () => {
    const push = new Push();
    const place = await MockPlace.of(push);
    const [a, b] = [await place.peer(), await place.peer()];
    for (const word of ["1", "2", "3"]) push.send(word);
    const closed = push.close();
    assert.equal(await isPending(push.closed), false);
    await closed;
    assert.deepEqual([a.texts, b.texts], [["1", "3"], ["2"]]);
    for (const peer of [a, b]) assert.deepEqual([peer.ended, peer.over], [true, true]);
    assert.deepEqual(push.stats().drops, {});
  });

  test("waits for a peer that is slow, as long as linger allows", async () => {
    const push = new Push({ linger: Infinity });
    const place = await MockPlace.of(push);
    const peer = await place.peer({ stuck: true });
    await push.send("1");
    await peer.sent(1);
    await push.send("2");
    const closed = push.close();
    assert.equal(await isPending(closed), true);
    peer.release();
    await closed;
    assert.deepEqual(peer.texts, ["1", "2"]);
    assert.deepEqual(push.stats().drops, {});
  });

  for (const linger of [0, 1]) {
    test(`drops what is left after a linger of ${linger}, counts it and tells it`, async () => {
      const push = new Push({ linger: 60_000 });
      const place = await MockPlace.of(push);
      const events = push.events().getReader();
      const peer = await place.peer({ stuck: true });
      await push.send("1");
      await peer.sent(1);
      await push.send("2");
      await push.close({ linger });
      assert.equal(peer.destroyed, true);
      assert.deepEqual(push.stats().drops, { closed: 2 });
      const { reason, count } = await nextEvent(events, "dropped");
      assert.deepEqual([reason, count], ["closed", 2]);
      assert.deepEqual((await events.read()).done, true);
    });
  }

  test("still sends what waited for room, where there is some in time", async () => {
    const push = new Push({ sendBuffer: 1 });
    const place = await MockPlace.of(push);
    const peer = await place.peer({ stuck: true });
    await push.send("1");
    await peer.sent(1);
    const waiting = push.send("2");
    const closed = push.close({ linger: Infinity });
    assert.equal(await isPending(waiting), true);
    peer.release();
    await waiting;
    await closed;
    assert.deepEqual(peer.texts, ["1", "2"]);
  });

  test("rejects what waited for room in vain", async () => {
    const push = new Push({ linger: 1 });
    await MockPlace.of(push);
    const waiting = assert.rejects(push.send("1"), spError("ECLOSED"));
    await push.close();
    await waiting;
    assert.deepEqual(push.stats().drops, { closed: 1 });
  });

  test("waits for nobody where there is nobody to come", async () => {
    const push = new Push({ linger: Infinity });
    const waiting = assert.rejects(push.send("1"), spError("ECLOSED"));
    await push.close();
    await waiting;
  });

  test("hands a reader what has come, and then ends", async () => {
    const pull = new Pull();
    const place = await MockPlace.of(pull);
    const peer = await place.peer();
    const { readable } = pull;
    peer.deliver(utf8("1"), utf8("2"));
    await pull.close();
    const seen: string[] = [];
    for await (const message of readable) seen.push(text(message));
    assert.deepEqual(seen, ["1", "2"]);
  });

  test("counts and tells what came and nobody took", async () => {
    const pull = new Pull();
    const events = pull.events().getReader();
    const place = await MockPlace.of(pull);
    const peer = await place.peer();
    peer.deliver(utf8("1"), utf8("2"));
    const waiting = [pull.receive(), pull.receive(), pull.receive()];
    const third = assert.rejects(waiting[2]!, spError("ECLOSED"));
    peer.deliver(utf8("3"));
    peer.deliver(utf8("4"), utf8("5"));
    await pull.close();
    await third.catch(() => {});
    assert.equal(text(await waiting[0]!), "1");
    assert.deepEqual(pull.stats().drops, { closed: 2 });
    const { reason, count, peer: whose } = await nextEvent(events, "dropped");
    assert.deepEqual([reason, count, whose], ["closed", 2, undefined]);
  });

  test("ends a loop over the messages", async () => {
    const pull = new Pull();
    const place = await MockPlace.of(pull);
    const peer = await place.peer();
    peer.deliver(utf8("1"));
    const seen: string[] = [];
    for await (const message of pull) {
      seen.push(text(message));
      queueMicrotask(() => pull.close());
    }
    assert.deepEqual(seen, ["1"]);
    await pull.closed;
  });

  test("is done once, whoever calls it how often", async () => {
    const push = new Push();
    const first = push.close();
    assert.equal(push.close({ linger: 0 }), first);
    await push[Symbol.asyncDispose]();
    await push.closed;
  });

  test("once more, with a shorter linger, shortens the first's; with none, or a longer one, it does not", async () => {
    const push = new Push({ linger: 0 });
    const place = await MockPlace.of(push);
    const peer = await place.peer({ stuck: true });
    await push.send("1");
    await peer.sent(1);
    const closed = push.close({ linger: 86_400_000 });
    {
      using timers = new HeldTimers((time) => time! < 86_000_000);
      push.close();
      push.close({ linger: Infinity });
      assert.deepEqual(timers.times, []);
    }
    assert.equal(await isPending(closed), true);
    assert.equal(push.close({ linger: 0 }), closed);
    await closed;
    assert.equal(peer.destroyed, true);
    assert.deepEqual(push.stats().drops, { closed: 1 });
  });

  test("once more, with a shorter linger, shortens the wait for room, for handlers, and for pipes to end", async () => {
    const push = new Push();
    await MockPlace.of(push);
    const waiting = assert.rejects(push.send("to nobody"), spError("ECLOSED"));
    const rep = new Rep();
    const place = await MockPlace.of(rep);
    const peer = await place.peer();
    const served = rep.serve(() => new Promise(() => {}));
    peer.deliver(question("unanswered", 1));
    await calm();
    const closed = [push, rep].map((socket) => socket.close({ linger: Infinity }));
    assert.equal(await isPending(Promise.any(closed)), true);
    for (const socket of [push, rep]) socket.close({ linger: 1 });
    await Promise.all([...closed, waiting]);
    assert.equal(await isPending(served), true);
  });

  test("refuses a linger that is no time", async () => {
    const push = new Push();
    for (const linger of [-1, NaN, "1" as unknown as number]) {
      await assert.rejects(
        push.close({ linger }),
        spError("EINVAL", "Cannot set linger to ", `${linger}`, "close's options", "milliseconds"),
      );
    }
    await assert.rejects(push.close({ lingr: 1 } as object), spError("EINVAL", '"lingr"'));
    assert.equal(await isPending(push.closed), true);
    await push.close();
  });

  test("refuses everything from then on, with ECLOSED", async () => {
    const pair = new Pair();
    const { readable, writable } = pair;
    await pair.close();
    const closed = spError("ECLOSED", "the socket is closed");
    await assert.rejects(pair.send("1"), closed);
    await assert.rejects(pair.receive(), closed);
    await assert.rejects(pair.receiveBatch(), closed);
    await assert.rejects(pair.bind("mock://x"), closed);
    await assert.rejects(pair.peers(1), closed);
    assert.throws(() => pair.connect(expectDials()), closed);
    assert.equal((await readable.getReader().read()).done, true);
    await assert.rejects(writable.getWriter().write("1"), closed);
    assert.equal((await pair.events().getReader().read()).done, true);
    for await (const _ of pair) assert.fail("a message from a closed socket");
  });

  test("tells of each peer that it lets go, and takes the endpoints down", async () => {
    const push = new Push();
    const place = await MockPlace.of(push);
    const events = push.events().getReader();
    await place.peer();
    await push.close();
    assert.equal((await nextEvent(events, "detached")).reason, undefined);
    const { endpoints, peers } = push.stats();
    assert.deepEqual([endpoints, peers], [[], []]);
    assert.throws(() => place.approach());
  });
});

describe("a stream", () => {
  test("of messages to send closes the socket once all is sent, when it is closed", async () => {
    const push = new Push();
    const place = await MockPlace.of(push);
    const peer = await place.peer();
    const writer = push.writable.getWriter();
    writer.write("1");
    await writer.close();
    await push.closed;
    assert.deepEqual(peer.texts, ["1"]);
  });

  test("of messages to send closes the socket and drops what waits, when it is aborted", async () => {
    const push = new Push({ linger: Infinity });
    const place = await MockPlace.of(push);
    const peer = await place.peer({ stuck: true });
    const writer = push.writable.getWriter();
    await writer.write("1");
    await peer.sent(1);
    await writer.write("2");
    await writer.abort();
    await push.closed;
    assert.deepEqual(push.stats().drops, { closed: 2 });
  });

  test("of messages that come closes the socket, when it is cancelled", async () => {
    const pull = new Pull();
    const place = await MockPlace.of(pull);
    const peer = await place.peer();
    await pull.readable.cancel();
    await pull.closed;
    assert.equal(peer.ended, true);
  });

  test("of a socket with two of them closes it when both have ended", async () => {
    const pair = new Pair();
    const place = await MockPlace.of(pair);
    const peer = await place.peer();
    await pair.writable.close();
    assert.equal(await isPending(pair.closed), true);
    peer.deliver(utf8("still read"));
    const reader = pair.readable.getReader();
    assert.equal(text((await reader.read()).value!), "still read");
    await reader.cancel();
    await pair.closed;
  });
});

describe("peers", () => {
  test("resolves once so many are attached, at once where they are", async () => {
    await using push = new Push();
    const place = await MockPlace.of(push);
    await push.peers(0);
    const two = push.peers(2);
    await place.peer();
    assert.equal(await isPending(two), true);
    await place.peer();
    await two;
    await push.peers(1);
  });

  test("ends with its signal, leaving nothing on it, and with the socket", async () => {
    const push = new Push();
    const signal = new SpiedSignal();
    const aborted = push.peers(1, { signal: signal.signal });
    signal.abort("enough");
    await assert.rejects(aborted, (reason) => reason === "enough");
    assert.equal(signal.listeners, 0);
    const waiting = assert.rejects(push.peers(1), spError("ECLOSED"));
    await push.close();
    await waiting;
    await calm();
  });

  test("refuses what is no number of peers", async () => {
    await using push = new Push();
    for (const count of [-1, 1.5, NaN, Infinity]) {
      await assert.rejects(push.peers(count), spError("EINVAL", `${count}`, "a whole number"));
    }
  });
});

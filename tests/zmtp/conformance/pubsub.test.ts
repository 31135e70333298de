/** PUB and SUB: who gets what, and what is said again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pub, Sub, type SubOptions, XPub, XSub } from "../../../zmtp/mod.ts";
import { spError } from "../../helpers/errors.ts";
import { isPending } from "../../helpers/turns.ts";
import { patience, settled, watch } from "../../conformance/stage.ts";
import { texts } from "../helpers/frames_text.ts";
import { next, said } from "../helpers/said.ts";
import { SOME_TRANSPORTS } from "./places.ts";

const SOON = { reconnectMin: 5, reconnectMax: 50 };

for (const { name, open } of SOME_TRANSPORTS) {
  for (const role of ["bind", "connect"] as const) {
    test(`a SUB over ${name} gets what begins as it subscribed, when the PUB is to ${role}`, async () => {
      await using place = await open();
      await using pub = new Pub();
      await using sub = new Sub({ subscribe: ["a", Uint8Array.of(0, 1)] });
      await place.listen(role === "bind" ? pub : sub);
      place.dial(role === "bind" ? sub : pub);
      await pub.subscribed(Uint8Array.of(0, 1), { signal: patience() });
      await pub.subscribed("a", { signal: patience() });
      for (const topic of ["a", "b", "ab", "", "\0\x01", "\0", "\0\x01\x02"]) {
        await pub.send([topic, "a body"]);
      }
      await pub.send(["b", "a"]);
      await pub.send("alone");
      for (const topic of ["a", "ab", "\0\x01", "\0\x01\x02"]) {
        assert.deepEqual(texts(await sub.receive({ signal: patience() })), [topic, "a body"]);
      }
      assert.deepEqual(texts(await sub.receive({ signal: patience() })), ["alone"]);
      assert.equal(pub.stats().messagesSent, 5, "what nobody wants is sent to nobody");
    });
  }

  test(`each subscription of a SUB over ${name} is taken back by itself, and the last ends it`, async () => {
    await using place = await open();
    await using pub = new XPub({ verbosity: "allSubsUnsubs" });
    await place.listen(pub);
    await using sub = new Sub({ subscribe: ["a", "a"] });
    place.dial(sub);
    assert.deepEqual(await next(pub, 1), ["+a"]);
    sub.subscribe("a");
    sub.subscribe("b");
    assert.deepEqual(await next(pub, 1), ["+b"]);
    for (let i = 0; i < 2; i++) sub.unsubscribe("a");
    await pub.send("a1");
    assert.deepEqual(texts(await sub.receive({ signal: patience() })), ["a1"]);
    sub.unsubscribe("a");
    assert.deepEqual(await next(pub, 1), ["-a"]);
    assert.throws(() => sub.unsubscribe("a"), spError("EINVAL", '"a"'));
    await pub.send("a2");
    await pub.send("b1");
    assert.deepEqual(texts(await sub.receive({ signal: patience() })), ["b1"]);
  });

  test(`what a SUB over ${name} has not read is dropped when its subscription ends, and counted`, async () => {
    await using place = await open();
    await using pub = new Pub();
    await place.listen(pub);
    await using sub = new Sub({ subscribe: ["a", "b"] });
    place.dial(sub);
    await pub.subscribed("b", { signal: patience() });
    for (const topic of ["a1", "b1", "a2", "b2"]) await pub.send([topic, "body"]);
    await settled(() => sub.stats().queuedMessages);
    const log = watch(sub);
    sub.unsubscribe("a");
    assert.deepEqual(texts(await sub.receive({ signal: patience() })), ["b1", "body"]);
    assert.deepEqual(texts(await sub.receive({ signal: patience() })), ["b2", "body"]);
    assert.deepEqual(sub.stats().drops, { unsubscribed: 2 });
    assert.equal((await log.next("dropped")).reason, "unsubscribed");
  });

  test(`a SUB over ${name} subscribes again when it connects again, also to what came meanwhile`, async () => {
    await using place = await open();
    const first = new Pub();
    await place.listen(first);
    await using sub = new Sub({ ...SOON, subscribe: "a" });
    const log = watch(sub);
    place.dial(sub);
    await first.subscribed("a", { signal: patience() });
    await first.close();
    await log.next("detached");
    sub.subscribe("b");
    sub.unsubscribe("a");
    await using second = new Pub();
    await place.listen(second);
    await second.subscribed("b", { signal: patience() });
    await second.send("a");
    await second.send("b");
    assert.deepEqual(texts(await sub.receive({ signal: patience() })), ["b"]);
  });

  test(`a SUB over ${name} tells a publisher that comes later, and each of several`, async () => {
    await using place = await open();
    await using sub = new Sub({ subscribe: "a" });
    await place.listen(sub);
    await using one = new Pub();
    await using two = new Pub();
    place.dial(one);
    place.dial(two);
    for (const pub of [one, two]) await pub.subscribed("a", { signal: patience() });
    sub.subscribe("b");
    for (const pub of [one, two]) await pub.subscribed("b", { signal: patience() });
    await one.send("b of one");
    await two.send("a of two");
    const heard = [await sub.receive(), await sub.receive()].map((frames) => texts(frames)[0]);
    assert.deepEqual(heard.sort(), ["a of two", "b of one"]);
  });

  test(`a PUB over ${name} takes nothing but subscriptions, and counts what else comes`, async () => {
    await using place = await open();
    await using pub = new Pub();
    await place.listen(pub);
    await using sub = new XSub();
    place.dial(sub);
    await sub.peers(1, { signal: patience() });
    await sub.send("a message");
    await sub.send("");
    await sub.send(["\x02", "in two frames"]);
    await sub.send(said(1, "b"));
    await pub.subscribed("b", { signal: patience() });
    assert.deepEqual(pub.stats().drops, { unwanted: 3 });
  });

  test(`a PUB over ${name} closes a peer that subscribes to more than subscriptionBuffer`, async () => {
    await using place = await open();
    await using pub = new Pub({ subscriptionBuffer: 1800 });
    const log = watch(pub);
    await place.listen(pub);
    await using greedy = new Sub({ reconnectMin: 60_000 });
    place.dial(greedy);
    // 256 each, and twice the 21 bytes that it has with the byte before the prefix.
    for (let i = 0; i < 6; i++) greedy.subscribe(`prefix ${i}`.padEnd(20, "."));
    await pub.subscribed("prefix 5".padEnd(20, "."), { signal: patience() });
    greedy.unsubscribe("prefix 0".padEnd(20, "."));
    greedy.subscribe("prefix 6".padEnd(20, "."));
    await pub.subscribed("prefix 6".padEnd(20, "."), { signal: patience() });
    greedy.subscribe("one too many".padEnd(20, "."));
    assert.equal((await log.next("detached")).reason?.code, "EMSGSIZE");
    await using sub = new Sub({ subscribe: "modest" });
    place.dial(sub);
    await pub.subscribed("modest", { signal: patience() });
  });

  for (const overflow of ["drop-oldest", "drop-newest"] as const) {
    test(`a PUB over ${name} by ${overflow} holds up nobody for a subscriber that does not read`, async () => {
      await using place = await open();
      await using pub = new Pub({ overflow, sendBuffer: 100_000 });
      const log = watch(pub);
      await place.listen(pub);
      await using slow = new Sub({ subscribe: "", receiveBuffer: 10_000 });
      await using quick = new Sub({ subscribe: "" });
      place.dial(slow);
      await pub.subscribed("", { signal: patience() });
      place.dial(quick);
      await settled(() => pub.stats().messagesReceived);
      const body = new Uint8Array(50_000);
      let number = 0;
      for (; pub.stats().drops.overflow === undefined && number < 10_000; number++) {
        await pub.send([`${number}`, body]);
        assert.deepEqual(texts([(await quick.receive({ signal: patience() }))[0]!]), [`${number}`]);
      }
      const { reason, count, peer } = await log.next("dropped");
      assert.deepEqual([reason, peer !== undefined], ["overflow", true]);
      assert.ok(count >= 1);
      const heard: number[] = [];
      const { overflow: lost = 0 } = pub.stats().drops;
      while (heard.length < number - lost) {
        heard.push(Number(texts([(await slow.receive({ signal: patience() }))[0]!])[0]));
      }
      assert.deepEqual(heard, heard.toSorted((a, b) => a - b), "in order");
      assert.equal(heard.at(-1) === number - 1, overflow === "drop-oldest");
    });
  }

  test(`a PUB over ${name} by block waits for those who want a message, and for no others`, async () => {
    await using place = await open();
    await using pub = new Pub({ overflow: "block", sendHighWaterMark: 1, sendBuffer: 10_000 });
    await place.listen(pub);
    await using slow = new Sub({ subscribe: "slow", receiveBuffer: 1000 });
    await using quick = new Sub({ subscribe: "quick" });
    place.dial(slow);
    await pub.subscribed("slow", { signal: patience() });
    place.dial(quick);
    await pub.subscribed("quick", { signal: patience() });
    const log = watch(pub);
    const body = new Uint8Array(100_000);
    let sent = pub.send(["slow", body]);
    while (!await isPending(sent)) sent = pub.send(["slow", body]);
    assert.equal((await log.next("send-waits")).reason, "full");
    sent.catch(() => {});
    // What waits keeps its place in the line: the others are asked on a socket where nobody waits.
    await assert.rejects(pub.send("quick", { timeout: 1 }), spError("ETIMEDOUT"));
    const reading = (async () => {
      for await (const _ of slow);
    })();
    await sent;
    await pub.send(["quick", "news"]);
    assert.deepEqual(texts(await quick.receive({ signal: patience() })), ["quick", "news"]);
    await slow.close();
    await reading;
  });

  test(`a PUB over ${name} by block does not wait for a full subscriber that does not want a message`, async () => {
    await using place = await open();
    await using pub = new Pub({ overflow: "block", sendBuffer: 10_000 });
    await place.listen(pub);
    await using slow = new Sub({ subscribe: "slow", receiveBuffer: 1000 });
    await using quick = new Sub({ subscribe: "quick" });
    place.dial(slow);
    await pub.subscribed("slow", { signal: patience() });
    place.dial(quick);
    await pub.subscribed("quick", { signal: patience() });
    const body = new Uint8Array(100_000);
    for (;;) {
      const abort = new AbortController();
      const sent = pub.send(["slow", body], { signal: abort.signal });
      if (!await isPending(sent)) continue;
      abort.abort(new Error("full"));
      await assert.rejects(sent, /full/);
      break;
    }
    await pub.send(["quick", "news"], { signal: patience() });
    assert.deepEqual(texts(await quick.receive({ signal: patience() })), ["quick", "news"]);
  });

  test(`a PUB over ${name} by block goes on when who is full no longer wants what waits`, async () => {
    await using place = await open();
    await using pub = new Pub({ overflow: "block", sendBuffer: 10_000 });
    await place.listen(pub);
    await using slow = new XSub({ receiveBuffer: 1000 });
    place.dial(slow);
    await slow.send(said(1, "slow"));
    await pub.subscribed("slow", { signal: patience() });
    const body = new Uint8Array(100_000);
    let sent = pub.send(["slow", body]);
    while (!await isPending(sent)) sent = pub.send(["slow", body]);
    await slow.send(said(0, "slow"));
    await sent;
  });

  test(`a wait for a subscription over ${name} ends by its signal, its time, or with the socket`, async () => {
    await using place = await open();
    const pub = new Pub();
    await place.listen(pub);
    await assert.rejects(pub.subscribed("a", { timeout: 1 }), spError("ETIMEDOUT", "1 ms"));
    await assert.rejects(
      pub.subscribed("a", { signal: AbortSignal.abort(new Error("no")) }),
      /no/,
    );
    await assert.rejects(pub.subscribed("a", { timout: 1 } as never), spError("EINVAL", "timout"));
    const waits = pub.subscribed("a");
    await Promise.all([assert.rejects(waits, spError("ECLOSED")), pub.close()]);
    await assert.rejects(pub.subscribed("a", { signal: patience() }), spError("ECLOSED"));
  });
}

const WRONG: readonly (readonly [SubOptions, string])[] = [
  [{ subscribe: 1 as never }, "subscribe"],
  [{ subscribe: [1] as never }, "subscribe"],
  [{ overflow: "block" } as never, "overflow"],
];

for (const [options, part] of WRONG) {
  test(`a SUB refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => new Sub(options), spError("EINVAL", part));
  });
}

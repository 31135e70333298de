/** PUB, SUB, XPUB and XSUB: who gets what, who is told, and what is said again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pub, Sub, type SubOptions, XPub, XSub } from "../../../zmtp/mod.ts";
import { concat, text, utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";
import { isPending } from "../../helpers/turns.ts";
import { patience, settled, watch } from "../../conformance/stage.ts";
import { texts } from "../helpers/frames_text.ts";
import { SOME_TRANSPORTS } from "./places.ts";

const SOON = { reconnectMin: 5, reconnectMax: 50 };

/** A subscription, or its end, as XPUB hands it out and XSUB takes it. */
function said(byte: 0 | 1, prefix: string): Uint8Array<ArrayBuffer> {
  return concat([Uint8Array.of(byte), utf8(prefix)]);
}

/** What an XPUB hands out, in short: `"+a"`, `"-a"`. */
function inShort([frame]: readonly Uint8Array[]): string {
  return `${frame![0] === 1 ? "+" : "-"}${text(frame!.subarray(1))}`;
}

/** The next things that an XPUB hands out. */
async function next(pub: XPub, count: number): Promise<string[]> {
  const all: string[] = [];
  while (all.length < count) all.push(inShort(await pub.receive({ signal: patience() })));
  return all;
}

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

  test(`an XPUB over ${name} tells of the first subscription to a prefix, and of the end of the last`, async () => {
    await using place = await open();
    await using pub = new XPub();
    await place.listen(pub);
    await using one = new Sub({ subscribe: "a" });
    const two = new Sub({ subscribe: ["a", "b"] });
    place.dial(one);
    assert.deepEqual(await next(pub, 1), ["+a"]);
    place.dial(two);
    assert.deepEqual(await next(pub, 1), ["+b"]);
    one.unsubscribe("a");
    one.subscribe("c");
    assert.deepEqual(await next(pub, 1), ["+c"]);
    await two.close();
    assert.deepEqual((await next(pub, 2)).sort(), ["-a", "-b"]);
  });

  test(`an XPUB over ${name} by allSubs tells of every subscription, and of the last end`, async () => {
    await using place = await open();
    await using pub = new XPub({ verbosity: "allSubs" });
    await place.listen(pub);
    await using one = new Sub({ subscribe: "a" });
    await using two = new Sub({ subscribe: "a" });
    place.dial(one);
    assert.deepEqual(await next(pub, 1), ["+a"]);
    place.dial(two);
    assert.deepEqual(await next(pub, 1), ["+a"]);
    one.unsubscribe("a");
    one.subscribe("b");
    assert.deepEqual(await next(pub, 1), ["+b"]);
    two.unsubscribe("a");
    assert.deepEqual(await next(pub, 1), ["-a"]);
  });

  test(`an XPUB over ${name} by allSubsUnsubs tells of every end, also of peers that have left`, async () => {
    await using place = await open();
    await using pub = new XPub({ verbosity: "allSubsUnsubs" });
    await place.listen(pub);
    await using one = new Sub({ subscribe: ["a", "b"] });
    const two = new Sub({ subscribe: ["a", "b"] });
    place.dial(one);
    assert.deepEqual(await next(pub, 2), ["+a", "+b"]);
    place.dial(two);
    assert.deepEqual(await next(pub, 2), ["+a", "+b"]);
    one.unsubscribe("a");
    assert.deepEqual(await next(pub, 1), ["-a"]);
    await two.close();
    assert.deepEqual((await next(pub, 2)).sort(), ["-a", "-b"]);
  });

  test(`an XPUB over ${name} welcomes each peer, whatever it has subscribed to`, async () => {
    await using place = await open();
    await using pub = new XPub({ welcome: "welcome" });
    await place.listen(pub);
    await using sub = new XSub();
    place.dial(sub);
    assert.deepEqual(texts(await sub.receive({ signal: patience() })), ["welcome"]);
  });

  test(`an XSUB over ${name} subscribes again when it connects again, and says each prefix once`, async () => {
    await using place = await open();
    const first = new XPub({ verbosity: "allSubsUnsubs" });
    await place.listen(first);
    await using sub = new XSub(SOON);
    const log = watch(sub);
    await sub.send(said(1, "early"));
    place.dial(sub);
    assert.deepEqual(await next(first, 1), ["+early"]);
    for (const prefix of ["a", "a", "b"]) await sub.send(said(1, prefix));
    await sub.send(said(0, "never"));
    await sub.send(said(0, "a"));
    await sub.send(said(0, "b"));
    assert.deepEqual(await next(first, 3), ["+a", "+b", "-b"]);
    await first.close();
    await log.next("detached");
    await using second = new XPub({ verbosity: "allSubsUnsubs" });
    await place.listen(second);
    assert.deepEqual((await next(second, 2)).sort(), ["+a", "+early"]);
    await sub.send(said(0, "a"));
    assert.deepEqual(await next(second, 1), ["-a"]);
  });

  test(`a PUB and an XPUB over ${name} take a subscription by its first frame, and no more of it`, async () => {
    await using place = await open();
    await using sub = new XSub();
    await place.listen(sub);
    await using pub = new Pub();
    await using xpub = new XPub();
    place.dial(pub);
    place.dial(xpub);
    await sub.peers(2, { signal: patience() });
    await sub.send([said(1, "a"), said(1, "b")]);
    await sub.send(said(1, "c"));
    assert.deepEqual(await next(xpub, 2), ["+a", "+c"]);
    await pub.subscribed("c", { signal: patience() });
    await pub.subscribed("a", { signal: patience() });
    await assert.rejects(pub.subscribed("b", { timeout: 1 }), spError("ETIMEDOUT"));
    for (const { drops } of [pub.stats(), xpub.stats()]) assert.deepEqual(drops, { unwanted: 1 });
  });

  test(`an XSUB over ${name} subscribes by messages of one frame only`, async () => {
    await using place = await open();
    await using pub = new XPub();
    await place.listen(pub);
    await using sub = new XSub();
    place.dial(sub);
    await sub.peers(1, { signal: patience() });
    await sub.send([said(1, "two frames"), ""]);
    await sub.send([said(1, "one frame")]);
    const heard = await next(pub, 2);
    assert.deepEqual(heard, ["+two frames", "+one frame"]);
    assert.deepEqual(pub.stats().drops, { unwanted: 1 }, "it was sent as a message");
  });

  test(`messages of an XSUB over ${name} reach an XPUB as they are, and what comes is not filtered`, async () => {
    await using place = await open();
    await using pub = new XPub();
    await place.listen(pub);
    await using sub = new XSub();
    place.dial(sub);
    await sub.send(said(1, "t"));
    assert.deepEqual(await next(pub, 1), ["+t"]);
    await sub.send(["upstream", "two"]);
    assert.deepEqual(texts(await pub.receive({ signal: patience() })), ["upstream", "two"]);
    await sub.send("");
    assert.deepEqual(texts(await pub.receive({ signal: patience() })), [""]);
    await pub.send(["t", "down"]);
    assert.deepEqual(texts(await sub.receive({ signal: patience() })), ["t", "down"]);
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

/** What other implementations of PUB and SUB have got wrong, by their issues, tried with zeromq.js. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { proxy, Pub, Sub, XPub, XSub } from "../../../zmtp/mod.ts";
import { freePort } from "../../conformance/transports.ts";
import { hex } from "../../helpers/bytes.ts";
import { describe, framesBehindGreeting, includes } from "../helpers/frames.ts";
import {
  heardByOurs,
  heardByTheirs,
  link,
  linkTapped,
  ourSide,
  ROLES,
  settled,
  takeTexts,
  theirSide,
} from "../helpers/link.ts";
import { sharedProcess, skip, ZProcess } from "../peers/zeromq.ts";

const zeromq = sharedProcess();
const AGAIN = { reconnectMin: 20, reconnectMax: 50 };

for (const role of ROLES) {
  // libzmq#4064, PR#3814: many subscriptions, and long ones.
  test(`1,000 subscriptions and a long one survive a reconnect when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    const topics = Array.from({ length: 1000 }, (_, i) => `topic ${i};`);
    topics.push(`long ${"x".repeat(300)}`);
    await using pub = await z.socket("Publisher");
    await using sub = new Sub({ subscribe: topics, ...AGAIN });
    await using tap = await linkTapped(role, sub, pub);
    for (let life = 0; life < 2; life++) {
      await heardByOurs(pub, sub, topics.at(-1)!);
      await pub.send("topic 7", "topic 7;", "topic 999;");
      assert.deepEqual(await takeTexts(sub, 2), ["topic 7;", "topic 999;"]);
      const said = framesBehindGreeting(tap.said(ourSide(role), life)).slice(1).map(describe);
      assert.deepEqual(said.sort(), topics.map((topic) => `!SUBSCRIBE ${topic}`).sort());
      if (life === 0) tap.cut();
      await tap.until(({ connections }) => connections === 2, "another connection");
    }
  });

  test(`our XSUB says its subscriptions again to a publisher that comes back when we ${role}`, {
    skip,
  }, async () => {
    const { host, port } = await freePort();
    const address = `tcp://${host}:${port}`;
    await using sub = new XSub(AGAIN);
    if (role === "bind") await sub.bind(address);
    else sub.connect(address);
    await sub.send("\x01news");
    await sub.send("\x01old");
    await sub.send("\x00old");
    for (let life = 0; life < 2; life++) {
      await using z = await ZProcess.start();
      const pub = await z.socket("XPublisher");
      if (role === "bind") await pub.connect(address);
      else await pub.bind(address);
      assert.deepEqual(await pub.texts(), ["\x01news"]);
      await heardByOurs(pub, sub, "news");
      await sub.send("a message for it");
      assert.deepEqual(await pub.texts(), ["a message for it"]);
    }
  });

  test(`our XPUB tells of as many subscriptions as verbosity says when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    for (
      const [verbosity, expected] of [
        ["allSubs", ["\x01t", "\x01t", "\x00t"]],
        ["allSubsUnsubs", ["\x01t", "\x01t", "\x00t", "\x00t"]],
      ] as const
    ) {
      await using pub = new XPub({ verbosity });
      const subs = [await z.socket("XSubscriber"), await z.socket("XSubscriber")];
      for (const [i, sub] of subs.entries()) {
        await link(role, pub, sub, { peers: i + 1 });
        await sub.send("\x01t");
        assert.deepEqual(await takeTexts(pub), ["\x01t"]);
      }
      for (const sub of subs) await sub.send("\x00t");
      assert.deepEqual(["\x01t", "\x01t", ...await takeTexts(pub, expected.length - 2)], expected);
      for (const sub of subs) await sub.close();
    }
  });

  test(`our XPUB's welcome reaches a SUB of zeromq.js's that wants it when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using pub = new XPub({ welcome: "welcome" });
    await using sub = await z.socket("Subscriber");
    await sub.subscribe("wel");
    await link(role, pub, sub);
    assert.deepEqual(await sub.texts(), ["welcome"]);
  });

  // libzmq#1478: a proxy swallowed unsubscriptions.
  test(`our proxy stands between zeromq.js's PUB and SUB when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    await using front = new XSub();
    await using back = new XPub();
    await using forwarder = proxy(front, back);
    await using pub = await z.socket("Publisher");
    await using first = await z.socket("Subscriber");
    await using second = await z.socket("Subscriber");
    await using tap = await linkTapped(role, front, pub);
    await first.subscribe("T", "1");
    await second.subscribe("T", "2");
    await link(role, back, first);
    await link(role, back, second, { peers: 2 });
    for (const [sub, topic] of [[first, "1"], [second, "2"]] as const) {
      await settled((text) => pub.send(text), async () => (await sub.texts())[0]!, topic);
    }
    await pub.send("T news", "secret", "1", "2");
    assert.deepEqual(await first.texts(2), ["T news", "1"]);
    assert.deepEqual(await second.texts(2), ["T news", "2"]);
    assert.ok(!includes(tap.said(theirSide(role)), "secret"));
    const cancels = (): boolean =>
      includes(tap.said(ourSide(role)), hex("00 54")) ||
      includes(tap.said(ourSide(role)), "\x06CANCELT");
    await first.unsubscribe("T");
    await first.subscribe("3");
    await settled((text) => pub.send(text), async () => (await first.texts())[0]!, "3");
    assert.ok(!cancels());
    await second.close();
    await tap.until(cancels, "the end of the last subscription");
    assert.ok(forwarder.stats().forward.messages > 0);
  });

  // After a CANCEL messages are still on their way.
  test(`our SUB passes over what comes after its CANCEL when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    await using pub = await z.socket("Publisher");
    await using sub = new Sub({ subscribe: ["x", "end"] });
    await using tap = await linkTapped(role, sub, pub);
    await heardByOurs(pub, sub, "end");
    tap.stall();
    sub.unsubscribe("x");
    await pub.send("x late", "end");
    tap.resume();
    assert.deepEqual(await takeTexts(sub), ["end"]);
  });

  // erlangzmq PR#5, zmq.rs PR#230: SUB that waits for nothing, and PUB with many.
  test(`twenty SUBs of zeromq.js's get their own from our PUB when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using pub = new Pub();
    const subs = [];
    for (let i = 0; i < 20; i++) {
      const sub = await z.socket("Subscriber");
      await sub.subscribe(`${String.fromCharCode(65 + i)}`);
      await link(role, pub, sub, { peers: i + 1 });
      subs.push(sub);
    }
    for (const [i, sub] of subs.entries()) {
      await heardByTheirs(pub, sub, String.fromCharCode(65 + i));
    }
    for (let i = 0; i < 20; i++) await pub.send([String.fromCharCode(65 + i), `${i}`]);
    for (const [i, sub] of subs.entries()) {
      assert.deepEqual(await sub.texts(), [`${String.fromCharCode(65 + i)}|${i}`]);
      await sub.close();
    }
  });
}

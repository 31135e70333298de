/** PUB, SUB, XPUB and XSUB with zeromq.js. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pub, Sub, XPub } from "../../../zmtp/mod.ts";
import { EventLog } from "../../conformance/events_log.ts";
import { freePort } from "../../conformance/transports.ts";
import { hex, pattern } from "../../helpers/bytes.ts";
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
const BINARY = hex("00 01");

for (const role of ROLES) {
  // Check 11.
  test(`our PUB sends zeromq.js's SUB what it subscribed to and nothing else when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using sub = await z.socket("Subscriber");
    await using pub = new Pub();
    await sub.subscribe("a", "ab", BINARY, "end");
    await using tap = await linkTapped(role, pub, sub);
    await heardByTheirs(pub, sub, "end");
    await pub.send("a 1");
    await pub.send("ab 2");
    await pub.send("b secret");
    await pub.send(["b", "a secret"]);
    await pub.send(["a", "with more"]);
    await pub.send(Uint8Array.of(0, 1, 2));
    await pub.send(Uint8Array.of(0, 2));
    await pub.send("end");
    assert.deepEqual(await sub.texts(5), ["a 1", "ab 2", "a|with more", "\x00\x01\x02", "end"]);
    const said = tap.said(ourSide(role));
    assert.ok(includes(said, "ab 2"));
    assert.ok(!includes(said, "secret"));
    assert.ok(!includes(said, hex("00 02 00 02")));

    await sub.subscribe("");
    await heardByTheirs(pub, sub, "anything");
    await pub.send("b");
    assert.deepEqual(await sub.texts(), ["b"]);
  });

  // Check 12.
  test(`our SUB gets from zeromq.js's PUB what it subscribed to and nothing else when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using pub = await z.socket("Publisher");
    await using sub = new Sub({ subscribe: ["a", "ab", BINARY, "end"] });
    await using tap = await linkTapped(role, sub, pub);
    await heardByOurs(pub, sub, "end");
    await pub.send(
      "a 1",
      "ab 2",
      "b secret",
      ["b", "a secret"],
      ["a", "with more"],
      Uint8Array.of(0, 1, 2),
      Uint8Array.of(0, 2),
      "end",
    );
    assert.deepEqual(await takeTexts(sub, 5), [
      "a 1",
      "ab 2",
      "a|with more",
      "\x00\x01\x02",
      "end",
    ]);
    assert.ok(!includes(tap.said(theirSide(role)), "secret"));

    sub.subscribe("");
    await heardByOurs(pub, sub, "anything");
    await pub.send("b");
    assert.deepEqual(await takeTexts(sub), ["b"]);
  });

  // Check 13.
  test(`our PUB stops with the CANCEL of a SUB that has subscribed twice when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using sub = await z.socket("Subscriber");
    await using pub = new Pub();
    await sub.subscribe("x", "x", "1");
    await using tap = await linkTapped(role, pub, sub);
    await heardByTheirs(pub, sub, "1");

    await sub.unsubscribe("x");
    await sub.subscribe("2");
    await heardByTheirs(pub, sub, "2");
    await pub.send("x still");
    await pub.send("2");
    assert.deepEqual(await sub.texts(2), ["x still", "2"]);

    await sub.unsubscribe("x");
    await sub.subscribe("3");
    await heardByTheirs(pub, sub, "3");
    await pub.send("x never");
    await pub.send("3");
    assert.deepEqual(await sub.texts(), ["3"]);
    assert.ok(!includes(tap.said(ourSide(role)), "never"));
  });

  // Check 14.
  test(
    `our SUB that has subscribed twice cancels once, with the second unsubscribe, when we ${role}`,
    {
      skip,
    },
    async () => {
      const z = await zeromq();
      await using pub = await z.socket("Publisher");
      await using sub = new Sub({ subscribe: ["x", "1"] });
      sub.subscribe("x");
      await using tap = await linkTapped(role, sub, pub);
      await heardByOurs(pub, sub, "1");

      sub.unsubscribe("x");
      sub.subscribe("2");
      await heardByOurs(pub, sub, "2");
      await pub.send("x still", "2");
      assert.deepEqual(await takeTexts(sub, 2), ["x still", "2"]);

      sub.unsubscribe("x");
      sub.subscribe("3");
      await heardByOurs(pub, sub, "3");
      await pub.send("x never", "3");
      assert.deepEqual(await takeTexts(sub), ["3"]);
      const said = framesBehindGreeting(tap.said(ourSide(role))).slice(1).map(describe);
      assert.deepEqual(said, [
        ...said.slice(0, 2),
        "!SUBSCRIBE 2",
        "!CANCEL x",
        "!SUBSCRIBE 3",
      ]);
      assert.deepEqual(said.slice(0, 2).sort(), ["!SUBSCRIBE 1", "!SUBSCRIBE x"]);
      assert.ok(!includes(tap.said(theirSide(role)), "never"));
    },
  );

  // Check 15.
  test(`our SUB subscribes again when zeromq.js's PUB is killed and comes back, when we ${role}`, {
    skip,
  }, async () => {
    const { host, port } = await freePort();
    const address = `tcp://${host}:${port}`;
    await using sub = new Sub({ subscribe: "news", reconnectMin: 20, reconnectMax: 100 });
    if (role === "bind") await sub.bind(address);
    else sub.connect(address);
    for (let life = 0; life < 2; life++) {
      await using z = await ZProcess.start();
      const pub = await z.socket("Publisher");
      if (role === "bind") await pub.connect(address);
      else await pub.bind(address);
      await heardByOurs(pub, sub, "news");
      await z.kill();
    }
  });

  // Check 15.
  test(`zeromq.js's SUB hears our PUB again after it was closed and opened, when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    const { host, port } = await freePort();
    const address = `tcp://${host}:${port}`;
    await using sub = await z.socket("Subscriber", { reconnectInterval: 20 });
    await sub.subscribe("news");
    if (role === "bind") await sub.connect(address);
    else await sub.bind(address);
    for (let life = 0; life < 2; life++) {
      await using pub = new Pub();
      if (role === "bind") await pub.bind(address);
      else pub.connect(address);
      await heardByTheirs(pub, sub, "news");
    }
  });

  // Check 17.
  test(
    `our PUB takes subscriptions that an XSUB of zeromq.js's sends as messages when we ${role}`,
    {
      skip,
    },
    async () => {
      const z = await zeromq();
      await using sub = await z.socket("XSubscriber");
      await using pub = new Pub();
      await using tap = await linkTapped(role, pub, sub);
      await sub.send("\x01t", "\x01end");
      await heardByTheirs(pub, sub, "end");
      await pub.send("t 1");
      await pub.send("secret");
      await pub.send("end");
      assert.deepEqual(await sub.texts(2), ["t 1", "end"]);
      await sub.send("\x00t", "\x01last");
      await heardByTheirs(pub, sub, "last");
      await pub.send("t 2 secret");
      await pub.send("last");
      assert.deepEqual(await sub.texts(), ["last"]);
      assert.ok(!includes(tap.said(ourSide(role)), "secret"));
    },
  );

  // Check 17.
  test(`our XPUB hands on subscriptions, and one end of them when a SUB is gone, when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using pub = new XPub();
    const first = await z.socket("Subscriber");
    await first.subscribe("t", "t", "u");
    await link(role, pub, first);
    // A SUB that is bound says what it wants when it is asked for messages.
    void first.receive().catch(() => {});
    assert.deepEqual((await takeTexts(pub, 2)).sort(), ["\x01t", "\x01u"]);
    await first.unsubscribe("u");
    assert.deepEqual(await takeTexts(pub), ["\x00u"]);
    const second = await z.socket("Subscriber");
    await second.subscribe("t", "v");
    await link(role, pub, second, { peers: 2 });
    void second.receive().catch(() => {});
    assert.deepEqual(await takeTexts(pub), ["\x01v"]);
    await first.close();
    await second.subscribe("w");
    assert.deepEqual(await takeTexts(pub), ["\x01w"]);
    await second.close();
    assert.deepEqual((await takeTexts(pub, 3)).sort(), ["\x00t", "\x00v", "\x00w"]);
  });

  // Check 17.
  test(`our XPUB gets what zeromq.js's XSUB sends besides subscriptions when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using pub = new XPub();
    await using sub = await z.socket("XSubscriber");
    await link(role, pub, sub);
    await sub.send("\x01t", "hello", ["two", "frames"]);
    assert.deepEqual(await takeTexts(pub, 3), ["\x01t", "hello", "two|frames"]);
  });

  // Check 18.
  test(`our PUB and SUB meet by a proxy of zeromq.js's, subscriptions too, when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    const front = await z.socket("XSubscriber");
    const back = await z.socket("XPublisher");
    await using pub = new Pub();
    await using sub = new Sub();
    await using tap = await linkTapped(role, pub, front);
    await link(role, sub, back);
    await z.proxy(front, back);
    sub.subscribe("T");
    await settled(
      (message) => pub.send(message),
      async () => (await takeTexts(sub))[0]!,
      "T",
    );
    await pub.send("secret");
    await pub.send(["T", "news"]);
    assert.deepEqual(await takeTexts(sub), ["T|news"]);
    assert.ok(!includes(tap.said(ourSide(role)), "secret"));
    sub.unsubscribe("T");
    await tap.until(
      (seen) => includes(seen.said(theirSide(role)), hex("00 02 00 54")),
      "the end of the subscription",
    );
    await front.close();
  });

  // Check 19.
  test(
    `a SUB of zeromq.js's that does not read costs our PUB no more than its queue when we ${role}`,
    {
      skip,
    },
    async () => {
      const z = await zeromq();
      await using stuck = await ZProcess.start();
      await using pub = new Pub();
      const events = new EventLog(pub);
      await using good = await z.socket("Subscriber", { receiveHighWaterMark: 0 });
      const bad = await stuck.socket("Subscriber");
      await good.subscribe("");
      await bad.subscribe("");
      await link(role, pub, bad);
      await heardByTheirs(pub, bad, "bad");
      await link(role, pub, good, { peers: 2 });
      await heardByTheirs(pub, good, "good");
      stuck.freeze();
      try {
        for (let batch = 0; batch < 40; batch++) {
          const messages = Array.from({ length: 50 }, (_, i) => pattern(10_000, batch + i));
          for (const message of messages) await pub.send(message);
          const received = await good.receive(messages.length);
          assert.deepEqual(received.map(([bytes]) => bytes![1]), messages.map((bytes) => bytes[1]));
          for (const { queuedBytes } of pub.stats().peers) {
            assert.ok(queuedBytes < 2 * 1024 * 1024, `${queuedBytes} bytes are queued`);
          }
        }
        await events.next("dropped", ({ reason }) => reason === "overflow");
      } finally {
        stuck.thaw();
      }
    },
  );
}

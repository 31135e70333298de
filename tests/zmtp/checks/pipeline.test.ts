/** PUSH, PULL and PAIR with zeromq.js. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { Pair, Pull, Push } from "../../../zmtp/mod.ts";
import { EventLog } from "../../conformance/events_log.ts";
import { freePort } from "../../conformance/transports.ts";
import { concat, pattern } from "../../helpers/bytes.ts";
import {
  link,
  linkTapped,
  manyTurns,
  ourSide,
  patiently,
  ROLES,
  take,
  takeTexts,
  until,
} from "../helpers/link.ts";
import { frame } from "../helpers/frames.ts";
import { ZmtpPeer } from "../helpers/raw_peer.ts";
import { sharedProcess, skip } from "../peers/zeromq.ts";

const zeromq = sharedProcess();
const SIZES = [1, 255, 256, 65_536];
/** Besides those: who binds has nothing to do with how large messages are. */
const LARGEST = { bind: ["16 MiB", 16 * 1024 * 1024], connect: ["1 MiB", 1024 * 1024] } as const;

function assertEqual(messages: readonly Uint8Array[][], expected: readonly Uint8Array[][]): void {
  const sizes = (all: readonly Uint8Array[][]): number[][] =>
    all.map((frames) => frames.map(({ length }) => length));
  assert.deepEqual(sizes(messages), sizes(expected));
  messages.forEach((frames, i) =>
    frames.forEach((bytes, j) =>
      assert.ok(Buffer.compare(bytes, expected[i]![j]!) === 0, `frame ${j} of message ${i} differs`)
    )
  );
}

function numbered(count: number, name = ""): string[] {
  return Array.from({ length: count }, (_, i) => `${name}${i}`);
}

for (const role of ROLES) {
  const [upTo, largest] = LARGEST[role];
  const sizes = [...SIZES, largest];

  // Check 1.
  test(`zeromq.js's PULL gets from our PUSH messages of 1 byte to ${upTo} when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using pull = await z.socket("Pull");
    await using push = new Push();
    await link(role, push, pull);
    for (const size of sizes) {
      const message = pattern(size, size);
      await push.send(message.slice());
      assertEqual(await pull.receive(), [[message]]);
    }
  });

  // Check 2.
  test(`our PULL gets from zeromq.js's PUSH messages of 1 byte to ${upTo} when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using push = await z.socket("Push");
    await using pull = new Pull();
    await link(role, pull, push);
    for (const size of sizes) {
      const message = pattern(size, size);
      await push.send(message);
      assertEqual(await take(pull), [[message]]);
    }
  });

  // Check 4.
  test(`messages survive a connection that delivers byte by byte when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using theirs = await z.socket("Pair");
    await using ours = new Pair();
    await using _tap = await linkTapped(role, ours, theirs, { byByte: true });
    const messages = [1, 255, 256, 20_000].map((size) => [pattern(size, size)]);
    messages.push([pattern(3), pattern(0), pattern(300)]);
    await theirs.send(...messages);
    assertEqual(await take(ours, messages.length), messages);
    for (const frames of messages) await ours.send(frames);
    assertEqual(await theirs.receive(messages.length), messages);
  });

  // Check 6.
  test(`empty messages and empty frames arrive both ways when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    await using theirs = await z.socket("Pair");
    await using ours = new Pair();
    await link(role, ours, theirs);
    await theirs.send("", ["", "", ""]);
    assert.deepEqual(await takeTexts(ours, 2), ["", "||"]);
    await ours.send("");
    await ours.send(["", "", ""]);
    assert.deepEqual(await theirs.texts(2), ["", "||"]);
  });

  // Check 7.
  test(`a message of 1,000 frames of mixed sizes arrives both ways when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using theirs = await z.socket("Pair");
    await using ours = new Pair();
    await link(role, ours, theirs);
    const sizes = [0, 1, 254, 255, 256, 257, 4000, 17_000];
    const frames = Array.from(
      { length: 1000 },
      (_, i) => pattern(sizes[i % sizes.length]!, i),
    );
    await ours.send(frames.map((bytes) => bytes.slice()));
    assertEqual(await theirs.receive(), [frames]);
    await theirs.send(frames);
    assertEqual(await take(ours), [frames]);
  });

  // Check 8.
  test(`PAIR keeps the order of 10,000 messages each way at once when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using theirs = await z.socket("Pair");
    await using ours = new Pair();
    await link(role, ours, theirs);
    const [down, up] = [numbered(10_000, "down "), numbered(10_000, "up ")];
    const sendAll = async (): Promise<void> => {
      for (const message of up) await ours.send(message);
    };
    const [fromTheirs, fromOurs] = await Promise.all([
      takeTexts(ours, down.length),
      theirs.texts(up.length),
      theirs.send(...down),
      sendAll(),
    ]);
    assert.deepEqual(fromTheirs, down);
    assert.deepEqual(fromOurs, up);
  });

  // Check 9.
  test(`our PUSH deals 100 messages out to two PULLs of zeromq.js, 50 each, when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using push = new Push();
    await using first = await z.socket("Pull");
    await using second = await z.socket("Pull");
    await link(role, push, first);
    await link(role, push, second, { peers: 2 });
    for (const message of numbered(100)) await push.send(message);
    const both = await Promise.all([first.texts(50), second.texts(50)]);
    assert.deepEqual(
      both.flat().map(Number).sort((a, b) => a - b),
      Array.from({ length: 100 }, (_, i) => i),
    );
  });

  // Check 10.
  test(`our PULL takes from three PUSHes of zeromq.js in turn when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using pull = new Pull();
    const names = ["a", "b", "c"];
    for (const [i, name] of names.entries()) {
      const push = await z.socket("Push");
      await link(role, pull, push, { peers: i + 1 });
      await push.send(...numbered(300, name));
    }
    try {
      await until(() => pull.stats().messagesReceived === 900, "900 messages");
      const all = await takeTexts(pull, 900);
      for (const name of names) {
        assert.deepEqual(all.filter((message) => message.startsWith(name)), numbered(300, name));
        const early = all.slice(0, 450).filter((message) => message.startsWith(name)).length;
        assert.ok(early >= 100, `only ${early} of the first 450 messages are ${name}'s`);
      }
    } finally {
      await z.closeAll();
    }
  });

  // Check 39.
  test(`zeromq.js's PULL never gets part of a message whose connection breaks when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using pull = await z.socket("Pull");
    await using push = new Push();
    await using tap = await linkTapped(role, push, pull);
    const frames = Array.from({ length: 40 }, (_, i) => pattern(200_000, i));
    const sent = push.send(frames);
    await tap.until((seen) => seen.said(ourSide(role)).length > 1_000_000, "a part of the message");
    tap.cut();
    await sent;
    await push.peers(1);
    await until(() => tap.connections > 1, "another connection");
    await push.send("whole");
    for (;;) {
      const [message] = await pull.receive();
      if (message!.length === 1) break;
      assertEqual([message!], [frames]);
    }
  });
}

// Check 39.
test(
  "our PUSH takes as many messages as sendHighWaterMark says while nobody is there, then waits",
  {
    skip,
  },
  async () => {
    const z = await zeromq();
    const { host, port } = await freePort();
    const address = `tcp://${host}:${port}`;
    await using push = new Push({ sendHighWaterMark: 3, reconnectMin: 20, reconnectMax: 50 });
    const events = new EventLog(push);
    push.connect(address);
    for (const message of numbered(3)) await patiently(push.send(message), "a place in the queue");
    let isSent = false;
    const fourth = push.send("3").then(() => isSent = true);
    await events.next("send-waits" as "dropped");
    await manyTurns();
    assert.equal(isSent, false);
    await using pull = await z.socket("Pull");
    await pull.bind(address);
    assert.deepEqual(await pull.texts(4), numbered(4));
    await fourth;
  },
);

// Check 39.
test("a writer of our PUSH is ready for as many messages as sendHighWaterMark says", {
  skip,
}, async () => {
  const z = await zeromq();
  const { host, port } = await freePort();
  const address = `tcp://${host}:${port}`;
  await using push = new Push({ sendHighWaterMark: 3, reconnectMin: 20, reconnectMax: 50 });
  push.connect(address);
  const writer = push.writable.getWriter();
  // Each fills the stream's own queue, which is one of bytes.
  const messages = Array.from({ length: 4 }, (_, i) => [pattern(100_000, i)]);
  for (const message of messages.slice(0, 3)) {
    await patiently(writer.ready, "room for a message");
    void writer.write(message);
  }
  void writer.write(messages[3]!);
  let isReady = false;
  const ready = writer.ready.then(() => isReady = true);
  await manyTurns();
  assert.equal(isReady, false);
  await using pull = await z.socket("Pull");
  await pull.bind(address);
  assertEqual(await pull.receive(4), messages);
  await patiently(ready, "room for a message");
});

// Check 39.
test("our PULL never hands on part of a message whose connection breaks", { skip }, async () => {
  const z = await zeromq();
  await using pull = new Pull();
  const events = new EventLog(pull);
  const { address } = await pull.bind("tcp://127.0.0.1:0");
  for (
    const half of [[frame(1, "a"), frame(1, "b")], [frame(1, "a"), frame(0, "bbb").slice(0, 3)]]
  ) {
    using peer = await ZmtpPeer.join(address, "PUSH");
    await peer.send(concat(half));
    const before = events.of("detached").length;
    peer.end();
    await events.next("detached", () => events.of("detached").length > before);
  }
  await using push = await z.socket("Push");
  await push.connect(address);
  await push.send(["whole", "message"]);
  assert.deepEqual(await takeTexts(pull), ["whole|message"]);
});

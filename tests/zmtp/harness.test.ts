/** The harness by itself: zeromq.js through a wiretap, and against a peer by hand. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { text } from "../helpers/bytes.ts";
import { sharedProcess, skip, ZProcess } from "./peers/zeromq.ts";
import { describe, framesBehindGreeting } from "./helpers/frames.ts";
import { listen, ZmtpPeer } from "./helpers/raw_peer.ts";
import { Wiretap } from "./helpers/wiretap.ts";

const zeromq = sharedProcess();

for (const byByte of [false, true]) {
  test(
    `a wiretap sees what two sockets of zeromq.js say, ${byByte ? "byte by byte" : "as it comes"}`,
    {
      skip,
    },
    async () => {
      const z = await zeromq();
      await using pull = await z.socket("Pull");
      await using push = await z.socket("Push");
      await using tap = await Wiretap.open(await pull.bind(), { byByte });
      await push.watch();
      await push.connect(tap.address);
      await push.event("handshake");
      await push.send("one", ["two", "", "three"]);
      assert.deepEqual(await pull.texts(2), ["one", "two||three"]);
      assert.deepEqual(framesBehindGreeting(tap.said("dialer")).slice(1).map(describe), [
        "one",
        "two+",
        "+",
        "three",
      ]);
    },
  );
}

test("a peer by hand speaks with zeromq.js", { skip }, async () => {
  const z = await zeromq();
  await using rep = await z.socket("Reply");
  await rep.echo();
  using peer = await ZmtpPeer.join(await rep.bind(), "REQ");
  await peer.say("", "question");
  assert.deepEqual((await peer.nextMessage()).map(text), ["", "question"]);

  await using listener = await listen();
  await using sub = await z.socket("Subscriber");
  await sub.subscribe("A");
  await sub.connect(listener.address);
  using publisher = await listener.accept();
  const received = sub.receive();
  await publisher.shake("PUB");
  assert.equal(describe(await publisher.next()), "!SUBSCRIBE A");
  await publisher.say("A1");
  assert.deepEqual((await received)[0]!.map(text), ["A1"]);
});

test("a process of zeromq.js that is killed ends what is asked of it", { skip }, async () => {
  await using z = await ZProcess.start();
  await using pull = await z.socket("Pull");
  const lost = assert.rejects(pull.receive(), { code: "ECLOSED" });
  await z.kill();
  await lost;
});

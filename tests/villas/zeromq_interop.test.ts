/** The zeromq node next to zeromq.js, which runs libzmq, as a VILLASnode does. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { freePort } from "../conformance/transports.ts";
import { sharedProcess, skip, ZProcess } from "../zmtp/peers/zeromq.ts";
import { PRINT, run } from "./gateways.ts";
import { codec, hex, sample, text } from "./samples.ts";

const zeromq = sharedProcess();

/** The address that a gateway is given, and the one for zeromq.js. */
async function address(): Promise<string> {
  const { host, port } = await freePort();
  return `tcp://${host}:${port}`;
}

const LOOP = { type: "loopback", signals: "2f", builtin: false };

for (const bind of [true, false]) {
  const end = bind ? "bound" : "connected";

  test(`a subscriber of libzmq's gets what a node sends that is ${end}`, { skip }, async () => {
    const publish = await address();
    await using subscriber = await (await zeromq()).socket("Subscriber");
    await subscriber.subscribe("ab");
    if (!bind) await subscriber.bind(publish);
    await using running = await run({
      nodes: {
        aa: LOOP,
        lab: {
          type: "zeromq",
          pattern: "pubsub",
          out: { publish, bind, filter: "ab184", vectorize: 2, peers: 1 },
        },
      },
      paths: [{ in: "aa", out: "lab" }],
    });
    if (bind) await subscriber.connect(publish);
    const origin = [1_700_000_000, 123_456_789] as const;
    for (const n of [42n, 43n]) {
      await running.feed("aa", "2f", [1.5, -0.1], { sequence: n, origin });
    }
    const [[envelope, samples]] = await subscriber.receive() as [Uint8Array[]];
    assert.equal(text(envelope!), "ab184");
    // villas.binary is the default.
    const reader = await codec("villas.binary", "2f");
    const read = reader.codec.decode(samples!);
    assert.deepEqual(read.map(({ sequence }) => sequence), [42n, 43n]);
    assert.deepEqual(read.map(({ values }) => values), Array(2).fill([1.5, Math.fround(-0.1)]));
    assert.deepEqual(read[0]!.origin, origin);
  });

  test(`a node that is ${end} reads what a publisher of libzmq's sends`, { skip }, async () => {
    const subscribe = await address();
    await using publisher = await (await zeromq()).socket("XPublisher");
    if (!bind) await publisher.bind(subscribe);
    await using running = await run({
      nodes: {
        lab: {
          type: "zeromq",
          in: { subscribe, bind, filter: "ab", signals: "2f", hooks: [PRINT] },
        },
      },
      paths: [{ in: "lab" }],
    });
    if (bind) await publisher.connect(subscribe);
    assert.deepEqual(await publisher.texts(), ["\x01ab"]);
    const writer = await codec("villas.binary", "2f");
    const samples = [43n, 44n].map((sequence) => sample("2f", [1.5, -2], { sequence }));
    await publisher.send(["other", writer.codec.encode(samples)]);
    await publisher.send(["ab184", hex("ff")], ["ab184", writer.codec.encode(samples)]);
    await running.until(() => running.printed.length === 2);
    assert.deepEqual(running.printed, ["(43)\t1.5\t-2.0", "(44)\t1.5\t-2.0"]);
    assert.equal(running.gateway.stats().nodes["lab"]!.malformed, 1);
  });
}

test("a node without filters sends and reads messages of one frame, and outlives its publisher", {
  skip,
}, async () => {
  const [subscribe, publish] = [await address(), await address()];
  const process = await zeromq();
  await using subscriber = await process.socket("Subscriber");
  await subscriber.subscribe("");
  await using running = await run({
    nodes: {
      there: { type: "zeromq", format: "json", in: { subscribe, signals: "2f" } },
      back: { type: "zeromq", format: "villas.human", out: { publish, peers: 1 } },
    },
    paths: [{ in: "there", out: "back" }],
  });
  await subscriber.connect(publish);
  for (const n of [1, 2]) {
    // The second one is another publisher at the same address.
    await using publisher = await process.socket("XPublisher");
    await publisher.bind(subscribe);
    assert.deepEqual(await publisher.texts(), ["\x01"]);
    const sent = `[{"ts": {"origin": [1700000000, 5]}, "sequence": ${n}, "data": [${n}.5, -2.0]}]`;
    await publisher.send(sent);
    assert.deepEqual(await subscriber.texts(), [
      `1700000000.000000005(${n})\t${n}.50000000000000000\t-2.00000000000000000\n`,
    ]);
  }
  assert.equal(running.gateway.stats().nodes["back"]!.dropped, 0);
});

test("with keys, samples are encrypted both ways between libzmq and a node", { skip }, async () => {
  const [subscribe, publish] = [await address(), await address()];
  const process = await zeromq();
  // A node has one pair of keys: its own as a publisher, and that of the publishers that it subscribes to.
  const { publicKey, secretKey } = await process.keys();
  const own = await process.keys();
  await using publisher = await process.socket("XPublisher", {
    curveServer: true,
    curveSecretKey: secretKey,
  });
  await publisher.bind(subscribe);
  await using subscriber = await process.socket("Subscriber", {
    curveServerKey: publicKey,
    curvePublicKey: own.publicKey,
    curveSecretKey: own.secretKey,
  });
  await subscriber.subscribe("");
  await using stranger = await process.socket("Subscriber");
  await stranger.subscribe("");
  await using running = await run({
    nodes: {
      lab: {
        type: "zeromq",
        format: "json",
        curve: { public_key: publicKey, secret_key: secretKey },
        in: { subscribe, signals: "2f" },
        out: { publish, peers: 1 },
      },
    },
    paths: [{ in: "lab", out: "lab" }],
  });
  await stranger.connect(publish);
  await subscriber.connect(publish);
  assert.deepEqual(await publisher.texts(), ["\x01"]);
  const sent = '[{"ts": {"origin": [1700000000, 5]}, "sequence": 1, "data": [1.5, -2.0]}]';
  await publisher.send(sent);
  assert.deepEqual(await subscriber.texts(), [sent]);
  await running.until(() =>
    running.logged.some((line) => /^warn node:lab: Peer .* rejected: /.test(line))
  );
});

test("a node that a publisher refuses gives up, and says so", { skip }, async () => {
  const subscribe = await address();
  // Its ZAP handler lets nobody in.
  await using process = await ZProcess.start();
  await process.zap([]);
  const { publicKey, secretKey } = await process.keys();
  const publisher = await process.socket("Publisher", {
    curveServer: true,
    curveSecretKey: secretKey,
  });
  await publisher.bind(subscribe);
  await using running = await run({
    nodes: {
      lab: { type: "zeromq", curve: { public_key: publicKey }, in: { subscribe } },
    },
    paths: [{ in: "lab" }],
  });
  await running.until(() =>
    running.logged.some((line) => /^warn node:lab: Gave up connecting to tcp.*400/.test(line))
  );
});

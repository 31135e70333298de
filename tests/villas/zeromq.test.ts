/** The zeromq node: its envelopes, and nodes of two gateways together. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  type GroupSetting,
  NODE_TYPES,
  Settings,
  settingToJson,
  toSetting,
} from "../../villas/mod.ts";
import { curveKeyPair, XPub } from "../../zmtp/mod.ts";
import { freePort } from "../conformance/transports.ts";
import { PRINT, run } from "./gateways.ts";
import { dtypes } from "./samples.ts";

const folder = mkdtempSync(join(tmpdir(), "villas-zeromq-"));
after(() => rmSync(folder, { recursive: true }));

const LOOP = { type: "loopback", signals: "3f", builtin: false };
const PUBLIC = "Veg+Q.V-c&1k>yVh663gQ^7fL($y47gybE-nZP1L";
const SECRET = "HPY.+mFuB[jGs@(zZr6$IZ1H1dZ7Ji*j>oi@O?Pc";

let count = 0;
function ipc(): string {
  return `ipc://${join(folder, `${count++}.ipc`)}`;
}

/** Gateways that send what a loopback takes, and print what comes. */
async function pair(out: object, input: object, more: object = {}) {
  const running = await run({
    nodes: {
      aa: LOOP,
      pub: { type: "zeromq", ...more, out: { peers: 1, ...out } },
      sub: { type: "zeromq", ...more, in: { signals: "3f", hooks: [PRINT], ...input } },
    },
    paths: [{ in: "aa", out: "pub" }, { in: "sub" }],
  });
  return running;
}

test("samples go over tcp and ws as well", async () => {
  for (const scheme of ["tcp", "ws"]) {
    const { host, port } = await freePort();
    const address = `${scheme}://${host}:${port}`;
    await using running = await pair({ publish: address }, { subscribe: address });
    await running.feed("aa", "1f", [1], { sequence: 1n });
    await running.until(() => running.printed.length === 1);
  }
});

test("samples go from a publisher to a subscriber, whichever of the two is bound", async () => {
  for (const bind of [true, false]) {
    const address = ipc();
    await using running = await pair(
      { publish: address, bind },
      { subscribe: address, bind: !bind },
    );
    await running.feed("aa", "3f", [1, 2, 3], { sequence: 7n });
    await running.until(() => running.printed.length === 1);
    assert.deepEqual(running.printed, ["(7)\t1.0\t2.0\t3.0"]);
  }
});

test("a publisher has several endpoints, a subscriber as many, and a message may have several samples", async () => {
  const addresses = [ipc(), "inproc://villas-zeromq", ipc()];
  await using running = await run({
    nodes: {
      aa: { ...LOOP, out: { vectorize: 2 } },
      pub: { type: "zeromq", out: { publish: addresses, peers: 3, vectorize: 2 } },
      sub: {
        type: "zeromq",
        in: { subscribe: addresses, signals: "1f", builtin: false, vectorize: 2, hooks: [PRINT] },
      },
    },
    paths: [{ in: "aa", out: "pub" }, { in: "sub" }],
  });
  for (let n = 0; n < 4; n++) await running.feed("aa", "1f", [n], { sequence: BigInt(n) });
  await running.until(() => running.printed.length === 12);
  const each = [0, 1, 2, 3].flatMap((n) => Array(3).fill(`(${n})\t${n}.0`));
  assert.deepEqual([...running.printed].sort(), each);
  assert.equal(running.gateway.stats().nodes["sub"]!.read, 12);
});

test("a node that subscribes to itself waits for itself, and loses no sample", async () => {
  const { port } = await freePort();
  await using running = await run({
    nodes: {
      aa: LOOP,
      both: {
        type: "zeromq",
        out: { publish: `tcp://*:${port}`, filter: "ab184" },
        in: {
          subscribe: `tcp://127.0.0.1:${port}`,
          filter: "ab1",
          signals: "1f",
          hooks: [PRINT],
        },
      },
    },
    paths: [{ in: "aa", out: "both" }, { in: "both" }],
  });
  await running.feed("aa", "1f", [1], { sequence: 1n });
  await running.until(() => running.printed.length === 1);
});

test("a subscriber gets what begins with its filter, whichever publisher it is from", async () => {
  const addresses = [ipc(), ipc(), ipc()];
  const filters = ["ab184", "ab2", ""];
  await using running = await run({
    nodes: {
      ...Object.fromEntries(filters.flatMap((filter, n) => [
        [`from${n}`, LOOP],
        // The others are not subscribed to.
        [`pub${n}`, {
          type: "zeromq",
          out: { publish: addresses[n], filter, peers: filter.startsWith("ab1") ? 1 : 0 },
        }],
      ])),
      sub: {
        type: "zeromq",
        in: { subscribe: addresses, filter: "ab1", signals: "1f", hooks: [PRINT] },
      },
    },
    paths: [...filters.map((_, n) => ({ in: `from${n}`, out: `pub${n}` })), { in: "sub" }],
  });
  for (const n of [2, 1, 0]) await running.feed(`from${n}`, "1f", [n], { sequence: 1n });
  await running.until(() => running.printed.length > 0);
  assert.deepEqual(running.printed, ["(1)\t0.0"]);
});

/** A subscriber in the gateway, to a socket of the library's. */
async function subscriber(input: object) {
  const address = ipc();
  const pub = new XPub();
  await pub.bind(address);
  const running = await run({
    nodes: {
      sub: {
        type: "zeromq",
        format: "json",
        in: { subscribe: address, signals: "1f", hooks: [PRINT], ...input },
      },
    },
    paths: [{ in: "sub" }],
  });
  const said = await pub.receive();
  return {
    running,
    pub,
    said: new TextDecoder().decode(said[0]),
    async [Symbol.asyncDispose]() {
      await pub.close();
      await running.gateway.stop();
    },
  };
}

const JSON_SAMPLE = (n: number): string => `[{"sequence": ${n}, "data": [${n}.0]}]`;

test("with a filter the samples are in the second frame; anything else is counted, and told", async () => {
  await using stage = await subscriber({ filter: "ab" });
  const { pub, running } = stage;
  assert.equal(stage.said, "\x01ab");
  await pub.send(["abc", JSON_SAMPLE(1)]);
  await pub.send(`ab${JSON_SAMPLE(2)}`);
  await pub.send(["ab", "x", JSON_SAMPLE(3)]);
  await pub.send(["ab", "rubbish"]);
  await pub.send(["ab", ""]);
  await pub.send(["ab", JSON_SAMPLE(4)]);
  await running.until(() => running.printed.length === 2);
  assert.deepEqual(running.printed, ["(1)\t1.0", "(4)\t4.0"]);
  assert.equal(running.gateway.stats().nodes["sub"]!.malformed, 4);
  assert.ok(
    running.logged.some((line) => line.includes("expected 2, an envelope and the samples")),
    running.logged.join("\n"),
  );
});

test("without a filter the samples are the message; those of a publisher with a filter are found too", async () => {
  await using stage = await subscriber({});
  const { pub, running } = stage;
  assert.equal(stage.said, "\x01");
  await pub.send(JSON_SAMPLE(1));
  await pub.send(["topic", JSON_SAMPLE(2)]);
  await pub.send(["a", "b", JSON_SAMPLE(3)]);
  await pub.send(JSON_SAMPLE(4));
  await running.until(() => running.printed.length === 3);
  assert.deepEqual(running.printed, ["(1)\t1.0", "(2)\t2.0", "(4)\t4.0"]);
  assert.equal(running.gateway.stats().nodes["sub"]!.malformed, 1);
});

test("an empty filter is an envelope without a name, as VILLASnode has it", async () => {
  const address = ipc();
  await using running = await pair(
    { publish: address, filter: "" },
    { subscribe: address, filter: "" },
  );
  await running.feed("aa", "1f", [1], { sequence: 1n });
  await running.until(() => running.printed.length === 1);
  assert.equal(running.gateway.stats().nodes["sub"]!.malformed, 0);
});

test("a message may be of any size", async () => {
  const address = ipc();
  await using running = await pair(
    { publish: address },
    { subscribe: address, signals: "20000f" },
    { format: "json" },
  );
  const values = Array.from({ length: 20_000 }, (_, n) => n / 3);
  const signals = dtypes("20000f");
  await running.gateway.nodes.get("pub")!.write([{ signals, values, sequence: 1n }]);
  await running.until(() => running.printed.length === 1);
  assert.equal(running.printed[0]!.split("\t").length, 20_001);
});

test("without ipv6 an address is IPv4 only, and with it both", async () => {
  const node = (ipv6: boolean): object => ({
    nodes: { aa: LOOP, pub: { type: "zeromq", ipv6, out: { publish: "tcp://[::1]:0" } } },
    paths: [{ in: "aa", out: "pub" }],
  });
  await assert.rejects(run(node(false)), /tcp:\/\/\[::1\]:0: .*IPv4 only/);
  const { port } = await freePort();
  await using running = await run({
    nodes: {
      aa: LOOP,
      pub: { type: "zeromq", ipv6: true, out: { publish: `tcp://*:${port}`, peers: 1 } },
      sub: {
        type: "zeromq",
        in: { subscribe: `tcp://127.0.0.1:${port}`, signals: "1f", hooks: [PRINT] },
      },
    },
    paths: [{ in: "aa", out: "pub" }, { in: "sub" }],
  });
  await running.feed("aa", "1f", [1], { sequence: 1n });
  await running.until(() => running.printed.length === 1);
});

test("a node of nanomsg's that connects to one of ZeroMQ's is told of, and harms nobody", async () => {
  const address = ipc();
  await using running = await run({
    nodes: {
      aa: LOOP,
      pub: { type: "zeromq", out: { publish: address } },
      wrong: { type: "nanomsg", in: { endpoints: address } },
    },
    paths: [{ in: "aa", out: "pub" }, { in: "wrong" }],
  });
  await running.until(() =>
    running.logged.some((line) => /^warn node:pub: Peer .* rejected: /.test(line))
  );
  await running.feed("aa", "1f", [1]);
  await running.until(() => running.gateway.stats().nodes["pub"]!.written === 1);
});

test("it is reversed by swapping its endpoints; filters and binds stay where they are", () => {
  const type = NODE_TYPES.find(({ name }) => name === "zeromq")!;
  const reversed = (settings: object): unknown =>
    settingToJson(type.reverse!(new Settings(toSetting(settings) as GroupSetting)), {
      indent: 0,
    });
  const [input, output] = [{ subscribe: ["a"], filter: "x" }, { publish: "b", bind: true }];
  assert.equal(
    reversed({ in: input, out: output }),
    '{"in": {"subscribe": "b", "filter": "x"}, "out": {"publish": ["a"], "bind": true}}',
  );
  assert.throws(() => reversed({ in: input }), /expected one endpoint each, got 1 in and 0 out/);
});

/** A publisher with keys, and a subscriber that knows a public key. */
async function encrypted(publicKey: string, keys: object = {}) {
  const { port } = await freePort();
  const address = `tcp://127.0.0.1:${port}`;
  return await run({
    nodes: {
      aa: LOOP,
      pub: {
        type: "zeromq",
        curve: { public_key: PUBLIC, secret_key: SECRET, ...keys },
        out: { publish: address, peers: 1 },
      },
      sub: {
        type: "zeromq",
        curve: { public_key: publicKey },
        in: { subscribe: address, signals: "1f", hooks: [PRINT] },
      },
    },
    paths: [{ in: "aa", out: "pub" }, { in: "sub" }],
  });
}

test("samples are encrypted for a subscriber that knows the publisher's public key", async () => {
  await using running = await encrypted(PUBLIC);
  await running.feed("aa", "1f", [1], { sequence: 1n });
  await running.until(() => running.printed.length === 1);
});

test("a subscriber with another public key is not served, and told of", async () => {
  const { publicKey } = await curveKeyPair();
  await using running = await encrypted(publicKey);
  await running.until(() =>
    running.logged.some((line) => /^warn node:pub: Peer .* rejected: /.test(line))
  );
  assert.deepEqual(running.gateway.stats().nodes["sub"]!.read, 0);
});

test("what cannot be encrypted is not opened", async () => {
  const config = {
    nodes: {
      aa: LOOP,
      pub: {
        type: "zeromq",
        curve: { public_key: PUBLIC, secret_key: SECRET },
        out: { publish: "ws://127.0.0.1:0" },
      },
    },
    paths: [{ in: "aa", out: "pub" }],
  };
  await assert.rejects(run(config), /^Error: Failed to connect zeromq socket .*CURVE/);
});

test("keys that do not belong together stop the gateway", async () => {
  const { publicKey } = await curveKeyPair();
  await assert.rejects(
    encrypted(PUBLIC, { public_key: publicKey }),
    /^Error: Setting 'curve\.public_key' does not belong to 'curve\.secret_key'$/,
  );
});

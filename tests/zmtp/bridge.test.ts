/** The bridge of the examples, between nanomsg's nanocat and zeromq.js, each in a process of its own. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { FAST_START } from "../helpers/nanocat.ts";
import { NANOCAT } from "../helpers/peers.ts";
import { type Child, start } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";
import { sharedProcess, skip as noZeromq } from "./peers/zeromq.ts";

const skip = NANOCAT.skip || noZeromq;
const zeromq = sharedProcess();
let bridge: Child;

before(() => {
  if (skip) return;
  const args = [...CURRENT.args, join(PROJECT, "examples", "bridge.ts")];
  bridge = start(CURRENT.command, args, { env: { ...FAST_START, PORT: "0" } });
});
after(() => bridge?.[Symbol.asyncDispose]());

/** Where a peer of the bridge connects to. */
async function addressFor(peer: string): Promise<string> {
  return (await bridge.line(new RegExp(`^${peer}: `))).slice(peer.length + 2);
}

async function nanocat(pattern: string, ...args: string[]): Promise<Child> {
  const address = await addressFor(`nanomsg ${pattern.toUpperCase()}`);
  return start(NANOCAT.command, [`--${pattern}`, "--connect", address, ...args]);
}

test("a ZeroMQ SUB hears a nanomsg PUB, as far as it has subscribed", { skip }, async () => {
  await using sub = await (await zeromq()).socket("Subscriber");
  await sub.subscribe("news");
  await sub.connect(await addressFor("ZeroMQ SUB"));
  await using _other = await nanocat("pub", "--data", "olds: old", "--interval", "0.1");
  await using _pub = await nanocat("pub", "--data", "news: new", "--interval", "0.1");
  assert.deepEqual(await sub.texts(2), ["news: new", "news: new"]);
});

test("a nanomsg SUB hears a ZeroMQ PUB, with the frames joined", { skip }, async () => {
  await using pub = await (await zeromq()).socket("Publisher");
  await pub.connect(await addressFor("ZeroMQ PUB"));
  await using sub = await nanocat("sub", "--subscribe", "news", "--ascii");
  let isHeard = false;
  const heard = sub.line(/^news: new$/).finally(() => isHeard = true);
  // Both ends of the way join late.
  while (!isHeard) await pub.send(["news", ": new"]);
  await heard;
});

test("a ZeroMQ REP answers a nanomsg REQ", { skip }, async () => {
  await using rep = await (await zeromq()).socket("Reply");
  await rep.echo();
  await rep.connect(await addressFor("ZeroMQ REP"));
  await using req = await nanocat("req", "--data", "is it so?", "--ascii");
  await req.line(/^is it so\?$/);
});

test("a nanomsg REP answers a ZeroMQ REQ", { skip }, async () => {
  await using _rep = await nanocat("rep", "--data", "it is");
  await using req = await (await zeromq()).socket("Request");
  await req.connect(await addressFor("ZeroMQ REQ"));
  for (const question of ["is it so?", "really?"]) {
    await req.send(question);
    assert.deepEqual(await req.texts(), ["it is"]);
  }
});

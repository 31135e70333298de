/** WebSockets that break the rules. Each is closed with the code that says so, and nobody else is. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { test } from "node:test";
import { setImmediate } from "node:timers";
import { Pull, Push } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { text } from "../helpers/bytes.ts";
import { OPCODE, rawFrame, RawWebSocket, request } from "../helpers/raw_web_socket.ts";

const ANYWHERE = "ws://127.0.0.1:0";
const MIB = 1024 * 1024;
const PULL = "pull.sp.nanomsg.org";

for (
  const [what, bytes, closeCode, code] of [
    ["an unmasked frame", rawFrame(OPCODE.binary, "x", { masked: false }), 1002, "EPROTO"],
    ["an unknown opcode", rawFrame(3, "x"), 1002, "EPROTO"],
    ["text that is no UTF-8", rawFrame(OPCODE.text, Buffer.of(0xff)), 1007, "EPROTO"],
    ["a long ping", rawFrame(OPCODE.ping, Buffer.alloc(126)), 1002, "EPROTO"],
    ["a continuation of nothing", rawFrame(0, "x"), 1002, "EPROTO"],
    [
      "a message of 1 GiB, announced",
      rawFrame(OPCODE.binary, "x", { length: 2 ** 30 }),
      1009,
      "EMSGSIZE",
    ],
    ["a message of 2^63 bytes, announced", hugeFrame(), 1009, undefined],
    ["fragments that are too large together", fragments(), 1009, "EMSGSIZE"],
  ] as const
) {
  test(`${what} closes its WebSocket with ${closeCode}`, async () => {
    await using pull = new Pull({ maxMessageSize: 1000 });
    const log = new EventLog(pull);
    const { address } = await pull.bind(ANYWHERE);
    await using other = new Push();
    other.connect(address);
    await other.peers(1);
    const { peer } = await RawWebSocket.open(address, { protocol: PULL });
    using _ = peer;
    peer.send(Buffer.concat([rawFrame(OPCODE.binary, "good"), bytes]));
    assert.equal(await peer.closeCode(), closeCode);
    const { reason } = await log.next("detached");
    if (code !== undefined) assert.equal(reason?.code, code, reason?.message);
    assert.ok(reason !== undefined);
    assert.equal(text(await pull.receive()), "good");
    await other.send("undisturbed");
    assert.equal(text(await pull.receive()), "undisturbed");
  });
}

test("a reset is told as one", async () => {
  await using pull = new Pull();
  const log = new EventLog(pull);
  const { address } = await pull.bind(ANYWHERE);
  const { peer } = await RawWebSocket.open(address, { protocol: PULL });
  await pull.peers(1);
  peer.reset();
  const { reason } = await log.next("detached");
  assert.equal(reason?.code, "ECONNRESET");
});

test("a peer that leaves without a goodbye, as nanomsg does, is no error", async () => {
  await using pull = new Pull();
  const log = new EventLog(pull);
  const { address } = await pull.bind(ANYWHERE);
  const { peer } = await RawWebSocket.open(address, { protocol: PULL });
  await pull.peers(1);
  peer.send(rawFrame(OPCODE.binary, "last words"));
  peer.end();
  assert.equal((await log.next("detached")).reason, undefined);
  assert.equal(text(await pull.receive()), "last words");
});

test("a peer that sends pings and never reads is let go, and costs no memory", async () => {
  await using pull = new Pull();
  const log = new EventLog(pull);
  const { address } = await pull.bind(ANYWHERE);
  const { peer } = await RawWebSocket.open(address, { protocol: PULL });
  using _ = peer;
  await pull.peers(1);
  peer.pause();
  const pings = Buffer.concat(Array(4096).fill(rawFrame(OPCODE.ping, Buffer.alloc(100))));
  let gone = false;
  const detached = log.next("detached").then(({ reason }) => {
    gone = true;
    return reason;
  });
  while (!gone) {
    peer.send(pings);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const reason = await detached;
  assert.equal(reason?.code, "EPROTO");
  assert.match(reason.message, /sent 61 pings and has read no answer/);
});

test("a message of 1 GiB that is announced costs no memory, however much of it is sent", async () => {
  await using pull = new Pull();
  const log = new EventLog(pull);
  const { address } = await pull.bind(ANYWHERE);
  const { peer } = await RawWebSocket.open(address, { protocol: PULL });
  using _ = peer;
  await pull.peers(1);
  const part = Buffer.alloc(64 * 1024);
  const before = process.memoryUsage().rss;
  peer.send(rawFrame(OPCODE.binary, "", { length: 2 ** 30 }));
  let sent = 0;
  let isOver = false;
  peer.closed.then(() => isOver = true);
  while (!isOver && sent < 64 * MIB) {
    peer.send(part);
    sent += part.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const grown = process.memoryUsage().rss - before;
  console.log(
    `of 1 GiB ${sent / MIB} MiB were sent; the process grew by ${(grown / MIB).toFixed(1)} MiB`,
  );
  assert.ok(grown < 64 * MIB);
  const { reason } = await log.next("detached");
  assert.equal(reason?.code, "EMSGSIZE");
  assert.match(reason?.message ?? "", /1073741824 bytes, maxMessageSize is 1048576/);
});

function hugeFrame(): Buffer {
  const frame = rawFrame(OPCODE.binary, "x", { length: 2 ** 31 });
  frame.fill(0xff, 2, 10);
  return frame;
}

function fragments(): Buffer {
  const part = Buffer.alloc(400);
  return Buffer.concat([
    rawFrame(OPCODE.binary, part, { fin: false }),
    rawFrame(0, part, { fin: false }),
    rawFrame(0, part, { fin: false }),
  ]);
}

test("a connection that is reset before its request is whole harms nobody", async () => {
  await using pull = new Pull();
  const { address } = await pull.bind(ANYWHERE);
  for (const head of ["G", "GET ", "GET / HTTP/1.1\r\n"]) {
    const peer = await RawWebSocket.connect(address);
    peer.send(head);
    await new Promise((resolve) => setImmediate(resolve));
    peer.reset();
    await peer.closed;
  }
  await using push = new Push();
  push.connect(address);
  await push.send("undisturbed");
  assert.equal(text(await pull.receive()), "undisturbed");
});

test("a request that comes in pieces is taken as it would be whole", async () => {
  await using pull = new Pull();
  const { address } = await pull.bind(ANYWHERE);
  const whole = request({ protocol: PULL });
  for (const cut of [1, 3, 5, 6, 20, whole.length - 1]) {
    using peer = await RawWebSocket.connect(address);
    peer.send(whole.slice(0, cut));
    await new Promise((resolve) => setImmediate(resolve));
    peer.send(whole.slice(cut));
    assert.match(await peer.head(), /^HTTP\/1.1 101 /);
    peer.send(rawFrame(OPCODE.binary, `cut at ${cut}`));
    assert.equal(text(await pull.receive()), `cut at ${cut}`);
  }
});

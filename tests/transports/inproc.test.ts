/** inproc within a thread: what its neighbours on the event loop see of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers";
import { Pair, Pull, Push, Rep, Req } from "../../mod.ts";

/** Turns of the event loop that must come. */
const TURNS = 20;
/** Messages within which they must: a thousand times as many as one turn's queue has room for. */
const MESSAGES = 5_000_000;

/** Runs `exchange` over and over until the event loop has had its turns; fails if it has them not. */
async function leavesTurns(exchange: () => Promise<unknown>): Promise<void> {
  let turns = 0;
  const count = (): void => {
    if (++turns < TURNS) setImmediate(count);
  };
  setImmediate(count);
  for (let messages = 0; turns < TURNS; messages++) {
    assert.ok(messages < MESSAGES, `${turns} turns of the event loop in ${messages} messages`);
    await exchange();
  }
}

test("two sockets of a thread that keep each other busy leave the event loop its turns", async () => {
  await using pull = new Pull();
  await using push = new Push();
  await pull.bind("inproc://busy");
  push.connect("inproc://busy");
  await push.peers(1);
  const message = new Uint8Array(64);
  const reading = (async () => {
    for await (const _ of pull);
  })();
  await leavesTurns(() => push.send(message));
  await push.close();
  await pull.close();
  await reading;
});

test("so do their streams", async () => {
  await using a = new Pair();
  await using b = new Pair();
  await a.bind("inproc://streams");
  b.connect("inproc://streams");
  await a.peers(1);
  const message = new Uint8Array(64);
  const writer = a.writable.getWriter();
  const reader = b.readable.getReader();
  await leavesTurns(async () => {
    await writer.ready;
    writer.write(message);
    await reader.read();
  });
  reader.releaseLock();
});

test("so do requests and their answers", async () => {
  await using rep = new Rep();
  await using req = new Req();
  await rep.bind("inproc://requests");
  req.connect("inproc://requests");
  const serving = rep.serve((request) => request);
  await leavesTurns(() => req.request("?"));
  await req.close();
  await rep.close();
  await serving;
});

test("what a peer that closes had no room for goes to the next", async () => {
  await using push = new Push({ sendBuffer: Infinity });
  await push.bind("inproc://closing");
  const slow = new Pull({ receiveBuffer: 1 });
  slow.connect("inproc://closing");
  await push.peers(1);
  for (let i = 0; i < 50; i++) await push.send(`${i}`.padEnd(100_000));
  await slow.close({ linger: 0 });
  const lost = slow.stats().drops.closed!;
  assert.ok(lost > 0 && lost < 5, `${lost}`);
  await using quick = new Pull();
  quick.connect("inproc://closing");
  for (let i = lost; i < 50; i++) {
    const message = await quick.receive();
    assert.equal(new TextDecoder().decode(message).trimEnd(), `${i}`);
  }
});

/** At `close`: delivered + dropped = accepted, for every size of message, over every transport. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Pub, Pull, Push, Sub } from "../../mod.ts";
import { utf8 } from "../helpers/bytes.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { calm } from "../helpers/turns.ts";
import { attached, PATIENCE, settled } from "./stage.ts";
import { leaveTransports, TRANSPORTS } from "./transports.ts";

after(leaveTransports);

function sum(drops: Readonly<Record<string, number>>): number {
  return Object.values(drops).reduce((total, count) => total + count, 0);
}

/**
 * Where no runtime tells how much of a write has left, once it is broken off: in TLS, and in the `node:net` of Deno and Bun, which
 * their WebSockets go through. All messages of that write count as dropped there, though some of them may have arrived.
 */
function isVague(name: string): boolean {
  return name === "tls+tcp" || name === "wss" ||
    name === "ws" && ("Bun" in globalThis || "Deno" in globalThis);
}

for (const { name, open } of TRANSPORTS) {
  // What a stream of the user's does with a chunk that it has taken, when it is aborted, is its own affair.
  if (name === "an attached stream") continue;
  for (const size of [10, 3000, 100_000, 1_000_000]) {
    test(`a PUSH over ${name} closed while its PULL does not read: each message of ${size} bytes is delivered or counted`, async () => {
      await using place = await open();
      await using pull = new Pull({ receiveBuffer: 1000, receiveTimeout: PATIENCE });
      const push = new Push({ sendBuffer: 4_000_000 });
      await place.listen(pull);
      place.dial(push);
      await attached(push, pull);
      let accepted = 0;
      const most = Math.ceil(20_000_000 / (size + 100));
      // To look at the queue takes longer than to send a small message.
      const between = Math.max(1, Math.floor(100_000 / (size + 100)));
      while (accepted < most && push.stats().peers[0]!.queuedBytes <= 3_000_000) {
        for (let i = 0; i < between; i++) await push.send(new Uint8Array(size));
        accepted += between;
      }
      await settled(() => pull.stats().messagesReceived);
      await push.close({ linger: 5 });
      // What has come when the connection breaks, and has no room, is the PULL's to count.
      const dropped = sum(push.stats().drops) + sum(pull.stats().drops);
      let delivered = 0;
      while (delivered + dropped < accepted) {
        await pull.receive();
        delivered++;
      }
      // And nothing more.
      await settled(() => pull.stats().messagesReceived);
      while (pull.stats().queuedMessages > 0) {
        await pull.receive();
        delivered++;
      }
      if (isVague(name)) assert.ok(delivered + dropped >= accepted);
      else assert.equal(delivered + dropped, accepted);
    });
  }
}

test("what comes after the close of a socket is counted", async () => {
  const pull = new Pull();
  const place = await MockPlace.of(pull);
  const peer = await place.peer({ framing: "message" });
  const closing = pull.close();
  peer.deliver(utf8("too late"));
  await closing;
  assert.deepEqual(pull.stats().drops, { closed: 1 });
  assert.equal(pull.stats().messagesReceived, 1);
});

test("a SUB counts what its filter threw away as received, and tells how much that was", async () => {
  await using sub = new Sub({ subscribe: "cpu" });
  const place = await MockPlace.of(sub);
  const peer = await place.peer();
  peer.deliver(utf8("cpu 1"), utf8("disk 1"), utf8("disk 2"));
  await calm();
  const { messagesReceived, messagesFiltered, drops } = sub.stats();
  assert.deepEqual([messagesReceived, messagesFiltered, drops], [1, 2, {}]);
  assert.equal(sub.stats().peers[0]!.messagesFiltered, 2);
});

test("events that a reader does not take in time are counted, and it is told how many", async () => {
  const pub = new Pub();
  const place = await MockPlace.of(pub);
  const reader = pub.events().getReader();
  const first = await place.peer();
  for (let i = 0; i < 1200; i++) {
    (await place.peer()).break();
    await calm();
  }
  assert.ok(first.over === false);
  const { value } = await reader.read();
  assert.ok(value?.type === "missed");
  assert.ok(value.count > 0);
  assert.equal(pub.stats().missedEvents, value.count);
  await reader.cancel();
  await pub.close();
});

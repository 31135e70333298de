/** What ends a connection whose peer is silent, stuck or too slow: `idleTimeout`, `sendStall`, `slowPeerTimeout`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pair, Pub, Pull, Push, type SocketOptions, Sub } from "../../mod.ts";
import { utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { HeldTimers } from "../helpers/held_timers.ts";
import type { MockConnection } from "../helpers/mock_connection.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { frame } from "../helpers/reference_codec.ts";
import { nextEvent } from "../helpers/next_event.ts";
import { calm } from "../helpers/turns.ts";

/** The time that is limited, and the time between two looks. */
const LIMIT = 40_000;
const PERIOD = 10_000;

function hold(): HeldTimers {
  return new HeldTimers((time) => time === PERIOD);
}

/** So many looks. */
async function look(timers: HeldTimers, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await calm();
    timers.fire();
  }
  await calm();
}

test("idleTimeout ends the connection of a peer that says nothing, and the event says why", async () => {
  using timers = hold();
  await using pull = new Pull({ idleTimeout: LIMIT });
  const events = pull.events().getReader();
  const place = await MockPlace.of(pull);
  const peer = await place.peer({ framing: "message" });
  await look(timers, 4);
  assert.equal(peer.destroyed, false);
  await look(timers, 1);
  assert.equal(peer.destroyed, true);
  const { reason } = await nextEvent(events, "detached");
  spError("ETIMEDOUT", "mock://peer-1", "40000 ms", "idleTimeout")(reason);
  assert.deepEqual(timers.times, []);
  const [endpoint] = pull.stats().endpoints;
  assert.deepEqual([endpoint!.broken, endpoint!.dropped], [1, 0]);
});

test("any chunk from a peer begins its idleTimeout again, be it part of a message", async () => {
  using timers = hold();
  await using pull = new Pull();
  const place = await MockPlace.of(pull, { idleTimeout: LIMIT });
  const silent = await place.peer({ framing: "message" });
  const slow = place.approach({ framing: "tcp" });
  slow.deliver(Uint8Array.of(0, 0x53, 0x50, 0, 0, 0x50, 0, 0));
  await pull.peers(2);
  const message = frame("tcp", utf8("a long story"));
  for (const byte of message) {
    slow.deliver(Uint8Array.of(byte));
    await look(timers, 3);
  }
  assert.deepEqual([silent.destroyed, slow.destroyed], [true, false]);
  assert.equal(pull.stats().messagesReceived, 1);
  await look(timers, 2);
  assert.equal(slow.destroyed, true);
});

test("messages that nobody has subscribed to are heard as well", async () => {
  using timers = hold();
  await using sub = new Sub({ subscribe: "cpu", idleTimeout: LIMIT });
  const place = await MockPlace.of(sub);
  const peer = await place.peer({ framing: "message" });
  for (let i = 0; i < 8; i++) {
    peer.deliver(utf8("disk"));
    await look(timers, 1);
  }
  assert.equal(peer.destroyed, false);
});

test("a peer that is not read, since its messages wait to be taken, is not silent", async () => {
  using timers = hold();
  await using pull = new Pull({ idleTimeout: LIMIT, receiveBuffer: 1 });
  const place = await MockPlace.of(pull);
  const peer = await place.peer({ framing: "message" });
  peer.deliver(utf8("first"));
  await look(timers, 20);
  assert.deepEqual([peer.paused, peer.destroyed], [true, false]);
  await pull.receive();
  assert.equal(peer.paused, false);
  // From now on it is listened to again.
  await look(timers, 3);
  assert.equal(peer.destroyed, false);
  await look(timers, 2);
  assert.equal(peer.destroyed, true);
});

test("sendStall ends a connection that takes nothing of a write, and its messages go elsewhere or are counted", async () => {
  using timers = hold();
  await using push = new Push({ sendStall: LIMIT });
  const events = push.events().getReader();
  const place = await MockPlace.of(push);
  const stuck = await place.peer({ framing: "message", stuck: true });
  await push.send("half gone");
  await stuck.until(({ writes }) => writes.length > 0);
  await push.send("not begun");
  await look(timers, 4);
  assert.equal(stuck.destroyed, false);
  await look(timers, 1);
  assert.equal(stuck.destroyed, true);
  const { reason } = await nextEvent(events, "detached");
  spError("ETIMEDOUT", "40000 ms", "sendStall")(reason);
  assert.deepEqual(push.stats().drops, { "peer-gone": 1 });
  const other = await place.peer({ framing: "message" });
  assert.deepEqual(await other.sent(1), ["not begun"]);
});

test("a write that makes progress is not stalled, nor is a peer to which there is nothing to send", async () => {
  using timers = hold();
  await using push = new Push({ sendStall: LIMIT });
  const place = await MockPlace.of(push);
  const peer = await place.peer({ framing: "message", stuck: true });
  await look(timers, 10);
  for (let i = 0; i < 4; i++) {
    await push.send(`${i}`);
    await peer.until(({ writes }) => writes.length === i + 1);
    await look(timers, 4);
    peer.drain();
  }
  // Of one long write, part after part.
  await push.send("long");
  await peer.until(({ writes }) => writes.length === 5);
  for (let left = 20; left > 0; left--) {
    peer.pending = left;
    await look(timers, 1);
  }
  assert.equal(peer.destroyed, false);
  await look(timers, 4);
  assert.equal(peer.destroyed, true);
});

for (const overflow of ["drop-oldest", "drop-newest"] as const) {
  test(`slowPeerTimeout ends the connection of a peer whose queue stays full, with ${overflow}`, async () => {
    using timers = hold();
    await using pub = new Pub({ slowPeerTimeout: LIMIT, sendBuffer: 100, overflow });
    const events = pub.events().getReader();
    const place = await MockPlace.of(pub);
    const slow = await place.peer({ framing: "message", stuck: true });
    const quick = await place.peer({ framing: "message" });
    let count = 0;
    const publish = async (): Promise<void> => {
      // Of several lengths, so that dropping makes more room than one of them needs.
      for (let i = 0; i < 10; i++) await pub.send("x".repeat(10 + count++ % 7));
    };
    await publish();
    for (let i = 0; i < 4; i++) {
      await look(timers, 1);
      await publish();
    }
    assert.equal(slow.destroyed, false);
    await look(timers, 1);
    assert.deepEqual([slow.destroyed, quick.destroyed], [true, false]);
    const { reason } = await nextEvent(events, "detached");
    spError("ETIMEDOUT", "40000 ms", "slowPeerTimeout")(reason);
  });
}

test("a full queue from which a write was taken, or one that is not full, is no slow peer's", async () => {
  using timers = hold();
  await using push = new Push({ slowPeerTimeout: LIMIT, sendBuffer: 20 });
  const place = await MockPlace.of(push);
  const slow = await place.peer({ framing: "message", stuck: true });
  const fill = async (): Promise<void> => {
    const sent = push.send("x".repeat(30), { timeout: 1 }).catch(spError("ETIMEDOUT"));
    await sent;
  };
  await push.send("small");
  await look(timers, 10);
  assert.equal(slow.destroyed, false);
  await fill();
  for (let i = 0; i < 5; i++) {
    await look(timers, 3);
    slow.drain();
    await fill();
  }
  assert.equal(slow.destroyed, false);
  await look(timers, 5);
  assert.equal(slow.destroyed, true);
});

test("nothing is watched without these options, without peers, and after close", async () => {
  using timers = new HeldTimers((time) => time !== undefined && time >= 1000 && time < 10_000);
  const unwatched = new Pair();
  await (await MockPlace.of(unwatched)).peer({ framing: "message" });
  assert.equal(timers.set, 0);
  await unwatched.close();
  for (const name of ["idleTimeout", "sendStall", "slowPeerTimeout"]) {
    const pair = new Pair({ [name]: 4444 });
    const place = await MockPlace.of(pair);
    assert.deepEqual(timers.times, []);
    const peer = await place.peer({ framing: "message" });
    assert.deepEqual(timers.times, [1111]);
    peer.break();
    await calm();
    assert.deepEqual(timers.times, []);
    await place.peer({ framing: "message" });
    assert.deepEqual(timers.times, [1111]);
    await pair.close();
    assert.deepEqual(timers.times, []);
  }
});

test("a closing socket is limited by linger, not by these", async () => {
  using timers = hold();
  const push = new Push({ idleTimeout: LIMIT, sendStall: LIMIT, linger: 60_000 });
  const place = await MockPlace.of(push);
  const peer = await place.peer({ framing: "message", stuck: true });
  await push.send("last");
  const closing = push.close();
  await calm();
  assert.deepEqual(timers.times, []);
  peer.release();
  await closing;
  assert.deepEqual(peer.texts, ["last"]);
});

test("several peers of an endpoint share one timer, and the shortest time sets its pace", async () => {
  using timers = hold();
  await using pair = new Pull({ idleTimeout: LIMIT, sendStall: 90_000, slowPeerTimeout: Infinity });
  const place = await MockPlace.of(pair);
  const peers: MockConnection[] = [];
  for (let i = 0; i < 5; i++) peers.push(await place.peer({ framing: "message" }));
  assert.equal(timers.set, 1);
  await look(timers, 5);
  assert.ok(peers.every(({ destroyed }) => destroyed));
});

test("the times are milliseconds, 1 or more, of sockets, endpoints and attached streams", async () => {
  const wrong: SocketOptions[] = [{ idleTimeout: 0 }, { sendStall: -1 }, { slowPeerTimeout: NaN }];
  const wanted = "milliseconds, 1 or more, or Infinity";
  await using pair = new Pair({ idleTimeout: Infinity, sendStall: 1e12, slowPeerTimeout: 1.5 });
  for (const options of wrong) {
    const [name = ""] = Object.keys(options);
    assert.throws(() => new Pair(options), spError("EINVAL", name, wanted));
    assert.throws(() => pair.connect("mock://x", options), spError("EINVAL", name, wanted));
    assert.throws(() => pair.attach({} as never, options), spError("EINVAL", name, wanted));
    await assert.rejects(pair.bind("mock://x", options), spError("EINVAL", name, wanted));
  }
});

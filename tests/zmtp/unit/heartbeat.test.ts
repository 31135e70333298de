/** Heartbeats: when peers are pinged, and when they are given up. Timers go off when the test says so. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SPError } from "../../../src/base/errors.ts";
import type { SessionHost, WireContext } from "../../../src/contracts/wire.ts";
import { type HeartbeatOptions, Heartbeats, type Pulse } from "../../../zmtp/wire/heartbeat.ts";
import { spError } from "../../helpers/errors.ts";
import { HeldTimers } from "../../helpers/held_timers.ts";

/** A peer that says something when the test says so. */
class Peer implements SessionHost {
  heard = 0;
  isPaused = false;
  /** TTLs of the pings that it got. */
  readonly pings: number[] = [];
  readonly errors: SPError[] = [];
  readonly pulse: Pulse;

  constructor(heartbeats: Heartbeats, takesPings = true) {
    const context = { connection: { remoteAddress: "mock://peer" } } as WireContext;
    this.pulse = heartbeats.begin(
      this,
      context,
      (ttl) => takesPings ? Uint8Array.of(ttl / 100) : undefined,
    );
  }

  reply(bytes: Uint8Array): void {
    this.pings.push(bytes[0]! * 100);
  }

  error(reason: unknown): void {
    this.errors.push(reason as SPError);
    this.pulse.stop();
  }

  control(): void {}
}

/** Looks until a peer is given up, or so often. */
function looks(timers: HeldTimers, most: number, until: () => boolean = () => false): number {
  let count = 0;
  for (; count < most && !until(); count++) timers.fire();
  return count;
}

function silent(options: HeartbeatOptions): { peer: Peer; timers: HeldTimers } {
  const timers = new HeldTimers();
  return { peer: new Peer(new Heartbeats(options)), timers };
}

test("without options nobody is pinged, and there is no timer", () => {
  for (const options of [{}, { interval: 0 }, { interval: Infinity }, { ttl: 1000, timeout: 5 }]) {
    const { peer, timers } = silent(options);
    assert.deepEqual([timers.times, peer.pings], [[], []]);
    peer.pulse.stop();
    timers[Symbol.dispose]();
  }
});

test("a peer is pinged every interval, and told our ttl", () => {
  const { peer, timers } = silent({ interval: 100, ttl: 300 });
  assert.deepEqual(timers.times, [25]);
  for (let i = 0; i < 40; i++) {
    peer.heard++;
    timers.fire();
  }
  assert.deepEqual(peer.pings, Array(10).fill(300));
  assert.deepEqual(peer.errors, []);
  peer.pulse.stop();
  assert.deepEqual(timers.times, []);
  timers[Symbol.dispose]();
});

test("a silent peer is given up when its time has passed after a ping", () => {
  const { peer, timers } = silent({ interval: 100, timeout: 400 });
  const count = looks(timers, 100, () => peer.errors.length > 0);
  // Pinged with the first look, and then four more in which nothing comes.
  assert.ok(count >= 5 && count <= 6, `${count}`);
  spError("ETIMEDOUT", "mock://peer", "400 ms", "heartbeat.timeout")(peer.errors[0]);
  assert.deepEqual(timers.times, [], "nothing is left");
  timers[Symbol.dispose]();
});

test("whatever comes keeps a peer, also late, and in the middle of a message", () => {
  const { peer, timers } = silent({ interval: 100, timeout: 400 });
  for (let i = 0; i < 50; i++) {
    looks(timers, 3);
    peer.heard++;
  }
  assert.deepEqual(peer.errors, []);
  peer.pulse.stop();
  timers[Symbol.dispose]();
});

test("a peer that is not read is not judged, and has its full time once it is", () => {
  const { peer, timers } = silent({ interval: 100, timeout: 400 });
  peer.isPaused = true;
  looks(timers, 50);
  assert.deepEqual(peer.errors, []);
  assert.ok(peer.pings.length > 10, "it is pinged meanwhile, so that it keeps us");
  peer.isPaused = false;
  const count = looks(timers, 100, () => peer.errors.length > 0);
  assert.ok(count >= 4, `${count}`);
  timers[Symbol.dispose]();
});

test("one timer looks after all peers, and ends with the last", () => {
  const timers = new HeldTimers();
  const heartbeats = new Heartbeats({ interval: 100 });
  const peers = Array.from({ length: 3 }, () => new Peer(heartbeats));
  assert.equal(timers.times.length, 1);
  for (const peer of peers) {
    assert.equal(timers.times.length, 1);
    peer.pulse.stop();
  }
  assert.deepEqual(timers.times, []);
  const next = new Peer(heartbeats);
  assert.equal(timers.times.length, 1);
  next.pulse.stop();
  timers[Symbol.dispose]();
});

test("a peer is given up by itself, and the others stay", () => {
  const timers = new HeldTimers();
  const heartbeats = new Heartbeats({ interval: 100 });
  const [quiet, loud] = [new Peer(heartbeats), new Peer(heartbeats)];
  for (let i = 0; i < 20; i++) {
    loud.heard++;
    timers.fire();
  }
  assert.deepEqual([quiet.errors.length, loud.errors.length], [1, 0]);
  loud.pulse.stop();
  timers[Symbol.dispose]();
});

test("where there is no ping there is no timer", () => {
  const timers = new HeldTimers();
  const peer = new Peer(new Heartbeats({ interval: 100 }), false);
  assert.deepEqual(timers.times, []);
  peer.pulse.stop();
  timers[Symbol.dispose]();
});

test("a peer's own ttl gives it up when nothing comes for so long, whatever our options say", () => {
  const { peer, timers } = silent({});
  peer.pulse.expect(700);
  assert.deepEqual(timers.times, [700]);
  peer.heard++;
  peer.pulse.expect(700);
  assert.deepEqual(timers.times, [700], "one timer, however many pings");
  timers.fire();
  assert.deepEqual([peer.errors, timers.times], [[], [700]]);
  timers.fire();
  spError("ETIMEDOUT", "700 ms")(peer.errors[0]);
  assert.deepEqual(timers.times, []);
  timers[Symbol.dispose]();
});

test("a ttl that is taken back by a ping with none gives nobody up", () => {
  const { peer, timers } = silent({});
  peer.pulse.expect(700);
  peer.pulse.expect(0);
  timers.fire();
  assert.deepEqual([peer.errors, timers.times], [[], []]);
  peer.pulse.expect(100);
  assert.deepEqual(timers.times, [100]);
  peer.pulse.stop();
  assert.deepEqual(timers.times, []);
  timers[Symbol.dispose]();
});

test("a ttl does not pass while the peer is not read", () => {
  const { peer, timers } = silent({});
  peer.pulse.expect(700);
  peer.isPaused = true;
  looks(timers, 5);
  assert.deepEqual(peer.errors, []);
  peer.isPaused = false;
  timers.fire();
  assert.equal(peer.errors.length, 1);
  timers[Symbol.dispose]();
});

test("a connection that has ended gets no pings, and no time", () => {
  const { peer, timers } = silent({ interval: 100 });
  peer.pulse.stop();
  peer.pulse.expect(100);
  assert.deepEqual([timers.times, peer.pings, peer.errors], [[], [], []]);
  timers[Symbol.dispose]();
});

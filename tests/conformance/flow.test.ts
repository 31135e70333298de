/** Readers that stop: who waits then, who loses what, and what it costs. The figures are in the output. */

import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import { setImmediate, setTimeout } from "node:timers/promises";
import { Pub, Pull, Push, type Socket, Sub } from "../../mod.ts";
import { attached, PATIENCE, patience, watch } from "./stage.ts";
import type { EventLog } from "./events_log.ts";
import { leaveTransports, type Place, type TransportCase, TRANSPORTS } from "./transports.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** More than any queue on the way holds, in bytes: Linux alone takes 37 MiB for a connection when it comes to it. */
const FLOOD = 64 * MIB;
/** The same where nothing goes through the system, in which no more waits than in the sockets' own queues. */
const FLOOD_WITHIN = 16 * MIB;
/** What a test of memory publishes in all, in bytes. */
const PUBLISHED = 400 * MIB;
/** What is published before that, so that the process has the size that its garbage gives it. */
const WARM_UP = 50 * MIB;
/** What is published where memory is not looked at: most of it cannot be on its way. */
const OVERFLOW = 128 * MIB;
/** What the process may grow by meanwhile: collectors take their time, in Bun more than in the others. */
const ALLOWED = PUBLISHED / 2;

after(leaveTransports);

const WITHIN: ReadonlySet<string> = new Set([
  "inproc",
  "inproc across a worker",
  "an attached stream",
  "a transport from outside",
]);

for (const { name, open } of TRANSPORTS) {
  const flood = WITHIN.has(name) ? FLOOD_WITHIN : FLOOD;
  const overflow = WITHIN.has(name) ? OVERFLOW / 2 : OVERFLOW;

  test(`a PUSH over ${name} into a peer that stops reading makes writer.ready wait`, async () => {
    await using place = await open();
    await using push = new Push({ linger: PATIENCE });
    await using pull = new Pull();
    await meet(place, pull, push);

    const body = new Uint8Array(4 * KIB);
    const writer = push.writable.getWriter();
    let sent = 0;
    while (await isReady(writer) && sent * body.length < flood) {
      writer.write(body);
      sent++;
    }
    const bytes = sent * body.length;
    figure(`${name}: writer.ready waited after ${sent} messages, ${mib(bytes)} MiB`);
    assert.ok(bytes < flood, "writer.ready never waited");
    assert.ok(writer.desiredSize! <= 0);
    assert.ok(pull.stats().queuedMessages * body.length <= 2 * MIB);

    for (let i = 0; i < sent; i++) await pull.receive({ signal: patience() });
    await writer.ready;
    await writer.close();
    assert.equal(pull.stats().queuedMessages, 0);
  });

  // What is dropped is the queue's, and that is the same on all transports: one shows that it is let go of. Small messages are copied, large
  // ones are not. Of the others it is enough that they take no more than they can pass on.
  for (const size of name === "tcp" ? [4 * KIB, 64 * KIB] : []) {
    test(`a subscriber over ${name} that stops reading holds memory flat while ${size} byte messages are published`, async () => {
      await using meeting = await deaf(open);
      const { pub } = meeting;
      await publish(pub, size, WARM_UP);
      const before = memory();
      const highest = await publish(pub, size, PUBLISHED);
      const grown = highest - before;
      figure(`${name}: the process grew from ${mib(before)} MiB by ${mib(grown)} MiB`);
      await overflowed(name, meeting, size, WARM_UP + PUBLISHED);
      assert.ok(grown < ALLOWED, `grew by ${mib(grown)} MiB`);
    });
  }

  test(`a subscriber over ${name} that stops reading has most of what is published dropped, and told of`, async () => {
    await using meeting = await deaf(open);
    await publish(meeting.pub, 64 * KIB, overflow);
    await overflowed(name, meeting, 64 * KIB, overflow);
  });

  test(`a subscriber over ${name} that stops reading takes nothing from the others`, async () => {
    await using place = await open();
    await using pub = new Pub();
    await using slow = new Sub({ subscribe: "" });
    await using good = new Sub({ subscribe: "" });
    await place.listen(pub);
    place.dial(slow);
    place.dial(good);
    await pub.peers(2, { signal: patience() });
    const body = new Uint8Array(64 * KIB);
    const burst = Array.from({ length: 8 }, (_, i) => i);
    for (let sent = 0; sent < flood / body.length; sent += burst.length) {
      for (const i of burst) await pub.send(body.fill(i, 0, 1).slice());
      for (const i of burst) assert.equal((await good.receive({ signal: patience() }))[0], i);
    }
    const drops = pub.stats().peers.map((peer) => peer.drops.overflow ?? 0).sort((a, b) => a - b);
    assert.equal(drops[0], 0);
    assert.ok(drops[1]! > 0);
  });

  test(`a PUB over ${name} with overflow "block" waits for its slowest subscriber`, async () => {
    await using place = await open();
    await using pub = new Pub({ overflow: "block", sendBuffer: 64 * KIB, linger: PATIENCE });
    await using sub = new Sub({ subscribe: "" });
    await meet(place, pub, sub);
    const writer = pub.writable.getWriter();
    let sent = 0;
    const count = flood / (64 * KIB);
    while (await isReady(writer) && sent < count) {
      writer.write(new Uint8Array(64 * KIB).fill(sent));
      sent++;
    }
    assert.ok(sent < count, "writer.ready never waited");
    for (let i = 0; i < sent; i++) {
      const message = await sub.receive({ signal: patience() });
      assert.equal(message[0], i & 0xff);
    }
    await writer.close();
    assert.deepEqual(pub.stats().drops, {});
  });

  test(`a PUB over ${name} with overflow "drop-newest" keeps the oldest`, async () => {
    await using place = await open();
    await using pub = new Pub({ overflow: "drop-newest", sendBuffer: 256 * KIB });
    await using sub = new Sub({ subscribe: "" });
    await meet(place, pub, sub);
    for (let i = 0; i < flood / (64 * KIB); i++) {
      const message = new Uint8Array(64 * KIB);
      message.set([i >> 8, i & 0xff]);
      await pub.send(message);
      if (i % 64 === 0) await setImmediate();
    }
    const lost = pub.stats().drops.overflow ?? 0;
    assert.ok(lost > 0);
    for (let i = 0; i < 4; i++) {
      const message = await sub.receive({ signal: patience() });
      assert.equal(message[0]! << 8 | message[1]!, i);
    }
  });
}

/** A publisher, and a subscriber that reads nothing. */
interface Deaf extends AsyncDisposable {
  readonly pub: Pub;
  readonly sub: Sub;
  readonly log: EventLog;
}

async function deaf(open: TransportCase["open"]): Promise<Deaf> {
  const place = await open();
  const [pub, sub] = [new Pub(), new Sub({ subscribe: "" })];
  await meet(place, pub, sub);
  return {
    ...{ pub, sub, log: watch(pub) },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([pub.close({ linger: 0 }), sub.close()]);
      await place[Symbol.asyncDispose]();
    },
  };
}

/** Fails unless most of what was published was dropped, counted, and told in few events. */
async function overflowed(
  name: string,
  { pub, sub, log }: Deaf,
  size: number,
  bytes: number,
): Promise<void> {
  const count = bytes / size;
  const { drops, peers } = pub.stats();
  const lost = drops.overflow ?? 0;
  figure(`${name}: published ${mib(bytes)} MiB in ${count} messages, dropped ${lost}`);
  assert.ok(lost > count / 2, `dropped ${lost} of ${count}`);
  assert.equal(peers[0]!.drops.overflow, lost);
  assert.ok(peers[0]!.queuedBytes <= 2 * MIB, `${peers[0]!.queuedBytes} bytes queued`);
  assert.ok(sub.stats().queuedMessages * size <= 2 * MIB);

  const { reason, peer } = await log.next("dropped");
  assert.equal(reason, "overflow");
  assert.equal(peer!.id, peers[0]!.id);
  const told = (): number => log.of("dropped").reduce((sum, { count }) => sum + count, 0);
  await log.next("dropped", () => told() >= lost);
  assert.ok(log.of("dropped").length < lost / 10, "one event for each message");
}

/** Publishes that many bytes. Returns the most that the process occupied meanwhile. */
async function publish(pub: Pub, size: number, bytes: number): Promise<number> {
  let highest = 0;
  for (let i = 0; i < bytes / size; i++) {
    // Memory of its own for each message: a queue that kept them would show.
    await pub.send(new Uint8Array(size).fill(i));
    if (i % (MIB / size) !== 0) continue;
    await setImmediate();
    highest = Math.max(highest, memory());
  }
  return highest;
}

async function meet(place: Place, listener: Socket, dialer: Socket): Promise<void> {
  await place.listen(listener);
  place.dial(dialer);
  await attached(listener, dialer);
}

/** Whether a writer takes more, now or within a while in which its peer could have made room. */
async function isReady(writer: WritableStreamDefaultWriter<unknown>): Promise<boolean> {
  if (writer.desiredSize! > 0) return true;
  const giveUp = new AbortController();
  const waited = setTimeout(200, false, { signal: giveUp.signal }).catch(() => false);
  const ready = await Promise.race([writer.ready.then(() => true), waited]);
  giveUp.abort();
  return ready;
}

/** What the process occupies, in bytes. */
function memory(): number {
  return process.memoryUsage().rss;
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}

function figure(text: string): void {
  console.log(text);
}

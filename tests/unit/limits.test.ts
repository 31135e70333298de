/** How many peers and handshakes a listener and a socket have at most, and how refusals are told. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Pull, Push } from "../../patterns/pipeline.ts";
import type { SocketEvent } from "../../src/surface/events.ts";
import { spError } from "../helpers/errors.ts";
import { MockConnection, type MockOptions } from "../helpers/mock_connection.ts";
import { expectDials, MockPlace } from "../helpers/mock_transport.ts";
import { nextEvent } from "../helpers/next_event.ts";
import { spHeader } from "../helpers/reference_codec.ts";
import { calm } from "../helpers/turns.ts";

const GOOD = spHeader(0x50);
const BYTES: MockOptions = { framing: "tcp" };

function from(host: string, port: number): MockOptions {
  return { framing: "tcp", remoteAddress: `mock://${host}:${port}` };
}

/** The sum of what events of a type say. */
async function gather(
  events: ReadableStreamDefaultReader<SocketEvent>,
  total: number,
): Promise<number> {
  let told = 0;
  for (let count = 0; count < total; told++) {
    const event = await nextEvent(events, "rejected");
    count += event.count;
    assert.ok(count <= total, `${count} of ${total}`);
  }
  return told;
}

describe("a listener with maxPeers", () => {
  test("refuses one more before it says a word, and tells why", async () => {
    await using pull = new Pull();
    const events = pull.events().getReader();
    const place = await MockPlace.of(pull, { maxPeers: 1 });
    const first = place.approach(BYTES);
    first.deliver(GOOD);
    await pull.peers(1);
    const second = place.approach({ ...BYTES, remoteAddress: "mock://second" });
    assert.equal(second.destroyed, true);
    assert.deepEqual(second.writes, []);
    const { remoteAddress, reason, count } = await nextEvent(events, "rejected");
    assert.deepEqual([remoteAddress, reason.code, count], ["mock://second", "EMAXPEERS", 1]);
    assert.match(reason.message, /has reached maxPeers, 1$/);
    const [{ rejected, rejections, peers, inProgress } = assert.fail()] = pull.stats().endpoints;
    assert.deepEqual([rejected, rejections, peers, inProgress], [1, { EMAXPEERS: 1 }, 1, 0]);
  });

  test("counts those whose handshake is under way", async () => {
    await using pull = new Pull();
    const place = await MockPlace.of(pull, { maxPeers: 2 });
    const crowd = Array.from({ length: 5 }, () => place.approach(BYTES));
    assert.deepEqual(crowd.map(({ destroyed }) => destroyed), [false, false, true, true, true]);
    for (const one of crowd.slice(0, 2)) one.deliver(GOOD);
    await pull.peers(2);
  });

  test("has a place again when a peer has left, or a handshake has failed", async () => {
    await using pull = new Pull();
    const events = pull.events().getReader();
    const place = await MockPlace.of(pull, { maxPeers: 1 });
    const peer = await place.peer();
    peer.hangUp();
    await nextEvent(events, "detached");
    const wrong = place.approach(BYTES);
    assert.equal(wrong.destroyed, false);
    wrong.deliver(spHeader(0x10));
    assert.equal((await nextEvent(events, "rejected")).reason.code, "EPROTO");
    await place.peer();
    assert.equal(pull.stats().peers.length, 1);
  });

  test("has a limit of its own, whatever the other listeners have", async () => {
    await using pull = new Pull();
    const small = await MockPlace.of(pull, { maxPeers: 1 });
    const large = await MockPlace.of(pull);
    await large.peer();
    await large.peer();
    await small.peer();
    assert.equal(small.approach(BYTES).destroyed, true);
    assert.equal(large.approach(BYTES).destroyed, false);
  });
});

describe("a socket with maxPeers", () => {
  test("counts the peers of all its endpoints, and those on their way", async () => {
    await using pull = new Pull({ maxPeers: 3 });
    const events = pull.events().getReader();
    const one = await MockPlace.of(pull);
    const other = await MockPlace.of(pull);
    pull.connect(expectDials(new MockConnection()));
    await pull.peers(1);
    await one.peer();
    other.approach(BYTES);
    assert.equal(one.approach(BYTES).destroyed, true);
    assert.equal(other.approach(BYTES).destroyed, true);
    assert.equal(await gather(events, 2), 2);
  });

  test("does not dial while there is no place, tells so, and dials when there is one", async () => {
    await using pull = new Pull({ maxPeers: 1, reconnectMin: 0, reconnectMax: 0 });
    const events = pull.events().getReader();
    const place = await MockPlace.of(pull);
    const peer = await place.peer();
    const connection = new MockConnection({ remoteAddress: "mock://dialled" });
    pull.connect(expectDials(connection));
    const { reason, retryIn } = await nextEvent(events, "connect-failed");
    assert.equal(reason.code, "EMAXPEERS");
    assert.ok(retryIn >= 0);
    peer.hangUp();
    await nextEvent(events, "detached");
    const attached = await nextEvent(events, "attached");
    assert.equal(attached.peer.remoteAddress, "mock://dialled");
    assert.equal(connection.destroyed, false);
  });

  test("has a dialer with failFast give up", async () => {
    await using pull = new Pull({ maxPeers: 1 });
    await (await MockPlace.of(pull)).peer();
    const { opened } = pull.connect(expectDials(new MockConnection()), { failFast: true });
    await assert.rejects(opened, spError("EMAXPEERS", "maxPeers"));
  });

  test("lets go of what two dialers have made for one place", async () => {
    await using pull = new Pull({ maxPeers: 1 });
    const events = pull.events().getReader();
    const made = [new MockConnection(BYTES), new MockConnection(BYTES)];
    for (const one of made) pull.connect(expectDials(one));
    assert.equal((await nextEvent(events, "rejected")).reason.code, "EMAXPEERS");
    assert.deepEqual(made.map(({ destroyed }) => destroyed).sort(), [false, true]);
  });

  test("takes no streams beyond it", async () => {
    await using push = new Push({ maxPeers: 1 });
    await (await MockPlace.of(push)).peer();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const { opened } = push.attach({ readable, writable });
    await assert.rejects(opened, spError("EMAXPEERS", "maxPeers"));
    assert.equal(push.stats().peers.length, 1);
  });
});

describe("a listener with maxHandshakes", () => {
  test("lets go of the oldest when there have been more for a while, and goes on with the others", async () => {
    await using pull = new Pull();
    const events = pull.events().getReader();
    const place = await MockPlace.of(pull, { maxHandshakes: 2 });
    const crowd = [1, 2, 3, 4].map((n) =>
      place.approach({ ...BYTES, remoteAddress: `mock://${n}` })
    );
    for (const n of [1, 2]) {
      const { remoteAddress, reason } = await nextEvent(events, "rejected");
      assert.deepEqual([remoteAddress, reason.code], [`mock://${n}`, "EMAXHANDSHAKES"]);
    }
    assert.deepEqual(crowd.map(({ destroyed }) => destroyed), [true, true, false, false]);
    for (const one of crowd.slice(2)) one.deliver(GOOD);
    await pull.peers(2);
    const [{ rejections, inProgress } = assert.fail()] = pull.stats().endpoints;
    assert.deepEqual([rejections, inProgress], [{ EMAXHANDSHAKES: 2 }, 0]);
  });

  test("counts those about whom an accept hook has not decided", async () => {
    await using pull = new Pull();
    const events = pull.events().getReader();
    const answers: ((yes: boolean) => void)[] = [];
    const accept = (): Promise<boolean> => new Promise((resolve) => answers.push(resolve));
    const place = await MockPlace.of(pull, { maxHandshakes: 1, accept });
    const first = place.approach();
    await calm();
    const second = place.approach({ remoteAddress: "mock://second" });
    assert.equal((await nextEvent(events, "rejected")).reason.code, "EMAXHANDSHAKES");
    await calm();
    for (const answer of answers) answer(true);
    assert.equal((await nextEvent(events, "attached")).peer.remoteAddress, "mock://second");
    assert.deepEqual([first.destroyed, second.destroyed], [true, false]);
  });

  test("does not count peers", async () => {
    await using pull = new Pull();
    const place = await MockPlace.of(pull, { maxHandshakes: 1 });
    for (let i = 0; i < 5; i++) {
      const connection = place.approach(BYTES);
      connection.deliver(GOOD);
      await pull.peers(i + 1);
    }
    assert.deepEqual(pull.stats().endpoints[0]!.rejections, {});
  });

  test("has 1,024 by default", async () => {
    await using pull = new Pull();
    const events = pull.events().getReader();
    const place = await MockPlace.of(pull);
    const crowd = Array.from({ length: 1025 }, () => place.approach(BYTES));
    await nextEvent(events, "rejected");
    assert.deepEqual(crowd.map(({ destroyed }) => destroyed).lastIndexOf(true), 0);
    assert.equal(pull.stats().endpoints[0]!.inProgress, 1024);
  });
});

describe("a listener with maxPeersPerHost", () => {
  test("refuses one more of the same host, and takes in others", async () => {
    await using pull = new Pull();
    const events = pull.events().getReader();
    const place = await MockPlace.of(pull, { maxPeersPerHost: 2 });
    const ports = [1, 2, 3].map((port) => place.approach(from("10.0.0.7", port)));
    assert.deepEqual(ports.map(({ destroyed }) => destroyed), [false, false, true]);
    const { reason } = await nextEvent(events, "rejected");
    assert.equal(reason.code, "EMAXPEERSPERHOST");
    assert.match(reason.message, /10\.0\.0\.7:3.* reached maxPeersPerHost, 2/);
    const six = [1, 2, 3].map((port) => place.approach(from("[fe80::7]", port)));
    assert.deepEqual(six.map(({ destroyed }) => destroyed), [false, false, true]);
    assert.equal(place.approach(from("10.0.0.8", 1)).destroyed, false);
  });

  test("has a place again when a peer of that host has left, or its handshake has failed", async () => {
    await using pull = new Pull();
    const events = pull.events().getReader();
    const place = await MockPlace.of(pull, { maxPeersPerHost: 1 });
    for (let port = 1; port <= 3; port++) {
      const peer = place.approach(from("10.0.0.7", port));
      peer.deliver(GOOD);
      await nextEvent(events, "attached");
      assert.equal(place.approach(from("10.0.0.7", 100 + port)).destroyed, true);
      peer.hangUp();
      await nextEvent(events, "detached");
      const wrong = place.approach(from("10.0.0.7", 200 + port));
      wrong.deliver(spHeader(0x10));
      await nextEvent(events, "rejected", ({ reason }) => reason.code === "EPROTO");
    }
  });

  test("limits nobody who has no host", async () => {
    await using pull = new Pull();
    const place = await MockPlace.of(pull, { maxPeersPerHost: 1 });
    const remoteAddress = "mock:///tmp/socket";
    for (let i = 0; i < 3; i++) {
      assert.equal(place.approach({ ...BYTES, remoteAddress }).destroyed, false);
    }
  });
});

describe("refusals", () => {
  test("are told one by one while they are few", async () => {
    await using pull = new Pull();
    const events = pull.events().getReader();
    const place = await MockPlace.of(pull, { maxPeers: 1 });
    place.approach(BYTES);
    for (let i = 0; i < 3; i++) place.approach(BYTES);
    assert.equal(await gather(events, 3), 3);
  });

  test("are told together when they are many, and none is left out", async () => {
    await using pull = new Pull();
    const events = pull.events().getReader();
    const place = await MockPlace.of(pull, { maxPeers: 1 });
    place.approach(BYTES);
    const flood = 10_000;
    for (let i = 0; i < flood; i++) place.approach(BYTES);
    const told = await gather(events, flood);
    assert.ok(told < 50, `${told} events`);
    const [{ rejected, rejections } = assert.fail()] = pull.stats().endpoints;
    assert.deepEqual([rejected, rejections], [flood, { EMAXPEERS: flood }]);
  });

  test("that are gathered are told before the socket's events end", async () => {
    const pull = new Pull();
    const events = pull.events().getReader();
    const place = await MockPlace.of(pull, { maxPeers: 1 });
    place.approach(BYTES);
    for (let i = 0; i < 100; i++) place.approach(BYTES);
    await pull.close();
    assert.ok(await gather(events, 100) < 50);
  });
});

test("limits that are no whole numbers from 1, and no Infinity, are refused", async () => {
  await using pull = new Pull();
  for (const name of ["maxPeers", "maxHandshakes", "maxPeersPerHost"]) {
    for (const value of [0, -1, 1.5, "2"]) {
      const options = { [name]: value };
      await assert.rejects(pull.bind("mock://limits", options), spError("EINVAL", name));
    }
  }
  assert.throws(() => new Pull({ maxPeers: 0 }), spError("EINVAL", "maxPeers"));
  assert.throws(() => pull.connect("mock://limits", { maxPeers: 1 } as object), spError("EINVAL"));
});

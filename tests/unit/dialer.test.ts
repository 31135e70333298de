/** Connecting, and connecting again, with mock connections. */

import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import { Push } from "../../patterns/pipeline.ts";
import { SPError } from "../../src/base/errors.ts";
import type { SocketEvent } from "../../src/surface/events.ts";
import type { ConnectOptions } from "../../src/surface/options.ts";
import { utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { HeldTimers } from "../helpers/held_timers.ts";
import { MockConnection } from "../helpers/mock_connection.ts";
import { expectDials, expectSilence } from "../helpers/mock_transport.ts";
import { nextEvent } from "../helpers/next_event.ts";
import { calm, turn } from "../helpers/turns.ts";

/** Connections that dials come to, so many. */
function connections(count: number): MockConnection[] {
  return Array.from(
    { length: count },
    (_, i) => new MockConnection({ remoteAddress: `mock://dialled-${i}` }),
  );
}

const QUICK = { reconnectMin: 1, reconnectMax: 2 };

describe("a dialer", () => {
  test("tells of its first peer, and counts it", async () => {
    await using push = new Push();
    const address = expectDials(...connections(1));
    const dialer = push.connect(address);
    const peer = await dialer.opened;
    assert.equal(dialer.address, address);
    assert.equal(peer.remoteAddress, "mock://dialled-0");
    assert.equal(peer.endpoint, address);
    assert.equal(peer.role, "connect");
    assert.equal(peer.protocol, "pull");
    const [endpoint] = push.stats().endpoints;
    assert.deepEqual(
      [endpoint?.role, endpoint?.peers, endpoint?.established, endpoint?.connectErrors],
      ["connect", 1, 1, 0],
    );
  });

  test("connects again when the connection is lost, and sends there what was left", async () => {
    await using push = new Push();
    const [first, second] = connections(2) as [MockConnection, MockConnection];
    first.stuck = true;
    const dialer = push.connect(expectDials(first, second), QUICK);
    await dialer.opened;
    await push.send("written");
    await first.sent(1);
    await push.send("left");
    first.break(new SPError("ECONNRESET", "reset"));
    assert.deepEqual(await second.sent(1), ["left"]);
    const [endpoint] = push.stats().endpoints;
    assert.deepEqual([endpoint?.established, endpoint?.broken, endpoint?.dropped], [2, 1, 0]);
  });

  test("connects again when the peer closes in order, and counts that apart", async () => {
    await using push = new Push();
    const [first, second] = connections(2) as [MockConnection, MockConnection];
    const dialer = push.connect(expectDials(first, second), QUICK);
    await dialer.opened;
    const events = push.events().getReader();
    first.hangUp();
    assert.equal((await nextEvent(events, "detached")).reason, undefined);
    assert.equal((await nextEvent(events, "attached")).peer.remoteAddress, second.remoteAddress);
    const [endpoint] = push.stats().endpoints;
    assert.deepEqual([endpoint?.established, endpoint?.broken, endpoint?.dropped], [2, 0, 1]);
  });

  test("tells why each try failed and how long it waits, longer and longer, and goes on", async () => {
    await using push = new Push();
    const events = push.events().getReader();
    const address = expectDials();
    const dialer = push.connect(address, { reconnectMin: 1, reconnectMax: 50 });
    for (const limit of [1, 20, 40, 50, 50]) {
      const { reason, endpoint, retryIn } = await nextEvent(events, "connect-failed");
      assert.equal(reason.code, "ECONNREFUSED");
      assert.equal(endpoint, address);
      assert.ok(retryIn >= 0 && retryIn < limit, `${retryIn} of ${limit}`);
    }
    assert.ok(push.stats().endpoints[0]!.connectErrors >= 5);
    await dialer.close();
    await assert.rejects(dialer.opened, spError("ECLOSED"));
    assert.deepEqual(push.stats().endpoints, []);
  });

  test("with failFast gives up when the first try fails, and not when a later one does", async () => {
    await using push = new Push();
    const failing = push.connect(expectDials(), { failFast: true });
    await assert.rejects(failing.opened, spError("ECONNREFUSED"));
    assert.deepEqual(push.stats().endpoints, []);
    const [first] = connections(1) as [MockConnection];
    const dialer = push.connect(expectDials(first), { ...QUICK, failFast: true });
    await dialer.opened;
    const events = push.events().getReader();
    first.break();
    await nextEvent(events, "connect-failed");
    await nextEvent(events, "connect-failed");
    assert.equal(push.stats().endpoints.length, 1);
  });

  test("with failFast rejects where the peer speaks another protocol", async () => {
    await using push = new Push();
    const connection = new MockConnection({ framing: "tcp" });
    connection.deliver(utf8("HTTP/1.1 400 Bad Request\r\n"));
    const dialer = push.connect(expectDials(connection), { failFast: true });
    await assert.rejects(dialer.opened, spError("EPROTO", "does not speak SP"));
    assert.equal(connection.destroyed, true);
  });

  test("keeps backing off from a peer that takes it in and lets go at once", async () => {
    await using push = new Push();
    const all = connections(4);
    for (const connection of all) connection.hangUp();
    const events = push.events().getReader();
    push.connect(expectDials(...all), { reconnectMin: 1, reconnectMax: 1 });
    const seen: SocketEvent["type"][] = [];
    while (!seen.includes("connect-failed")) {
      const { value } = await events.read();
      seen.push(value!.type);
    }
    assert.equal(seen.filter((type) => type === "attached").length, 4);
    assert.equal(seen.filter((type) => type === "detached").length, 4);
  });

  test("whose reconnectMin is 0 waits all the same, when nobody is there or a peer lets go at once", async () => {
    const { mock: random } = mock.method(Math, "random", () => 0.5);
    try {
      using timers = new HeldTimers((time = 0) => time > 0 && time < 1000);
      await using push = new Push();
      const all = connections(4);
      const events = push.events().getReader();
      push.connect(expectDials(...all), { reconnectMin: 0 });
      for (const connection of all) {
        await nextEvent(events, "attached");
        connection.hangUp();
        await nextEvent(events, "detached");
        // The first try again follows at once.
        if (connection !== all[0]) {
          while (timers.times.length === 0) await turn();
          timers.fire();
        }
      }
      const { retryIn } = await nextEvent(events, "connect-failed");
      assert.equal(retryIn, 80);
      assert.equal(timers.set, 4);
    } finally {
      random.restore();
    }
  });

  test("that is closed writes what its peer was given, ends, and connects no more", async () => {
    await using push = new Push();
    const [first, second] = connections(2) as [MockConnection, MockConnection];
    const dialer = push.connect(expectDials(first, second), QUICK);
    await dialer.opened;
    push.send("last");
    await dialer.close();
    assert.deepEqual(first.texts, ["last"]);
    assert.equal(first.ended, true);
    await calm();
    assert.deepEqual(push.stats().peers, []);
    assert.deepEqual(second.writes, []);
    await dialer.close();
  });

  test("that is closed while it waits leaves no timer behind", async () => {
    const push = new Push();
    const events = push.events().getReader();
    push.connect(expectDials(), { reconnectMin: 600_000_000, reconnectMax: 600_000_000 });
    await nextEvent(events, "connect-failed");
    await push.close();
  });

  test("tries once where its pause is Infinity, or longer than a timer can be", async () => {
    for (const reconnectMin of [Infinity, 1e300]) {
      const push = new Push();
      const events = push.events().getReader();
      push.connect(expectDials(), { reconnectMin });
      const { retryIn } = await nextEvent(events, "connect-failed");
      assert.ok(retryIn > 2 ** 31, `${retryIn}`);
      // A timer that is too long fires after a millisecond.
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 1));
      assert.equal(push.stats().endpoints[0]!.connectErrors, 1);
      await push.close();
    }
  });

  test("gives up a try that takes longer than connectTimeout, tells, and tries again", async () => {
    await using push = new Push();
    const { address, dials } = expectSilence();
    const events = push.events().getReader();
    push.connect(address, { ...QUICK, connectTimeout: 1 });
    const { reason, retryIn } = await nextEvent(events, "connect-failed");
    assert.equal(reason.code, "ETIMEDOUT");
    assert.equal(reason.message, `Cannot connect to "${address}": no connection in 1 ms`);
    assert.ok(retryIn >= 0 && retryIn < 20);
    assert.equal(dials[0]!.context.signal.reason, reason);
    await nextEvent(events, "connect-failed");
    assert.ok(dials.length >= 2, `${dials.length}`);
    // What comes of a try that was given up is not wanted any more.
    const [late] = connections(1) as [MockConnection];
    dials[0]!.answer(late);
    await late.until(({ destroyed }) => destroyed);
    assert.deepEqual(push.stats().peers, []);
  });

  test("waits on where the transport has reached its peer, or connectTimeout is Infinity", async () => {
    for (const connectTimeout of [1, Infinity]) {
      using timers = new HeldTimers((time) => time === connectTimeout);
      await using push = new Push();
      const { address, dials } = expectSilence();
      const dialer = push.connect(address, { connectTimeout });
      while (dials.length === 0) await turn();
      dials[0]!.context.reached?.();
      assert.deepEqual(timers.times, []);
      dials[0]!.answer(connections(1)[0]!);
      await dialer.opened;
    }
  });

  test("that is closed while it connects gives the try up at once", async () => {
    await using push = new Push();
    const { address, dials } = expectSilence();
    const dialer = push.connect(address);
    while (dials.length === 0) await turn();
    await dialer.close();
    await assert.rejects(dialer.opened, spError("ECLOSED"));
    assert.equal(dials[0]!.context.signal.aborted, true);
    const [late] = connections(1) as [MockConnection];
    dials[0]!.answer(late);
    await late.until(({ destroyed }) => destroyed);
  });

  test("gives up after maxAttempts failed tries, closes itself, and says so", async () => {
    await using push = new Push(QUICK);
    const events = push.events();
    const address = expectDials();
    const dialer = push.connect(address, { maxAttempts: 3 });
    await assert.rejects(dialer.opened, spError("ECONNREFUSED"));
    assert.deepEqual(push.stats().endpoints, []);
    await push.close();
    const seen = await Array.fromAsync(events);
    assert.deepEqual(seen.map(({ type }) => type), ["connect-failed", "connect-failed", "gave-up"]);
    const last = seen[2] as Extract<SocketEvent, { type: "gave-up" }>;
    assert.deepEqual([last.endpoint, last.attempts, last.reason.code], [
      address,
      3,
      "ECONNREFUSED",
    ]);
  });

  test("counts the failed tries anew once a connection has stood, and not before", async () => {
    const clock = mock.method(performance, "now", () => now);
    let now = 0;
    try {
      await using push = new Push({ ...QUICK, maxAttempts: 2 });
      const events = push.events().getReader();
      const [hasty, lasting] = connections(2) as [MockConnection, MockConnection];
      const address = expectDials(hasty, lasting);
      const dialer = push.connect(address);
      await dialer.opened;
      hasty.hangUp();
      await nextEvent(events, "detached");
      await nextEvent(events, "attached");
      now += 20;
      lasting.hangUp();
      await nextEvent(events, "connect-failed");
      assert.equal((await nextEvent(events, "gave-up")).attempts, 2);
      assert.equal((await dialer.opened).remoteAddress, hasty.remoteAddress);
      assert.deepEqual(push.stats().endpoints, []);
    } finally {
      clock.mock.restore();
    }
  });

  test("says with failFast that it gave up", async () => {
    await using push = new Push();
    const events = push.events().getReader();
    await assert.rejects(push.connect(expectDials(), { failFast: true }).opened);
    assert.equal((await nextEvent(events, "gave-up")).attempts, 1);
  });

  test("gives up at the first try when the peer does not accept its credentials", async () => {
    await using push = new Push(QUICK);
    const events = push.events().getReader();
    const refused = new MockConnection({ framing: "tcp" });
    const reason = new SPError("EAUTH", "The peer does not accept our credentials");
    refused.start = (sink) => sink.closed(reason);
    const address = expectDials(refused, ...connections(1));
    const dialer = push.connect(address, { maxAttempts: 5 });
    await assert.rejects(dialer.opened, spError("EAUTH"));
    const gaveUp = await nextEvent(events, "gave-up");
    assert.deepEqual([gaveUp.endpoint, gaveUp.attempts, gaveUp.reason], [address, 1, reason]);
    assert.deepEqual(push.stats().endpoints, []);
  });

  test("gives up when a peer that it had says that it accepts its credentials no more", async () => {
    await using push = new Push(QUICK);
    const events = push.events().getReader();
    const [first, second] = connections(2) as [MockConnection, MockConnection];
    const address = expectDials(first, second);
    const dialer = push.connect(address);
    await dialer.opened;
    const reason = new SPError("EAUTH", "The peer does not accept our credentials");
    first.break(reason);
    assert.equal((await nextEvent(events, "detached")).reason, reason);
    const gaveUp = await nextEvent(events, "gave-up");
    assert.deepEqual([gaveUp.endpoint, gaveUp.attempts, gaveUp.reason], [address, 1, reason]);
    await turn();
    assert.deepEqual(push.stats().endpoints, []);
    assert.equal((await dialer.opened).remoteAddress, first.remoteAddress);
  });

  test("goes on when the wait for its first peer ends by connect's timeout or signal", async () => {
    const enough = new Error("enough");
    const controller = new AbortController();
    const waits: readonly [ConnectOptions, (error: unknown) => boolean][] = [
      [{ timeout: 1 }, spError("ETIMEDOUT", 'Cannot connect to "mock://', "1 ms")],
      [{ signal: AbortSignal.abort(enough) }, (error) => error === enough],
      [{ signal: controller.signal }, (error) => error === enough],
    ];
    for (const [options, isWanted] of waits) {
      await using push = new Push();
      const { address, dials } = expectSilence();
      const dialer = push.connect(address, options);
      while (dials.length === 0) await turn();
      controller.abort(enough);
      await assert.rejects(dialer.opened, isWanted);
      dials[0]!.answer(connections(1)[0]!);
      await push.peers(1);
      await assert.rejects(dialer.opened, isWanted);
    }
  });

  test("leaves no timer of connect's timeout behind, whatever comes first", async () => {
    using timers = new HeldTimers((time) => time === 5000);
    await using push = new Push();
    await push.connect(expectDials(...connections(1)), { timeout: 5000 }).opened;
    await push.connect(expectSilence().address, { timeout: 5000 }).close();
    const failing = push.connect(expectDials(), { timeout: 5000, failFast: true });
    await assert.rejects(failing.opened);
    assert.deepEqual([timers.set, timers.times], [3, []]);
  });

  test("need not be awaited: one that never connects is no unhandled rejection", async () => {
    const push = new Push();
    push.connect(expectDials(), { failFast: true });
    push.connect(expectDials());
    await calm();
    await push.close();
    await calm();
  });
});

describe("connect", () => {
  test("throws on a bad address, and only then", async () => {
    const push = new Push();
    assert.throws(() => push.connect("nowhere"), spError("EINVAL", '"nowhere"'));
    assert.throws(() => push.connect("gopher://x"), spError("EINVAL", '"gopher"'));
    await push.close();
    assert.throws(() => push.connect(expectDials()), spError("ECLOSED", "Cannot connect"));
  });
});

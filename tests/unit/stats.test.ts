/** What a socket counts, as a tree and under nanomsg's numbers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Pair } from "../../patterns/pair.ts";
import { Pull } from "../../patterns/pipeline.ts";
import { SPError } from "../../src/base/errors.ts";
import { nanomsgStatistics } from "../../src/surface/stats.ts";
import { utf8 } from "../helpers/bytes.ts";
import { expectDials, MockPlace } from "../helpers/mock_transport.ts";
import { nextEvent } from "../helpers/next_event.ts";
import { spHeader } from "../helpers/reference_codec.ts";

describe("the statistics", () => {
  test("of a new socket are all there, and 0", async () => {
    await using pair = new Pair();
    assert.deepEqual(pair.stats(), {
      protocol: "pair",
      messagesSent: 0,
      messagesReceived: 0,
      bytesSent: 0,
      bytesReceived: 0,
      messagesFiltered: 0,
      drops: {},
      queuedMessages: 0,
      bindErrors: 0,
      missedEvents: 0,
      connections: {
        established: 0,
        accepted: 0,
        dropped: 0,
        broken: 0,
        connectErrors: 0,
        acceptErrors: 0,
        rejected: 0,
        rejections: {},
      },
      endpoints: [],
      peers: [],
    });
    assert.ok(Object.values(nanomsgStatistics(pair.stats())).every((value) => value === 0));
  });

  test("count what goes in and out, for each peer and for the socket, also of peers that have gone", async () => {
    await using pair = new Pair();
    const place = await MockPlace.of(pair);
    const events = pair.events().getReader();
    const first = await place.peer();
    first.deliver(utf8("123"), utf8("4567"));
    await pair.send("12345");
    await first.sent(1);
    const [peer] = pair.stats().peers;
    assert.equal(peer!.remoteAddress, first.remoteAddress);
    assert.equal(peer!.endpoint, pair.stats().endpoints[0]!.address);
    const counted = { messagesSent: 1, bytesSent: 5, messagesReceived: 2, bytesReceived: 7 };
    assert.deepEqual({ ...peer, ...counted }, peer);
    assert.deepEqual({ ...pair.stats(), ...counted }, pair.stats());
    assert.equal(pair.stats().queuedMessages, 2);
    first.break();
    await nextEvent(events, "detached");
    assert.deepEqual(pair.stats().peers, []);
    assert.deepEqual({ ...pair.stats(), ...counted }, pair.stats());
    const second = await place.peer();
    await pair.send("1");
    await second.sent(1);
    assert.equal(pair.stats().messagesSent, 2);
    assert.equal(pair.stats().bytesSent, 6);
  });

  test("count what waits for a peer", async () => {
    await using pair = new Pair({ linger: 0 });
    const place = await MockPlace.of(pair);
    const peer = await place.peer({ stuck: true });
    await pair.send("123");
    await peer.sent(1);
    await pair.send("45");
    const [counted] = pair.stats().peers;
    assert.deepEqual([counted?.queuedMessages, counted?.queuedBytes], [2, 5]);
    peer.release();
    await peer.sent(2);
    assert.deepEqual(pair.stats().peers[0]!.queuedMessages, 0);
  });

  test("are a snapshot that no one changes afterwards", async () => {
    await using pull = new Pull();
    const place = await MockPlace.of(pull);
    const before = pull.stats();
    (await place.peer()).deliver(utf8("a"));
    assert.equal(before.messagesReceived, 0);
    assert.deepEqual(before.peers, []);
    (before.drops as Record<string, number>)["late"] = 5;
    assert.deepEqual(pull.stats().drops, {});
  });

  test("have nanomsg's numbers for what became of connections", async () => {
    await using pull = new Pull();
    const place = await MockPlace.of(pull);
    const events = pull.events().getReader();
    const [stays, leaves, breaks] = [await place.peer(), await place.peer(), await place.peer()];
    const half = place.approach({ framing: "tcp" });
    half.deliver(spHeader(0x50).subarray(0, 3));
    leaves.hangUp();
    await nextEvent(events, "detached");
    breaks.break(new SPError("ECONNRESET", "reset"));
    await nextEvent(events, "detached");
    stays.deliver(utf8("123"));
    pull.connect(expectDials());
    await nextEvent(events, "connect-failed");
    const numbers = nanomsgStatistics(pull.stats());
    assert.deepEqual(
      [101, 102, 103, 104, 105, 107, 201, 202].map((number) => [number, numbers[number]]),
      [[101, 0], [102, 3], [103, 1], [104, 1], [105, 1], [107, 0], [201, 1], [202, 1]],
    );
    assert.deepEqual([301, 302, 303, 304].map((number) => numbers[number]), [0, 1, 0, 3]);
  });

  test("keep what was counted of endpoints that are closed, or have given up", async () => {
    await using pull = new Pull();
    const { connections } = pull.stats();
    const events = pull.events().getReader();
    pull.connect(expectDials(), { failFast: true });
    await nextEvent(events, "gave-up");
    const name = "mock://closes";
    const listener = await pull.bind(name, {
      accept: ({ remoteAddress }) => remoteAddress !== "mock://no",
    });
    MockPlace.approachAt(name, { remoteAddress: "mock://yes" });
    await pull.peers(1);
    MockPlace.approachAt(name, { remoteAddress: "mock://no" });
    await nextEvent(events, "rejected");
    await listener.close();
    assert.deepEqual(pull.stats().endpoints, []);
    const counted = {
      established: 0,
      accepted: 1,
      dropped: 1,
      broken: 0,
      connectErrors: 1,
      acceptErrors: 0,
      rejected: 1,
      rejections: { EREJECTED: 1 },
    };
    assert.deepEqual(pull.stats().connections, counted);
    const numbers = nanomsgStatistics(pull.stats());
    assert.deepEqual([101, 102, 103, 104, 105, 107, 201, 202].map((number) => numbers[number]), [
      ...[0, 1, 1, 0, 1, 0],
      ...[0, 0],
    ]);
    await pull.close();
    assert.deepEqual(pull.stats().connections, counted);
    assert.equal(connections.accepted, 0);
  });
});

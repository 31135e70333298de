/** How a socket makes connections its peers, and which it does not. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Pull } from "../../patterns/pipeline.ts";
import type { AcceptHook, PeerInfo } from "../../src/surface/peer.ts";
import { concat, text, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { MockConnection } from "../helpers/mock_connection.ts";
import { expectDials, MockPlace } from "../helpers/mock_transport.ts";
import { nextEvent } from "../helpers/next_event.ts";
import { frame, spHeader } from "../helpers/reference_codec.ts";
import { calm } from "../helpers/turns.ts";

const GOOD = spHeader(0x50);
const LONG = 60_000;

/** An accept hook that decides when the test says so. */
function undecided(): {
  readonly hook: AcceptHook;
  readonly asked: Promise<void>;
  readonly resolve: (accepted: boolean) => void;
} {
  const { promise: asked, resolve: tell } = Promise.withResolvers<void>();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const hook = (): Promise<boolean> => {
    tell();
    return promise;
  };
  return { hook, asked, resolve };
}

describe("a socket that shakes hands", () => {
  test("receives the message that is glued to the header, and the one behind it", async () => {
    await using pull = new Pull();
    const place = await MockPlace.of(pull);
    const connection = place.approach({ framing: "tcp" });
    const [glued, behind] = [frame("tcp", utf8("glued")), frame("tcp", utf8("behind"))];
    connection.deliver(concat([GOOD, glued, behind.subarray(0, 5)]));
    connection.deliver(behind.subarray(5));
    assert.equal(text(await pull.receive()), "glued");
    assert.equal(text(await pull.receive()), "behind");
  });

  test("goes on with its peers while one sends garbage, and tells which and why", async () => {
    await using pull = new Pull({ handshakeTimeout: 1 });
    const place = await MockPlace.of(pull, { handshakeTimeout: LONG });
    const events = pull.events().getReader();
    const good = place.approach({ framing: "tcp" });
    good.deliver(GOOD);
    await nextEvent(events, "attached");
    const bad = place.approach({ framing: "tcp", remoteAddress: "mock://stranger" });
    bad.deliver(utf8("GET / HTTP/1.1\r\n"));
    const { remoteAddress, reason, endpoint } = await nextEvent(events, "rejected");
    assert.equal(remoteAddress, "mock://stranger");
    assert.equal(reason.code, "EPROTO");
    assert.equal(endpoint, pull.stats().endpoints[0]!.address);
    assert.equal(bad.destroyed, true);
    good.deliver(frame("tcp", utf8("still here")));
    assert.equal(text(await pull.receive()), "still here");
    assert.equal(pull.stats().endpoints[0]!.rejected, 1);
    assert.equal(pull.stats().endpoints[0]!.accepted, 1);
  });

  test("gives up on a peer that says half a header, after handshakeTimeout", async () => {
    await using pull = new Pull();
    const place = await MockPlace.of(pull, { handshakeTimeout: 1 });
    const events = pull.events().getReader();
    const half = place.approach({ framing: "tcp" });
    half.deliver(GOOD.subarray(0, 4));
    const { reason } = await nextEvent(events, "rejected");
    assert.equal(reason.code, "ETIMEDOUT");
    assert.match(reason.message, /4 of 8 bytes of its header in 1 ms/);
    assert.equal(half.destroyed, true);
    assert.equal(pull.stats().endpoints[0]!.inProgress, 0);
  });

  test("asks its accept hook only once the protocol is right, and obeys", async () => {
    const asked: string[] = [];
    await using pull = new Pull({
      accept: async ({ protocol, remoteAddress, role }) => {
        await Promise.resolve();
        asked.push(`${protocol} ${role} ${remoteAddress}`);
        if (remoteAddress === "mock://broken") throw new Error("the hook broke");
        return remoteAddress === "mock://friend";
      },
    });
    const place = await MockPlace.of(pull);
    const events = pull.events().getReader();
    const wrong = place.approach({ framing: "tcp", remoteAddress: "mock://wrong" });
    wrong.deliver(spHeader(0x20));
    assert.equal((await nextEvent(events, "rejected")).reason.code, "EPROTO");
    assert.deepEqual(asked, []);
    const foe = place.approach({ framing: "tcp", remoteAddress: "mock://foe" });
    foe.deliver(GOOD);
    assert.equal((await nextEvent(events, "rejected")).reason.code, "EREJECTED");
    assert.equal(foe.destroyed, true);
    const broken = place.approach({ framing: "tcp", remoteAddress: "mock://broken" });
    broken.deliver(GOOD);
    const { reason } = await nextEvent(events, "rejected");
    assert.equal(reason.code, "EREJECTED");
    assert.match(String(reason.cause), /the hook broke/);
    assert.equal(broken.destroyed, true);
    const friend = place.approach({ framing: "tcp", remoteAddress: "mock://friend" });
    friend.deliver(concat([GOOD, frame("tcp", utf8("hello"))]));
    assert.equal(text(await pull.receive()), "hello");
    assert.deepEqual(asked, [
      "push bind mock://foe",
      "push bind mock://broken",
      "push bind mock://friend",
    ]);
  });

  test("shows its accept hook all that the transport knows of a peer, and no more", async () => {
    const seen: PeerInfo[] = [];
    await using pull = new Pull({ accept: (peer) => seen.push(peer) > 0 });
    const place = await MockPlace.of(pull);
    const headers = new Headers({ authorization: "secret" });
    await place.peer({ tlsName: "client.example", headers, path: "/feed?x=1" });
    await place.peer();
    const [known, unknown] = seen as [PeerInfo, PeerInfo];
    assert.deepEqual({ ...known }, {
      ...unknown,
      id: known.id,
      remoteAddress: known.remoteAddress,
      tlsName: "client.example",
      headers,
      path: "/feed?x=1",
    });
    assert.deepEqual({ ...unknown }, {
      id: unknown.id,
      protocol: "push",
      endpoint: pull.stats().endpoints[0]!.address,
      role: "bind",
      remoteAddress: "mock://peer-2",
      localAddress: "mock://here",
    });
    assert.notEqual(known.id, unknown.id);
    assert.deepEqual(pull.stats().peers.map(({ id }) => id), [known.id, unknown.id]);
  });

  test("has no peer that left while the accept hook thought about it", async () => {
    const { hook, asked, resolve } = undecided();
    await using pull = new Pull({ accept: hook });
    const place = await MockPlace.of(pull);
    const events = pull.events().getReader();
    const gone = place.approach({ framing: "tcp" });
    gone.deliver(GOOD);
    await asked;
    gone.break();
    assert.equal((await nextEvent(events, "rejected")).reason.code, "ECONNRESET");
    resolve(true);
    assert.deepEqual(pull.stats().peers, []);
  });

  test("lets go of who still shakes hands when it is closed", async () => {
    const pull = new Pull();
    const place = await MockPlace.of(pull, { handshakeTimeout: LONG });
    const half = place.approach({ framing: "tcp" });
    half.deliver(GOOD.subarray(0, 4));
    await half.until(({ writes }) => writes.length === 1);
    await pull.close();
    assert.equal(half.destroyed, true);
  });
});

for (const framing of ["tcp", "message"] as const) {
  const hello = (): Uint8Array<ArrayBuffer>[] => framing === "tcp" ? [GOOD] : [];
  const message = framing === "tcp" ? frame("tcp", utf8("hello")) : utf8("hello");

  describe(`an accept hook that takes its time, on a connection of framing ${framing}`, () => {
    test("is given up after handshakeTimeout, with an event", async () => {
      const { hook, resolve } = undecided();
      await using pull = new Pull({ accept: hook });
      const place = await MockPlace.of(pull, { handshakeTimeout: 1 });
      const events = pull.events().getReader();
      const peer = place.approach({ framing });
      peer.deliver(...hello());
      const { reason, remoteAddress } = await nextEvent(events, "rejected");
      assert.equal(reason.code, "ETIMEDOUT");
      assert.match(reason.message, /accept hook has not decided about mock:.* in 1 ms/);
      assert.equal(remoteAddress, peer.remoteAddress);
      assert.equal(peer.destroyed, true);
      resolve(true);
      await calm();
      assert.deepEqual(pull.stats().peers, []);
      assert.equal(pull.stats().endpoints[0]!.inProgress, 0);
    });

    for (const how of ["breaks", "hangs up"] as const) {
      test(`does not keep a peer that ${how} meanwhile`, async () => {
        const { hook, asked } = undecided();
        await using pull = new Pull({ accept: hook });
        const place = await MockPlace.of(pull, { handshakeTimeout: LONG });
        const events = pull.events().getReader();
        const peer = place.approach({ framing });
        peer.deliver(...hello());
        await asked;
        if (how === "breaks") peer.break();
        else peer.hangUp();
        const { reason } = await nextEvent(events, "rejected");
        assert.equal(reason.code, "ECONNRESET");
        assert.equal(pull.stats().endpoints[0]!.inProgress, 0);
      });
    }

    test("pushes back a peer that goes on, and loses nothing of what it sent", async () => {
      const { hook, asked, resolve } = undecided();
      await using pull = new Pull({ accept: hook });
      const place = await MockPlace.of(pull, { handshakeTimeout: LONG });
      const peer = place.approach({ framing });
      peer.deliver(...hello());
      await asked;
      await calm();
      assert.equal(peer.paused, false);
      peer.deliver(message, message);
      assert.equal(peer.paused, true);
      peer.hangUp();
      await calm();
      assert.equal(pull.stats().messagesReceived, 0);
      resolve(true);
      assert.equal(text(await pull.receive()), "hello");
      assert.equal(text(await pull.receive()), "hello");
    });

    test("keeps memory that is only lent to it", async () => {
      if (framing === "message") return;
      const { hook, asked, resolve } = undecided();
      await using pull = new Pull({ accept: hook });
      const place = await MockPlace.of(pull);
      const peer = place.approach({ framing, lendsMemory: true });
      peer.deliver(...hello());
      await asked;
      await calm();
      peer.deliver(message);
      resolve(true);
      assert.equal(text(await pull.receive()), "hello");
    });

    test("holds up neither its listener's close nor its dialer's", async () => {
      const { hook, asked } = undecided();
      await using pull = new Pull();
      const events = pull.events().getReader();
      const dialled = new MockConnection({ framing });
      dialled.deliver(...hello());
      const dialer = pull.connect(expectDials(dialled), { accept: hook, handshakeTimeout: LONG });
      await asked;
      await dialer.close();
      assert.equal(dialled.destroyed, true);

      const again = undecided();
      const name = "mock://closes-while-asking";
      const listener = await pull.bind(name, { accept: again.hook, handshakeTimeout: LONG });
      const other = await MockPlace.of(pull);
      const peer = MockPlace.approachAt(name, { framing });
      peer.deliver(...hello());
      await again.asked;
      await listener.close();
      assert.equal(peer.destroyed, true);
      // Nothing was told, and the other endpoint goes on.
      const good = await other.peer();
      const { value } = await events.read();
      assert.equal(value?.type === "attached" && value.peer.remoteAddress, good.remoteAddress);
    });
  });
}

test("a listener that is closed lets go of who still shakes hands, and of nobody else", async () => {
  await using pull = new Pull();
  const name = "mock://closes-while-shaking";
  const listener = await pull.bind(name, { handshakeTimeout: LONG });
  const other = await MockPlace.of(pull, { handshakeTimeout: LONG });
  const silent = MockPlace.approachAt(name, { framing: "tcp" });
  const elsewhere = other.approach({ framing: "tcp" });
  await listener.close();
  assert.equal(silent.destroyed, true);
  assert.equal(elsewhere.destroyed, false);
  elsewhere.deliver(GOOD);
  await pull.peers(1);
});

test("a dialer that is closed lets go of who still shakes hands", async () => {
  await using pull = new Pull();
  const silent = new MockConnection({ framing: "tcp" });
  const dialer = pull.connect(expectDials(silent), { handshakeTimeout: LONG });
  await silent.until(({ writes }) => writes.length === 1);
  await dialer.close();
  assert.equal(silent.destroyed, true);
  await assert.rejects(dialer.opened, spError("ECLOSED"));
});

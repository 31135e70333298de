/** The handshake of byte connections (sp-tcp-mapping-01, 2), alone and as a socket has it. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Pull } from "../../patterns/pipeline.ts";
import { SPError } from "../../src/errors.ts";
import type { SocketEvent } from "../../src/events.ts";
import { Handshake } from "../../src/handshake.ts";
import type { ProtocolId } from "../../src/protocol.ts";
import { concat, cut, hex, text, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { MockConnection } from "../helpers/mock_connection.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { frame, spHeader } from "../helpers/reference_codec.ts";

const PULL: ProtocolId = { name: "pull", number: 0x51, peerName: "push", peerNumber: 0x50 };
const GOOD = spHeader(0x50);
const LONG = 60_000;

function shake(timeout = LONG): [MockConnection, Handshake, Promise<void>] {
  const connection = new MockConnection({ framing: "tcp" });
  const handshake = new Handshake(connection, PULL);
  const shaken = handshake.shake(timeout);
  shaken.catch(() => {});
  return [connection, handshake, shaken];
}

describe("a handshake", () => {
  test("sends our header at once, without waiting for the peer's", async () => {
    const [connection, , shaken] = shake();
    assert.deepEqual(connection.written, spHeader(0x51));
    connection.deliver(GOOD);
    await shaken;
  });

  test("succeeds with a good header, leaves the connection paused, and nothing over", async () => {
    const [connection, handshake, shaken] = shake();
    connection.deliver(GOOD);
    await shaken;
    assert.equal(connection.paused, true);
    assert.equal(connection.destroyed, false);
    assert.equal(handshake.over, false);
    assert.equal(handshake.rest.length, 0);
  });

  test("succeeds with a header that comes byte by byte", async () => {
    const [connection, , shaken] = shake();
    connection.deliver(...cut(GOOD, [1, 2, 3, 4, 5, 6, 7]));
    await shaken;
  });

  test("succeeds with a header that has come before it begins", async () => {
    const connection = new MockConnection({ framing: "tcp" });
    connection.deliver(GOOD);
    await new Handshake(connection, PULL).shake(LONG);
    assert.deepEqual(connection.written, spHeader(0x51));
  });

  for (let split = 1; split <= 8 + 11; split++) {
    test(`keeps what is glued to the header for the pipe, with the bytes split at ${split}`, async () => {
      const [connection, handshake, shaken] = shake();
      const message = frame("tcp", utf8("abc"));
      const chunks = cut(concat([GOOD, message]), [split]);
      connection.deliver(...chunks);
      await shaken;
      // What comes in a later chunk waits in the connection, which is paused.
      const kept = split < 8 ? message : message.subarray(0, split - 8);
      assert.deepEqual(handshake.rest, kept);
    });
  }

  test("keeps what comes although the connection is paused", async () => {
    const [connection, handshake, shaken] = shake();
    connection.deliver(concat([GOOD, utf8("a")]));
    await shaken;
    handshake.data(utf8("b"));
    assert.deepEqual(handshake.rest, utf8("ab"));
  });

  test("remembers that the connection ended behind it", async () => {
    const [connection, handshake, shaken] = shake();
    connection.deliver(GOOD);
    await shaken;
    connection.break();
    assert.equal(handshake.over, true);
  });

  test("waits until our header is written", async () => {
    const connection = new MockConnection({ framing: "tcp" });
    connection.stuck = true;
    let isDone = false;
    const shaken = new Handshake(connection, PULL).shake(LONG).then(() => isDone = true);
    connection.deliver(GOOD);
    await Promise.resolve();
    assert.equal(isDone, false);
    connection.release();
    await shaken;
  });

  test("is none where the transport keeps messages apart", async () => {
    const connection = new MockConnection({ framing: "message" });
    await new Handshake(connection, PULL).shake(0);
    assert.deepEqual(connection.writes, []);
  });

  const garbage = {
    "HTTP": utf8("GET / HTTP/1.1\r\n"),
    "another version": hex("00 53 50 01 00 50 00 00"),
    "reserved bytes that are not 0": hex("00 53 50 00 00 50 00 01"),
    "one wrong byte": hex("ff"),
  };
  for (const [name, bytes] of Object.entries(garbage)) {
    test(`refuses garbage, and closes the connection: ${name}`, async () => {
      const [connection, , shaken] = shake();
      connection.deliver(bytes);
      await assert.rejects(shaken, spError("EPROTO", "does not speak SP"));
      assert.equal(connection.destroyed, true);
    });
  }

  for (const [name, number] of [["pull, as we are", 0x51], ["rep", 0x31], ["0", 0]] as const) {
    test(`refuses another protocol, naming it and the one that is wanted: ${name}`, async () => {
      const [connection, , shaken] = shake();
      connection.deliver(spHeader(number));
      const shown = `0x${number.toString(16).padStart(2, "0")}`;
      await assert.rejects(shaken, spError("EPROTO", shown, "push (0x50)", "pull"));
      assert.equal(connection.destroyed, true);
    });
  }

  for (let length = 0; length < 8; length++) {
    test(`refuses a peer that sends ${length} bytes of its header and no more, in time`, async () => {
      const [connection, , shaken] = shake(1);
      connection.deliver(GOOD.subarray(0, length));
      await assert.rejects(shaken, spError("ETIMEDOUT", `${length} of 8 bytes`, "1 ms"));
      assert.equal(connection.destroyed, true);
    });
  }

  test("refuses a peer that takes nothing, in time", async () => {
    const connection = new MockConnection({ framing: "tcp" });
    connection.stuck = true;
    const shaken = new Handshake(connection, PULL).shake(1);
    connection.deliver(GOOD);
    await assert.rejects(shaken, spError("ETIMEDOUT"));
    assert.equal(connection.destroyed, true);
  });

  test("refuses a peer that leaves inside its header", async () => {
    const [connection, , shaken] = shake();
    connection.deliver(GOOD.subarray(0, 3));
    connection.hangUp();
    await assert.rejects(shaken, spError("EPROTO", "3 of 8 bytes", "closed the connection"));
  });

  test("ends with the reason of a connection that breaks", async () => {
    const [connection, , shaken] = shake();
    const reason = new SPError("ECONNRESET", "reset");
    connection.break(reason);
    await assert.rejects(shaken, (error) => error === reason);
  });

  test("waits as long as it takes where its limit is Infinity", async () => {
    const [connection, , shaken] = shake(Infinity);
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal(connection.destroyed, false);
    connection.deliver(GOOD);
    await shaken;
  });
});

/** The next event of a type. */
async function nextEvent<T extends SocketEvent["type"]>(
  reader: ReadableStreamDefaultReader<SocketEvent>,
  type: T,
): Promise<Extract<SocketEvent, { type: T }>> {
  for (;;) {
    const { done, value } = await reader.read();
    assert.ok(!done, `the events ended before ${type}`);
    if (value.type === type) return value as Extract<SocketEvent, { type: T }>;
  }
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

  test("has no peer that left while the accept hook thought about it", async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    await using pull = new Pull({ accept: () => promise });
    const place = await MockPlace.of(pull);
    const events = pull.events().getReader();
    const gone = place.approach({ framing: "tcp" });
    gone.deliver(GOOD);
    await gone.until(({ paused }) => paused);
    gone.break();
    resolve(true);
    assert.equal((await nextEvent(events, "rejected")).reason.code, "ECONNRESET");
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

/** The handshake of byte connections (sp-tcp-mapping-01, 2). */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SPError } from "../../src/base/errors.ts";
import { Handshake } from "../../src/pipes/handshake.ts";
import { PULL } from "../../patterns/protocols.ts";
import { SP } from "../../src/sp/wire.ts";
import type { Greeting, Session } from "../../src/contracts/wire.ts";
import { allocations } from "../helpers/allocations.ts";
import { concat, cut, hex, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { MockConnection } from "../helpers/mock_connection.ts";
import { frame, spHeader } from "../helpers/reference_codec.ts";

/** SP on a connection, for a PULL. */
function pull(connection: MockConnection): Session {
  return SP.open({ connection, protocol: PULL, maxMessageSize: 1000 });
}

const GOOD = spHeader(0x50);
const LONG = 60_000;

function shake(timeout = LONG): [MockConnection, Handshake, Promise<void>] {
  const connection = new MockConnection({ framing: "tcp" });
  const handshake = new Handshake(connection, pull(connection));
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
    await new Handshake(connection, pull(connection)).shake(LONG);
    assert.deepEqual(connection.written, spHeader(0x51));
  });

  test("makes memory for a long greeting a few times, not at each of its bytes", async () => {
    const connection = new MockConnection({ framing: "tcp" });
    const lengths: number[] = [];
    const greeting: Greeting = {
      hello: () => undefined,
      read(received) {
        lengths.push(received.length);
        const isDone = received.length === 10_000;
        return { used: isDone ? 10_000 : 0, isDone };
      },
      missing: () => "",
    };
    const shaken = new Handshake(connection, { ...pull(connection), greeting }).shake(LONG);
    const memories = allocations(() => {
      for (let i = 0; i < 10_000; i++) connection.deliver(Uint8Array.of(i));
    });
    await shaken;
    assert.deepEqual(lengths, Array.from({ length: 10_001 }, (_, i) => i));
    const sum = memories.reduce((total, length) => total + length, 0);
    assert.ok(sum < 100_000, `${sum} bytes in ${memories.length} pieces`);
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
      assert.deepEqual(concat([...handshake.rest]), kept);
    });
  }

  test("keeps what comes although the connection is paused", async () => {
    const [connection, handshake, shaken] = shake();
    connection.deliver(concat([GOOD, utf8("a")]));
    await shaken;
    handshake.data(utf8("b"));
    assert.deepEqual(concat([...handshake.rest]), utf8("ab"));
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
    const shaken = new Handshake(connection, pull(connection)).shake(LONG).then(() =>
      isDone = true
    );
    connection.deliver(GOOD);
    await Promise.resolve();
    assert.equal(isDone, false);
    connection.release();
    await shaken;
  });

  test("is none where the transport keeps messages apart", async () => {
    const connection = new MockConnection({ framing: "message" });
    await new Handshake(connection, pull(connection)).shake(0);
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
      await assert.rejects(shaken, spError("EPROTO", shown, "PULL needs PUSH (0x50)"));
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
    const shaken = new Handshake(connection, pull(connection)).shake(1);
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

describe("a handshake where there is one peer at a time", () => {
  /** Shakes hands with a place that is free or taken; counts how often it was asked for. */
  function seated(
    afterPeer: boolean,
    isTaken = false,
  ): { connection: MockConnection; shaken: Promise<void>; asked: () => number } {
    let asked = 0;
    const take = (): void => {
      asked++;
      if (isTaken) throw new SPError("EBUSY", "taken");
    };
    const connection = new MockConnection({ framing: "tcp" });
    const shaken = new Handshake(connection, pull(connection), { take, afterPeer }).shake(LONG);
    shaken.catch(() => {});
    return { connection, shaken, asked: () => asked };
  }

  test("takes the place, and says its header, once a stranger has said its own", async () => {
    const { connection, shaken, asked } = seated(true);
    connection.deliver(GOOD.subarray(0, 7));
    assert.deepEqual([asked(), connection.writes], [0, []]);
    connection.deliver(GOOD.subarray(7));
    await shaken;
    assert.deepEqual([asked(), connection.written], [1, spHeader(0x51)]);
  });

  test("says nothing to a stranger where the place is taken", async () => {
    const { connection, shaken } = seated(true, true);
    connection.deliver(GOOD);
    await assert.rejects(shaken, spError("EBUSY"));
    assert.deepEqual([connection.writes, connection.destroyed], [[], true]);
  });

  test("takes the place before it says its header first", async () => {
    const { connection, shaken, asked } = seated(false);
    assert.deepEqual([asked(), connection.written], [1, spHeader(0x51)]);
    connection.deliver(GOOD);
    await shaken;
    assert.equal(asked(), 1);
  });

  test("says nothing where it would be first and the place is taken", async () => {
    const { connection, shaken } = seated(false, true);
    await assert.rejects(shaken, spError("EBUSY"));
    assert.deepEqual([connection.writes, connection.destroyed], [[], true]);
  });

  test("tells a peer of another protocol which one is ours, and takes no place for it", async () => {
    const { connection, shaken, asked } = seated(true);
    connection.deliver(spHeader(0x31));
    await assert.rejects(shaken, spError("EPROTO", "0x31"));
    assert.deepEqual([asked(), connection.written], [0, spHeader(0x51)]);
  });

  test("says of a peer that hung up without a word what may be the matter", async () => {
    const { connection, shaken } = seated(false);
    connection.hangUp();
    await assert.rejects(shaken, spError("EPROTO", "it may already have its peer"));
  });
});

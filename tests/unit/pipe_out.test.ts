/** A pipe's way out: when it writes, when it is full, what it counts. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { concat, hex, pattern, text, utf8 } from "../helpers/bytes.ts";
import { mockPipe } from "../helpers/mock_pipe.ts";
import { unframeAll } from "../helpers/reference_codec.ts";
import { calm, turn } from "../helpers/turns.ts";

const LARGE_BUFFER = { framing: "tcp", sendBuffer: Infinity } as const;

test("a pipe with no buffer has room again once a large message is written", () => {
  const { pipe, connection } = mockPipe({ framing: "tcp", sendBuffer: 0 });
  for (let i = 1; i <= 3; i++) {
    pipe.send(pattern(64 * 1024, i));
    assert.deepEqual([pipe.full, connection.messages().length], [false, i]);
  }
});

describe("a pipe with a limit in messages", () => {
  const twoMessages = { framing: "tcp", sendBuffer: Infinity, sendHighWaterMark: 2 } as const;

  test("is full when so many wait, and has room again once they are written", async () => {
    await calm();
    const { pipe, host } = mockPipe(twoMessages);
    pipe.send(utf8("a"));
    assert.equal(pipe.full, false);
    pipe.send(pattern(10_000));
    assert.equal(pipe.full, true);
    pipe.flush();
    assert.equal(pipe.full, false);
    assert.deepEqual(host.calls, ["ready"]);
  });

  test("counts those that the connection holds", () => {
    const { pipe, connection } = mockPipe(twoMessages);
    connection.stuck = true;
    pipe.send(utf8("a"));
    pipe.flush();
    pipe.send(utf8("b"));
    assert.equal(pipe.full, true);
    connection.release();
    assert.equal(pipe.full, false);
  });

  test("has room again when a message is dropped or taken back", () => {
    for (const free of ["dropOldest", "takeBack"] as const) {
      const { pipe } = mockPipe(twoMessages);
      for (const word of ["a", "b"]) pipe.send(utf8(word));
      assert.equal(pipe.full, true);
      pipe[free]();
      assert.deepEqual([pipe.full, pipe.queuedMessages], [false, 1]);
    }
  });

  test("is full by bytes as well", () => {
    const { pipe } = mockPipe({ ...twoMessages, sendBuffer: 9, sendHighWaterMark: 100 });
    pipe.send(utf8("a"));
    assert.equal(pipe.full, true);
  });
});

describe("a pipe writes", () => {
  test("the messages of one go together, before the turn is over", async () => {
    await calm();
    const { pipe, connection } = mockPipe(LARGE_BUFFER);
    for (let i = 0; i < 1000; i++) pipe.send(pattern(16, i));
    assert.equal(connection.writes.length, 0);
    await Promise.resolve();
    assert.equal(connection.writes.length, 1);
    assert.equal(connection.messages().length, 1000);
  });

  test("the first message of a turn in a microtask, and the rest together when the turn ends", async () => {
    await calm();
    const { pipe, connection } = mockPipe(LARGE_BUFFER);
    for (let i = 0; i < 1000; i++) {
      pipe.send(pattern(16, i));
      await Promise.resolve();
    }
    assert.equal(connection.writes.length, 1);
    assert.equal(connection.messages().length, 1);
    await turn();
    assert.equal(connection.writes.length, 2);
    assert.equal(connection.messages().length, 1000);
    await calm();
    assert.equal(connection.writes.length, 2);
  });

  test("at once when a slab is full, without waiting for the turn's end", async () => {
    await calm();
    const { pipe, connection } = mockPipe(LARGE_BUFFER);
    for (const writes of [0, 1]) {
      for (let i = 0; i < 63; i++) pipe.send(pattern(1024 - 8, i));
      assert.equal(connection.writes.length, writes);
      pipe.send(pattern(1024 - 8, 63));
      assert.equal(connection.writes.length, writes + 1);
    }
    await calm();
    assert.equal(connection.writes.length, 2);
  });

  test("large messages before its queue is full, so that none is dropped that the connection takes", () => {
    const { pipe, connection } = mockPipe({ framing: "tcp", sendBuffer: 128 * 1024 });
    for (let i = 0; i < 10; i++) {
      assert.equal(pipe.full, false);
      pipe.send(pattern(64 * 1024, i));
    }
    assert.equal(connection.messages().length, 10);
  });

  test("large messages when there are 512 KiB of them, or the turn ends", async () => {
    await calm();
    const { pipe, connection } = mockPipe(LARGE_BUFFER);
    for (let i = 0; i < 7; i++) pipe.send(pattern(64 * 1024, i));
    assert.equal(connection.writes.length, 0);
    pipe.send(pattern(64 * 1024, 7));
    assert.equal(connection.writes.length, 1);
    assert.equal(connection.messages().length, 8);
    pipe.send(pattern(64 * 1024, 8));
    assert.equal(connection.writes.length, 1);
    await calm();
    assert.equal(connection.messages().length, 9);
  });

  test("not again while the connection holds a write, and then the rest together", async () => {
    await calm();
    const { pipe, connection } = mockPipe(LARGE_BUFFER);
    connection.stuck = true;
    pipe.send(utf8("first"));
    await calm();
    for (let i = 0; i < 100; i++) {
      pipe.send(pattern(1024, i));
      await Promise.resolve();
    }
    await calm();
    assert.equal(connection.writes.length, 1);
    connection.release();
    assert.equal(connection.writes.length, 2);
    assert.equal(connection.messages().length, 101);
  });

  test("what came while the connection held a write when the turn ends, unless that is a slab full", async () => {
    await calm();
    const { pipe, connection } = mockPipe(LARGE_BUFFER);
    connection.stuck = true;
    pipe.send(utf8("first"));
    await Promise.resolve();
    pipe.send(utf8("second"));
    connection.release();
    pipe.send(utf8("third"));
    await Promise.resolve();
    assert.deepEqual(connection.texts, ["first"]);
    await turn();
    assert.equal(connection.writes.length, 2);
    assert.deepEqual(connection.texts, ["first", "second", "third"]);
  });

  test("large messages that came meanwhile when there are 512 KiB of them, or the turn ends", async () => {
    for (const [came, writes] of [[7, 1], [8, 2]] as const) {
      await calm();
      const { pipe, connection } = mockPipe(LARGE_BUFFER);
      connection.stuck = true;
      pipe.send(utf8("first"));
      await calm();
      for (let i = 0; i < came; i++) pipe.send(pattern(64 * 1024, i));
      connection.release();
      assert.equal(connection.writes.length, writes);
      await calm();
      assert.equal(connection.writes.length, 2);
      assert.equal(connection.messages().length, 1 + came);
    }
  });

  test("no more than 512 KiB and a slab at a time, so that the rest can still go elsewhere", async () => {
    const { pipe, connection } = mockPipe(LARGE_BUFFER);
    connection.stuck = true;
    for (let i = 0; i < 2000; i++) pipe.send(pattern(1024, i));
    while (pipe.queuedMessages > 0) {
      await calm();
      const size = concat(connection.writes.at(-1)!).length;
      assert.ok(size <= (512 + 64) * 1024, `wrote ${size}`);
      connection.drain();
    }
    assert.deepEqual(
      connection.messages(),
      Array.from({ length: 2000 }, (_, i) => pattern(1024, i)),
    );
  });

  test("large bodies by reference, between their prefix and what follows", async () => {
    const { pipe, connection } = mockPipe(LARGE_BUFFER);
    const body = pattern(100_000);
    let seen: readonly Uint8Array[] = [];
    connection.write = (chunks) => {
      seen = [...chunks];
      return true;
    };
    pipe.send(utf8("small"));
    pipe.send({ header: hex("80 00 00 01"), body });
    await calm();
    assert.equal(seen.at(-1), body);
  });

  test("each message as a chunk of its own where the connection keeps messages apart", async () => {
    const { pipe, connection } = mockPipe({ sendBuffer: Infinity });
    pipe.send(utf8("a"));
    pipe.send(new Uint8Array(0));
    pipe.send({ header: hex("80 00 00 01"), body: utf8("b") });
    await calm();
    const messages = [utf8("a"), new Uint8Array(0), concat([hex("80 00 00 01"), utf8("b")])];
    assert.deepEqual(connection.writes, [messages]);
  });

  test("never over memory that it gave away, to a connection that keeps messages apart or memory", async () => {
    const givenAway = [{ framing: "message" }, { framing: "tcp", keepsMemory: true }] as const;
    for (const options of givenAway) {
      const { pipe, connection } = mockPipe({ ...options, sendBuffer: Infinity });
      const seen: Uint8Array[] = [];
      connection.write = (chunks) => seen.push(...chunks) > 0;
      for (let i = 0; i < 200; i++) {
        pipe.send(utf8(`message ${i}`));
        pipe.flush();
      }
      const messages = options.framing === "tcp" ? unframeAll("tcp", concat(seen)) : seen;
      assert.deepEqual(messages.map(text), Array.from({ length: 200 }, (_, i) => `message ${i}`));
    }
    await calm();
  });

  test("in memory that it uses again where the operating system has copied it", async () => {
    const { pipe, connection } = mockPipe(LARGE_BUFFER);
    const buffers = new Set<ArrayBufferLike>();
    connection.write = (chunks) => {
      for (const { buffer } of chunks) buffers.add(buffer);
      return true;
    };
    for (let i = 0; i < 1000; i++) {
      pipe.send(pattern(100));
      pipe.flush();
    }
    assert.equal(buffers.size, 1);
    await calm();
  });

  test("what a socket sends in a flush of its own", async () => {
    await calm();
    const { pipe, connection, host } = mockPipe({ framing: "tcp", sendBuffer: 9 });
    let left = 5;
    host.onReady = () => {
      if (left-- > 0) pipe.send(utf8("x"));
    };
    pipe.send(utf8("x"));
    await calm();
    while (left > 0) await turn();
    await calm();
    assert.equal(connection.messages().length, 6);
  });
});

describe("a pipe is full", () => {
  test("once its bytes reach its limit, and ready again below it, told once", async () => {
    const { pipe, connection, host } = mockPipe({ framing: "tcp", sendBuffer: 100 });
    connection.stuck = true;
    pipe.send(pattern(91));
    assert.equal(pipe.full, false);
    pipe.send(new Uint8Array(0));
    assert.equal(pipe.full, true);
    assert.equal(pipe.queuedBytes, 107);
    assert.equal(pipe.queuedMessages, 2);
    await calm();
    assert.deepEqual(host.calls, []);
    assert.equal(pipe.queuedBytes, 107);
    connection.release();
    assert.deepEqual(host.calls, ["ready"]);
    assert.equal(pipe.full, false);
    assert.equal(pipe.queuedBytes, 0);
    assert.equal(pipe.queuedMessages, 0);
  });

  test("as long as the connection holds as much", async () => {
    const { pipe, connection, host } = mockPipe({ framing: "tcp", sendBuffer: 1000 });
    connection.stuck = true;
    pipe.send(pattern(2000));
    await calm();
    pipe.send(pattern(10));
    assert.equal((pipe.takeBack() as Uint8Array).length, 10);
    assert.equal(pipe.full, true);
    assert.deepEqual(host.calls, []);
    connection.drain();
    assert.deepEqual(host.calls, ["ready"]);
  });

  test("no more when enough was taken back", () => {
    const { pipe } = mockPipe({ framing: "tcp", sendBuffer: 20 });
    pipe.send(utf8("aa"));
    pipe.send(utf8("bb"));
    assert.equal(pipe.full, true);
    assert.equal((pipe.takeBack() as Uint8Array).length, 2);
    assert.equal(pipe.full, false);
  });

  test("in time with empty messages too, where each is a chunk of its own", () => {
    const { pipe } = mockPipe({ sendBuffer: 1000 });
    let messages = 0;
    while (!pipe.full && messages < 1000) {
      pipe.send(new Uint8Array(0));
      messages++;
    }
    assert.ok(messages < 200, `took ${messages}`);
  });

  for (const sendBuffer of [0, 1]) {
    test(`with each message where its limit is ${sendBuffer}, and ready whenever it is empty`, async () => {
      const { pipe, connection, host } = mockPipe({ framing: "tcp", sendBuffer });
      for (let i = 1; i <= 3; i++) {
        pipe.send(utf8("x"));
        assert.equal(pipe.full, true);
        await calm();
        assert.equal(pipe.full, false);
        assert.equal(host.calls.length, i);
      }
      assert.equal(connection.messages().length, 3);
      pipe.send(utf8("x"));
      pipe.takeBack();
      assert.equal(pipe.full, false);
    });
  }
});

describe("a pipe counts", () => {
  test("messages and bytes that were sent, with the protocol's header and without the frame's", async () => {
    const { pipe } = mockPipe(LARGE_BUFFER);
    pipe.send(utf8("abc"));
    pipe.send({ header: hex("80 00 00 01"), body: utf8("de") });
    pipe.send(pattern(100_000));
    assert.equal(pipe.messagesSent, 3);
    assert.equal(pipe.bytesSent, 3 + 6 + 100_000);
    await calm();
  });

  test("what was taken back as not sent", () => {
    const { pipe } = mockPipe({ framing: "tcp", sendBuffer: 1000 });
    pipe.send(utf8("abc"));
    pipe.send(utf8("de"));
    assert.deepEqual(pipe.takeBack(), utf8("abc"));
    assert.deepEqual([pipe.messagesSent, pipe.bytesSent], [1, 2]);
    assert.deepEqual(pipe.takeBack(), utf8("de"));
    assert.equal(pipe.takeBack(), undefined);
    assert.deepEqual([pipe.messagesSent, pipe.bytesSent, pipe.queuedBytes], [0, 0, 0]);
  });

  test("what it dropped, by reason, and tells its host", () => {
    const { pipe, host } = mockPipe({ framing: "tcp", sendBuffer: 1000 });
    pipe.send(utf8("a"));
    assert.equal(pipe.dropOldest(), true);
    assert.equal(pipe.dropOldest(), false);
    pipe.drop("ttl");
    pipe.drop("late", 3);
    pipe.drop("late");
    assert.deepEqual(pipe.drops, { overflow: 1, ttl: 1, late: 4 });
    assert.deepEqual(host.calls, ["overflow 1", "ttl 1", "late 3", "late 1"]);
    assert.equal(pipe.messagesSent, 0);
  });
});

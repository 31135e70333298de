/** A pipe's way in: from the connection's chunks to the socket's queue. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SPError } from "../../src/base/errors.ts";
import type { PipeInput } from "../../src/contracts/protocol.ts";
import type { Transformer } from "../../src/contracts/transformer.ts";
import { concat, cut, hex, pattern, text, utf8 } from "../helpers/bytes.ts";
import { mockPipe } from "../helpers/mock_pipe.ts";
import { frame, frameAll } from "../helpers/reference_codec.ts";
import { calm } from "../helpers/turns.ts";
import { standInLine } from "../../src/pipes/reading_turn.ts";

/** A pipe's queue that keeps what comes, and is full from so many messages on. */
class KeepingInput implements PipeInput {
  readonly messages: Uint8Array[] = [];
  readonly errors: unknown[] = [];
  limit: number;

  constructor(limit = Infinity) {
    this.limit = limit;
  }

  get full(): boolean {
    return this.messages.length >= this.limit;
  }

  holds(): void {}

  get lastRoom(): number {
    return this.room;
  }

  get room(): number {
    return this.limit - this.messages.length;
  }

  get texts(): string[] {
    return this.messages.map(text);
  }

  enqueue(message: unknown): void {
    this.messages.push(message as Uint8Array);
  }

  error(reason: unknown): void {
    this.errors.push(reason);
  }

  end(): void {}
}

const WORDS = ["one", "two", "three"].map(utf8);

/** Somebody else who waits for a turn. */
const SOMEBODY = { goOn: () => {} };

describe("a pipe takes in", () => {
  for (const framing of ["tcp", "ipc"] as const) {
    test(`the messages of a ${framing} connection, whatever its chunks`, () => {
      const pipeQueue = new KeepingInput();
      const { pipe, connection } = mockPipe({ framing, pipeQueue });
      connection.deliver(...cut(frameAll(framing, WORDS), [3, 4, 15, 30]));
      assert.deepEqual(pipeQueue.texts, ["one", "two", "three"]);
      assert.deepEqual([pipe.messagesReceived, pipe.bytesReceived], [3, 11]);
    });
  }

  test("messages to keep, of memory that the connection only lends", () => {
    const pipeQueue = new KeepingInput();
    const { connection } = mockPipe({ framing: "tcp", pipeQueue, lendsMemory: true });
    connection.deliver(...cut(frameAll("tcp", WORDS), [8, 15, 30]));
    assert.deepEqual(pipeQueue.texts, ["one", "two", "three"]);
  });

  test("each chunk as a message where the connection keeps messages apart", () => {
    const pipeQueue = new KeepingInput();
    const { connection } = mockPipe({ pipeQueue });
    connection.deliver(utf8("one"), new Uint8Array(0), utf8("two"));
    assert.deepEqual(pipeQueue.texts, ["one", "", "two"]);
  });

  test("what came with the handshake before anything else, also half a message", () => {
    const pipeQueue = new KeepingInput();
    const [first, rest] = cut(frameAll("tcp", WORDS), [14]);
    const { connection } = mockPipe({ framing: "tcp", pipeQueue, first: first! });
    assert.deepEqual(pipeQueue.texts, ["one"]);
    connection.deliver(rest!);
    assert.deepEqual(pipeQueue.texts, ["one", "two", "three"]);
  });

  test("through the protocol's transformer, which answers to the pipe's queue", () => {
    const pipeQueue = new KeepingInput();
    const inbound: Transformer<Uint8Array, never> = {
      transform: (message, controller) => {
        if (message.length > 3) controller.error(new SPError("EPROTO", "too long"));
        else if (message.length === 3) controller.enqueue(message.subarray(1) as never);
      },
    };
    const { pipe, connection } = mockPipe({ framing: "tcp", pipeQueue, inbound });
    connection.deliver(frameAll("tcp", ["abc", "no", "long"].map(utf8)));
    assert.deepEqual(pipeQueue.texts, ["bc"]);
    assert.equal(pipeQueue.errors.length, 1);
    assert.equal(pipe.messagesReceived, 3);
  });
});

describe("a pipe that fills its pipe's queue", () => {
  test("stops reading behind the message, keeps the rest, and goes on when told", () => {
    const pipeQueue = new KeepingInput(2);
    const { pipe, connection } = mockPipe({ framing: "tcp", pipeQueue });
    connection.deliver(frame("tcp", utf8("one")));
    assert.equal(connection.paused, false);
    connection.deliver(frameAll("tcp", WORDS));
    assert.equal(connection.paused, true);
    assert.equal(pipeQueue.messages.length, 2);
    connection.deliver(frame("tcp", utf8("more")));
    assert.equal(pipeQueue.messages.length, 2);
    pipeQueue.limit = 3;
    pipe.resume();
    assert.equal(connection.paused, true);
    assert.equal(pipeQueue.messages.length, 3);
    pipeQueue.limit = Infinity;
    pipe.resume();
    assert.equal(connection.paused, false);
    assert.equal(pipeQueue.messages.length, 5);
  });

  test("passes on what had come before it is over", () => {
    const pipeQueue = new KeepingInput(1);
    const { pipe, connection, host } = mockPipe({ framing: "tcp", pipeQueue });
    connection.deliver(frameAll("tcp", WORDS));
    connection.break();
    assert.deepEqual(pipeQueue.texts, ["one"]);
    assert.deepEqual([pipe.open, host.calls.includes("closed")], [false, false]);
    pipeQueue.limit = Infinity;
    pipe.resume();
    assert.deepEqual(pipeQueue.texts, ["one", "two", "three"]);
    assert.deepEqual([host.calls.includes("closed"), pipe.drops], [true, {}]);
  });

  test("whose connection breaks passes on what there is room for, and counts the rest", () => {
    const pipeQueue = new KeepingInput(1);
    const { pipe, connection, host } = mockPipe({ framing: "tcp", pipeQueue });
    connection.deliver(frameAll("tcp", WORDS));
    pipeQueue.limit = 2;
    connection.break(new SPError("ECONNRESET", "reset"));
    assert.deepEqual(pipeQueue.texts, ["one", "two"]);
    assert.deepEqual(pipe.drops, { "peer-gone": 1 });
    assert.equal(host.reason?.code, "ECONNRESET");
  });

  test("with what came with the handshake does not begin to read", () => {
    const pipeQueue = new KeepingInput(1);
    const { connection } = mockPipe({
      framing: "tcp",
      pipeQueue,
      first: frame("tcp", utf8("one")),
    });
    assert.equal(connection.paused, true);
  });
});

describe("a pipe, while others wait for a turn,", () => {
  const large = frameAll("tcp", Array.from({ length: 200 }, (_, i) => utf8(`message ${i}`)));

  test("keeps a chunk until it is its turn, and reads nothing behind it", async () => {
    const pipeQueue = new KeepingInput();
    const { connection } = mockPipe({ framing: "tcp", pipeQueue });
    standInLine(SOMEBODY);
    connection.deliver(large, frame("tcp", utf8("behind")));
    assert.deepEqual([pipeQueue.messages.length, connection.paused], [0, true]);
    await calm();
    assert.equal(connection.paused, false);
    assert.equal(pipeQueue.messages.length, 201);
    assert.equal(pipeQueue.texts.at(-1), "behind");
  });

  test("takes a small chunk at once", async () => {
    const pipeQueue = new KeepingInput();
    const { connection } = mockPipe({ framing: "tcp", pipeQueue });
    standInLine(SOMEBODY);
    connection.deliver(frame("tcp", utf8("small")));
    assert.deepEqual(pipeQueue.texts, ["small"]);
    await calm();
  });

  test("keeps memory that the connection only lends", async () => {
    const pipeQueue = new KeepingInput();
    const { connection } = mockPipe({ framing: "tcp", pipeQueue, lendsMemory: true });
    standInLine(SOMEBODY);
    connection.deliver(large);
    await calm();
    assert.deepEqual(pipeQueue.texts, Array.from({ length: 200 }, (_, i) => `message ${i}`));
  });

  test("waits for its turn as well when the queue has room again", async () => {
    const pipeQueue = new KeepingInput(1);
    const { pipe, connection } = mockPipe({ framing: "tcp", pipeQueue });
    connection.deliver(frameAll("tcp", WORDS));
    standInLine(SOMEBODY);
    pipeQueue.limit = Infinity;
    pipe.resume();
    assert.deepEqual(pipeQueue.texts, ["one"]);
    await calm();
    assert.deepEqual(pipeQueue.texts, ["one", "two", "three"]);
  });

  test("fails alone if something throws in its turn, and the others have theirs", async () => {
    const pipeQueue = new KeepingInput();
    const inbound = {
      transform: () => {
        throw new Error("oops");
      },
    };
    const bad = mockPipe({ framing: "tcp", pipeQueue: new KeepingInput(), inbound });
    const good = mockPipe({ framing: "tcp", pipeQueue });
    standInLine(SOMEBODY);
    bad.connection.deliver(large, large);
    good.connection.deliver(large);
    await calm();
    assert.match(bad.host.reason!.message, /oops/);
    assert.equal(pipeQueue.messages.length, 200);
  });

  test("that closes counts what it keeps", async () => {
    const pipeQueue = new KeepingInput();
    const { pipe, connection } = mockPipe({ framing: "tcp", pipeQueue });
    standInLine(SOMEBODY);
    connection.deliver(large);
    await pipe.close();
    assert.equal(pipeQueue.messages.length, 0);
    assert.deepEqual(pipe.drops, { closed: 200 });
    await calm();
  });
});

describe("a pipe is closed, with the reason,", () => {
  test("by a message that is too large", () => {
    const pipeQueue = new KeepingInput();
    const { connection, host } = mockPipe({ framing: "tcp", pipeQueue, maxMessageSize: 3 });
    connection.deliver(frameAll("tcp", ["one", "four", "two"].map(utf8)));
    assert.deepEqual(pipeQueue.texts, ["one"]);
    assert.deepEqual(host.calls, ["closing", "closed"]);
    assert.equal(host.reason?.code, "EMSGSIZE");
    assert.equal(connection.destroyed, true);
  });

  test("by an ipc frame of another type", () => {
    const { connection, host } = mockPipe({ framing: "ipc", pipeQueue: new KeepingInput() });
    connection.deliver(hex("02 00 00 00 00 00 00 00 00"));
    assert.equal(host.reason?.code, "EPROTO");
    assert.equal(connection.destroyed, true);
  });

  test("by a message to a socket that only sends", () => {
    const { connection, host } = mockPipe({ framing: "tcp" });
    connection.deliver(frame("tcp", utf8("data")));
    assert.equal(host.reason?.code, "EPROTO");
    assert.match(host.reason.message, /mock peer sent a message to a socket that only sends/);
    assert.equal(connection.destroyed, true);
  });

  test("by what a transformer without a pipe's queue passes on, or says", () => {
    for (const how of ["enqueue", "error"] as const) {
      const { connection, host } = mockPipe({
        inbound: { transform: (_, controller) => controller[how]("no good" as never) },
      });
      connection.deliver(utf8("data"));
      assert.equal(host.reason?.code, "EPROTO");
      assert.match(host.reason.message, how === "error" ? /no good/ : /only sends/);
    }
  });

  test("by any reason that is given, an SPError as it is and another as its cause", () => {
    const { pipe, host } = mockPipe({});
    const reason = new SPError("EREJECTED", "not you");
    pipe.error(reason);
    assert.equal(host.reason, reason);
    const other = mockPipe({});
    other.pipe.error("whatever");
    assert.equal(other.host.reason?.code, "EPROTO");
    assert.equal(other.host.reason.cause, "whatever");
  });

  test("by a stream that ends inside a message, wherever that is", () => {
    const bytes = frame("tcp", utf8("abc"));
    for (let end = 1; end < bytes.length; end++) {
      const { connection, host } = mockPipe({ framing: "tcp", pipeQueue: new KeepingInput() });
      connection.deliver(concat([bytes, bytes.subarray(0, end)]));
      connection.break();
      assert.deepEqual(host.calls, ["closing", "closed"]);
      assert.equal(host.reason?.code, "EPROTO", `after ${end} bytes`);
      assert.match(host.reason.message, /inside a message/);
    }
  });

  test("and not by a stream that ends between two", () => {
    const { connection, host } = mockPipe({ framing: "tcp", pipeQueue: new KeepingInput() });
    connection.deliver(frame("tcp", utf8("abc")));
    connection.break();
    assert.deepEqual(host.calls, ["closing", "closed"]);
    assert.equal(host.reason, undefined);
  });

  test("once, and nothing that comes later is taken in", () => {
    const pipeQueue = new KeepingInput();
    const { pipe, connection, host } = mockPipe({ framing: "tcp", pipeQueue, closesAtOnce: true });
    pipe.error(new SPError("EPROTO", "first"));
    pipe.error(new SPError("EPROTO", "second"));
    pipe.data(frame("tcp", pattern(3)));
    pipe.closed(new SPError("ECONNRESET", "third"));
    pipe.resume();
    assert.equal(host.reason?.message, "first");
    assert.deepEqual(host.calls, ["closing", "closed"]);
    assert.deepEqual(pipeQueue.messages, []);
    assert.equal(pipe.messagesReceived, 0);
    assert.equal(connection.resumes, 0);
  });
});

test("a peer that is part of this program may send messages of any size", () => {
  const pipeQueue = new KeepingInput();
  const { connection, host } = mockPipe({
    framing: "tcp",
    pipeQueue,
    maxMessageSize: 3,
    inProcess: true,
  });
  connection.deliver(frame("tcp", utf8("four")));
  assert.deepEqual(pipeQueue.texts, ["four"]);
  assert.deepEqual(host.calls, []);
});

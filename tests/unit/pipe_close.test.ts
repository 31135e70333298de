/** How a pipe ends: in order, given up, or lost; and what becomes of what it had. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SPError } from "../../src/base/errors.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import { pattern, text, utf8 } from "../helpers/bytes.ts";
import { mockPipe } from "../helpers/mock_pipe.ts";
import { frame } from "../helpers/reference_codec.ts";
import { calm } from "../helpers/turns.ts";

/** What a socket that has other pipes does with what a lost one had not been sent. */
function takesBack(into: string[]): (pipe: Pipe) => void {
  return (pipe) => {
    for (let one = pipe.takeBack(); one !== undefined; one = pipe.takeBack()) {
      into.push(text(one as Uint8Array));
    }
  };
}

for (const closesAtOnce of [true, false]) {
  describe(`a pipe whose connection closes ${closesAtOnce ? "at once" : "later"}`, () => {
    test("when closed writes what it has, ends, and resolves when the connection is over", async () => {
      const { pipe, connection, host } = mockPipe({ framing: "tcp", closesAtOnce });
      pipe.send(utf8("a"));
      pipe.send(utf8("b"));
      assert.equal(pipe.open, true);
      const closed = pipe.close();
      assert.equal(pipe.open, false);
      assert.deepEqual(connection.messages().map(text), ["a", "b"]);
      assert.equal(connection.ended, true);
      assert.equal(connection.destroyed, false);
      await closed;
      assert.deepEqual(host.calls, ["closing", "closed"]);
      assert.equal(host.reason, undefined);
      assert.deepEqual(pipe.drops, {});
      await calm();
    });

    test("when closed waits for what the connection holds", async () => {
      const { pipe, connection, host } = mockPipe({ framing: "tcp", closesAtOnce });
      connection.stuck = true;
      pipe.send(utf8("a"));
      pipe.flush();
      pipe.send(utf8("b"));
      const closed = pipe.close();
      await calm();
      assert.equal(connection.ended, false);
      connection.drain();
      assert.equal(connection.ended, false);
      connection.drain();
      assert.equal(connection.ended, true);
      await closed;
      assert.deepEqual(connection.messages().map(text), ["a", "b"]);
      assert.deepEqual(host.calls, ["closing", "closed"]);
    });

    test("when closed twice is closed once, and a close after the end resolves", async () => {
      const { pipe, host } = mockPipe({ closesAtOnce });
      await Promise.all([pipe.close(), pipe.close()]);
      await pipe.close();
      assert.deepEqual(host.calls, ["closing", "closed"]);
    });

    test("when abandoned drops and counts all it has, also what the connection holds", async () => {
      const { pipe, connection, host } = mockPipe({ framing: "tcp", closesAtOnce });
      connection.stuck = true;
      pipe.send(utf8("a"));
      pipe.flush();
      pipe.send(utf8("b"));
      pipe.send(utf8("c"));
      const closed = pipe.close();
      pipe.abandon();
      await closed;
      assert.deepEqual(pipe.drops, { closed: 3 });
      assert.deepEqual(host.calls, ["closing", "closed 2", "closed", "closed 1"]);
      assert.equal(connection.destroyed, true);
      assert.equal(pipe.queuedMessages, 0);
    });

    test("when destroyed lets go at once, and counts what it had as lost with its peer", async () => {
      const { pipe, connection, host } = mockPipe({ framing: "tcp", closesAtOnce });
      const reason = new SPError("EPROTO", "no good");
      pipe.send(utf8("a"));
      pipe.destroy(reason);
      pipe.destroy();
      assert.deepEqual(host.calls, ["closing", "closed", "peer-gone 1"]);
      assert.equal(host.reason, reason);
      assert.deepEqual(pipe.drops, { "peer-gone": 1 });
      await calm();
      assert.deepEqual(connection.writes, []);
    });
  });
}

describe("a pipe that is lost", () => {
  test("tells why, after it told that it takes nothing more", async () => {
    const { pipe, connection, host } = mockPipe({});
    let wasOpen = true;
    host.onClosing = () => wasOpen = pipe.open;
    const reason = new SPError("ECONNRESET", "reset");
    connection.break(reason);
    assert.equal(wasOpen, false);
    assert.deepEqual(host.calls, ["closing", "closed"]);
    assert.equal(host.reason, reason);
    await pipe.close();
  });

  test("counts what was neither written nor taken back", () => {
    const { pipe, connection, host } = mockPipe({ framing: "tcp", sendBuffer: Infinity });
    connection.stuck = true;
    pipe.send(utf8("held"));
    pipe.flush();
    pipe.send(utf8("a"));
    pipe.send(utf8("b"));
    const saved: string[] = [];
    host.onClosed = takesBack(saved);
    connection.break();
    assert.deepEqual(saved, ["a", "b"]);
    assert.deepEqual(pipe.drops, { "peer-gone": 1 });
    assert.equal(pipe.messagesSent, 1);
  });

  test("counts all where nobody takes anything back", () => {
    const { pipe, connection } = mockPipe({ framing: "tcp", sendBuffer: Infinity });
    connection.stuck = true;
    for (const body of [pattern(100_000), utf8("a"), pattern(100_000)]) pipe.send(body);
    connection.break();
    assert.deepEqual(pipe.drops, { "peer-gone": 3 });
    // A socket that closes abandons all its pipes, also those that are gone.
    pipe.abandon();
    assert.deepEqual(pipe.drops, { "peer-gone": 3 });
    assert.deepEqual([pipe.queuedMessages, pipe.queuedBytes], [0, 0]);
  });

  test("while it closes counts what it could not write any more", async () => {
    const { pipe, connection, host } = mockPipe({ framing: "tcp" });
    connection.stuck = true;
    pipe.send(utf8("a"));
    const closed = pipe.close();
    connection.break(new SPError("ECONNRESET", "reset"));
    await closed;
    assert.deepEqual(host.calls, ["closing", "closed", "peer-gone 1"]);
    assert.equal(host.reason?.code, "ECONNRESET");
  });
});

describe("a pipe that closes", () => {
  test("passes nothing more on, counts what comes, and reads on, so that its last bytes are not reset", async () => {
    const received: Uint8Array[] = [];
    const { pipe, connection } = mockPipe({
      framing: "tcp",
      pipeQueue: {
        full: true,
        room: 0,
        lastRoom: 0,
        holds: () => {},
        end: () => {},
        enqueue: (message) => received.push(message),
        error: () => {},
      },
    });
    connection.pause();
    connection.deliver(frame("tcp", utf8("late")));
    await pipe.close();
    assert.equal(connection.paused, false);
    assert.deepEqual(received, []);
    assert.equal(pipe.messagesReceived, 1);
    assert.deepEqual(pipe.drops, { closed: 1 });
  });

  test("in the middle of what its peer sends closes without a reason", async () => {
    const { pipe, connection, host } = mockPipe({
      framing: "tcp",
      pipeQueue: {
        full: false,
        room: Infinity,
        lastRoom: Infinity,
        holds: () => {},
        end: () => {},
        enqueue: () => {},
        error: () => {},
      },
    });
    connection.deliver(frame("tcp", utf8("abc")).subarray(0, 5));
    await pipe.close();
    assert.equal(host.reason, undefined);
  });

  test("is not told ready any more, when what it had is written", async () => {
    const { pipe, connection, host } = mockPipe({ framing: "tcp", sendBuffer: 1 });
    connection.stuck = true;
    pipe.send(utf8("a"));
    const closed = pipe.close();
    connection.drain();
    await closed;
    assert.deepEqual(host.calls, ["closing", "closed"]);
  });
});

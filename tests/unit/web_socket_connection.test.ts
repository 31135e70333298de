/** What a WebSocket is made into: nothing delivered too early, nothing lost, and why it ended. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ConnectionSink } from "../../src/contracts/connection.ts";
import { SPError } from "../../src/base/errors.ts";
import { resolveEndpointOptions } from "../../src/surface/options.ts";
import {
  WebSocketConnection,
  type WebSocketPort,
} from "../../transports/ws/web_socket_connection.ts";
import { text, utf8 } from "../helpers/bytes.ts";

/** A WebSocket that records what is done with it. */
class MockPort implements WebSocketPort {
  readonly done: string[] = [];
  readonly reading?: { pause(): void; resume(): void };
  takes = true;
  isEnding = false;

  constructor(canPause: boolean) {
    if (canPause) {
      this.reading = {
        pause: () => this.done.push("pause"),
        resume: () => this.done.push("resume"),
      };
    }
  }

  send(messages: readonly Uint8Array[]): boolean {
    this.done.push(`send ${messages.map(text).join()}`);
    return this.takes;
  }

  close(code: number, reason: string): void {
    this.done.push(`close ${code} ${reason}`);
  }

  terminate(): void {
    this.done.push("terminate");
  }
}

/** Who takes what comes, as the core does. */
class MockSink implements ConnectionSink {
  readonly got: string[] = [];
  /** Called after each message. */
  onData: (() => void) | undefined;

  data(chunk: Uint8Array): void {
    this.got.push(text(chunk));
    this.onData?.();
  }

  drain(): void {
    this.got.push("(drain)");
  }

  closed(reason?: SPError): void {
    this.got.push(reason === undefined ? "(closed)" : `(closed: ${reason.code})`);
  }
}

function open(
  { canPause = true, maxMessageSize = 1000, maxBacklog = 1000 } = {},
): { port: MockPort; connection: WebSocketConnection; sink: MockSink } {
  const port = new MockPort(canPause);
  const info = { remoteAddress: "ws://peer", localAddress: "ws://here" };
  const options = { ...resolveEndpointOptions({}, { maxMessageSize }), webSocket: { maxBacklog } };
  return { port, connection: new WebSocketConnection(port, info, options), sink: new MockSink() };
}

describe("what comes", () => {
  test("before it is wanted is held, and delivered in order at the start", () => {
    const { connection, sink } = open();
    connection.message(utf8("a"));
    connection.message(utf8("b"));
    connection.start(sink);
    connection.message(utf8("c"));
    assert.deepEqual(sink.got, ["a", "b", "c"]);
  });

  test("while paused is held, and so is the end behind it", () => {
    const { port, connection, sink } = open();
    connection.start(sink);
    connection.pause();
    connection.pause();
    connection.message(utf8("a"));
    connection.closed(1000, "");
    assert.deepEqual(sink.got, []);
    connection.resume();
    assert.deepEqual(sink.got, ["a", "(closed)"]);
    assert.deepEqual(port.done, ["resume", "pause"]);
  });

  test("stops when it is paused by what it delivers, and goes on where it stopped", () => {
    const { connection, sink } = open();
    for (const one of "abc") connection.message(utf8(one));
    sink.onData = () => connection.pause();
    connection.start(sink);
    assert.deepEqual(sink.got, ["a"]);
    connection.message(utf8("d"));
    connection.resume();
    assert.deepEqual(sink.got, ["a", "b"]);
    sink.onData = undefined;
    connection.resume();
    assert.deepEqual(sink.got, ["a", "b", "c", "d"]);
  });

  test("is in order when it is resumed within a delivery", () => {
    const { connection, sink } = open();
    for (const one of "abcd") connection.message(utf8(one));
    sink.onData = () => {
      connection.pause();
      connection.resume();
    };
    connection.start(sink);
    assert.deepEqual(sink.got, ["a", "b", "c", "d"]);
  });

  test("and is too large closes with 1009, behind what came before", () => {
    const { port, connection, sink } = open({ maxMessageSize: 3 });
    connection.start(sink);
    connection.pause();
    connection.message(utf8("123"));
    connection.message(utf8("1234"));
    connection.message(utf8("5"));
    connection.resume();
    assert.deepEqual(sink.got, ["123", "(closed: EMSGSIZE)"]);
    assert.ok(port.done.includes("close 1009 Message too large"));
    connection.closed(1009, "");
  });

  test("and cannot be pushed back is held up to a limit, and then it is closed with ENOBUFS", () => {
    const { port, connection, sink } = open({ canPause: false, maxBacklog: 1000 });
    connection.start(sink);
    connection.pause();
    for (let i = 0; i < 3; i++) connection.message(new Uint8Array(250));
    assert.deepEqual(port.done, []);
    connection.message(new Uint8Array(250));
    assert.deepEqual(port.done, ["close 1008 Too fast"]);
    assert.deepEqual(sink.got, ["(closed: ENOBUFS)"]);
    connection.closed(1008, "");
    assert.deepEqual(sink.got, ["(closed: ENOBUFS)"]);
  });

  test("and has no bytes is not free: a flood of empty messages has a limit as well", () => {
    const { connection, sink } = open({ canPause: false, maxBacklog: 1000 });
    connection.start(sink);
    connection.pause();
    for (let i = 0; i < 20; i++) connection.message(new Uint8Array(0));
    assert.deepEqual(sink.got, ["(closed: ENOBUFS)"]);
    connection.closed(1008, "");
  });
});

describe("what goes", () => {
  test("is sent at once, and where the port is full, drain follows", () => {
    const { port, connection, sink } = open();
    connection.start(sink);
    assert.equal(connection.write([utf8("a"), utf8("b")]), true);
    port.takes = false;
    assert.equal(connection.write([utf8("c")]), false);
    connection.drained();
    assert.deepEqual(port.done, ["resume", "send a,b", "send c"]);
    assert.deepEqual(sink.got, ["(drain)"]);
  });

  test("is not sent any more once the WebSocket is closed", () => {
    const { port, connection, sink } = open();
    connection.start(sink);
    connection.closed(1000, "");
    assert.equal(connection.write([utf8("a")]), false);
    connection.drained();
    assert.deepEqual(port.done, ["resume"]);
    assert.deepEqual(sink.got, ["(closed)"]);
  });
});

describe("the end", () => {
  for (
    const [code, told] of [
      [1000, "(closed)"],
      [1001, "(closed)"],
      [1005, "(closed)"],
      [1002, "(closed: EPROTO)"],
      [1003, "(closed: EPROTO)"],
      [1006, "(closed: ECONNRESET)"],
      [1007, "(closed: EPROTO)"],
      [1008, "(closed: EREJECTED)"],
      [4008, "(closed: EREJECTED)"],
      [1009, "(closed: EMSGSIZE)"],
      [1011, "(closed: ECONNRESET)"],
      [3333, "(closed: ECONNRESET)"],
    ] as const
  ) {
    test(`with code ${code} is told as ${told}`, () => {
      const { connection, sink } = open();
      connection.start(sink);
      connection.closed(code, "because");
      assert.deepEqual(sink.got, [told]);
    });
  }

  test("names the peer, the code and what the peer said", () => {
    const { connection } = open();
    const reasons: (SPError | undefined)[] = [];
    connection.start({ data: () => {}, drain: () => {}, closed: (reason) => reasons.push(reason) });
    connection.closed(1009, "a megabyte will do");
    assert.equal(
      reasons[0]?.message,
      'ws://peer closed the WebSocket, a message was too large for it (1009): "a megabyte will do"',
    );
  });

  test("that we have asked for is no error, even if the peer only hangs up", () => {
    const { port, connection, sink } = open();
    connection.start(sink);
    connection.end();
    connection.closed(1006, "");
    assert.deepEqual(port.done, ["resume", "close 1000 "]);
    assert.deepEqual(sink.got, ["(closed)"]);
  });

  test("by destroy is at once, and drops what was held", () => {
    const { port, connection, sink } = open();
    connection.start(sink);
    connection.pause();
    connection.message(utf8("a"));
    connection.destroy();
    connection.closed(1006, "");
    connection.resume();
    assert.deepEqual(port.done, ["resume", "pause", "terminate"]);
    assert.deepEqual(sink.got, ["(closed)"]);
  });

  test("of a connection that is refused is told to the peer, whether it was started or not", () => {
    for (const started of [false, true]) {
      const { port, connection, sink } = open();
      connection.pause();
      if (started) connection.start(sink);
      connection.refuse();
      connection.refuse();
      assert.deepEqual(port.done, ["pause", "resume", "close 1008 Refused"]);
      assert.deepEqual(sink.got, started ? ["(closed)"] : []);
      connection.closed(1008, "");
      connection.destroy();
      assert.deepEqual(port.done, ["pause", "resume", "close 1008 Refused"]);
    }
  });

  test("of a connection that nobody took over, and that is destroyed, comes at once", () => {
    const { port, connection } = open();
    connection.destroy();
    assert.deepEqual(port.done, ["terminate"]);
    connection.closed(1006, "");
  });

  test("that came before the start is told at the start", () => {
    const { connection, sink } = open();
    connection.message(utf8("a"));
    connection.closed(1001, "");
    connection.start(sink);
    assert.deepEqual(sink.got, ["a", "(closed)"]);
  });

  test("by an error is told once, and the code that follows is not", () => {
    const { connection, sink } = open();
    connection.start(sink);
    connection.failed(new SPError("EPROTO", "A frame that is none"));
    connection.failed(new SPError("ECONNRESET", "Reset"));
    connection.closed(1002, "");
    assert.deepEqual(sink.got, ["(closed: EPROTO)"]);
  });

  test("is made by force where the peer does not go along with it", async () => {
    const { port, connection } = open();
    const terminated = new Promise<void>((resolve) => {
      port.terminate = () => {
        connection.closed(1006, "");
        resolve();
      };
    });
    connection.destroy();
    await terminated;
  });
});

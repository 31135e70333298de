/** A pair of Web Streams as a connection: what the core is told, and what the streams see. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { isOwned, takeOwned } from "../../src/memory/owned.ts";
import { StreamConnection } from "../../src/endpoints/stream_connection.ts";
import { transfer } from "../../src/memory/transfer.ts";
import { spError } from "../helpers/errors.ts";
import { calm } from "../helpers/turns.ts";
import { Recorder } from "../runtime/recorder.ts";

/** Streams in the hands of the test, which see what the connection does. */
class Streams {
  readonly written: Uint8Array[] = [];
  readonly calls: string[] = [];
  pulls = 0;
  input!: ReadableStreamDefaultController<unknown>;
  output!: WritableStreamDefaultController;
  /** Has held writes go on. */
  release: () => void = () => {};
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;

  constructor({ stuck = false } = {}) {
    this.readable = new ReadableStream({
      start: (controller) => {
        this.input = controller;
      },
      pull: () => {
        this.pulls++;
      },
      cancel: () => {
        this.calls.push("cancel");
      },
    }, { highWaterMark: 0 }) as ReadableStream<Uint8Array>;
    this.writable = new WritableStream({
      start: (controller) => {
        this.output = controller;
      },
      write: (chunk) => {
        this.written.push(chunk);
        if (stuck) return new Promise<void>((resolve) => this.release = resolve);
      },
      close: () => {
        this.calls.push("close");
      },
      abort: () => {
        this.calls.push("abort");
      },
    });
  }
}

function connect(streams = new Streams()): {
  streams: Streams;
  connection: StreamConnection;
  sink: Recorder;
} {
  const connection = new StreamConnection(streams, "stream://test", "tcp");
  return { streams, connection, sink: new Recorder() };
}

test("nothing is read before it is started, and one chunk at a time after that", async () => {
  const { streams, connection, sink } = connect();
  await calm();
  assert.equal(streams.pulls, 0);
  connection.start(sink);
  streams.input.enqueue(new Uint8Array([1, 2]));
  streams.input.enqueue(new Uint8Array([3]));
  await sink.until(({ length }) => length === 3);
  assert.deepEqual(sink.chunks, [new Uint8Array([1, 2]), new Uint8Array([3])]);
});

test("what is paused delivers nothing, reads one chunk ahead at the most, and goes on", async () => {
  const { streams, connection, sink } = connect();
  connection.start(sink);
  connection.pause();
  for (let i = 1; i <= 3; i++) streams.input.enqueue(new Uint8Array([i]));
  await calm();
  assert.deepEqual(sink.chunks, []);
  assert.ok(streams.input.desiredSize! <= -2, `${streams.input.desiredSize}`);
  connection.resume();
  await sink.until(({ length }) => length === 3);
  assert.deepEqual([...sink.bytes], [1, 2, 3]);
});

test("a sink that pauses within its call gets no further chunk", async () => {
  const { streams, connection, sink } = connect();
  sink.onData = () => connection.pause();
  connection.start(sink);
  for (let i = 1; i <= 3; i++) streams.input.enqueue(new Uint8Array([i]));
  for (let i = 1; i <= 3; i++) {
    await sink.until(({ length }) => length === i);
    await calm();
    assert.equal(sink.length, i);
    connection.resume();
  }
});

test("another sink takes over where the first one stopped", async () => {
  const { streams, connection, sink } = connect();
  const next = new Recorder();
  sink.onData = () => connection.pause();
  connection.start(sink);
  streams.input.enqueue(new Uint8Array([1]));
  streams.input.enqueue(new Uint8Array([2]));
  await sink.until(({ length }) => length === 1);
  connection.start(next);
  connection.resume();
  await next.until(({ length }) => length === 1);
  assert.deepEqual([...sink.bytes, ...next.bytes], [1, 2]);
});

test("a write is held until the stream has taken it all", async () => {
  const { streams, connection, sink } = connect(new Streams({ stuck: true }));
  connection.start(sink);
  assert.equal(sink.write(connection, new Uint8Array([1]), new Uint8Array([2])), false);
  await calm();
  streams.release();
  await calm();
  assert.equal(sink.drains, 0);
  assert.equal(streams.written.length, 2);
  streams.release();
  await sink.until(({ drains }) => drains === 1);
  assert.deepEqual(streams.written, [new Uint8Array([1]), new Uint8Array([2])]);
});

test("what is written belongs to the stream, and to the sender no more", async () => {
  const { connection, sink } = connect();
  connection.start(sink);
  const bytes = takeOwned(transfer(new Uint8Array(20_000)));
  assert.equal(isOwned(bytes), true);
  await sink.written(connection, bytes);
  assert.equal(isOwned(bytes), false);
  assert.equal(connection.keepsMemory, true);
});

test("an end closes the stream behind what is written, and waits for the peer's", async () => {
  const { streams, connection, sink } = connect();
  connection.start(sink);
  sink.write(connection, new Uint8Array([1]));
  connection.end();
  connection.end();
  await calm();
  assert.deepEqual(streams.calls, ["close"]);
  assert.equal(streams.written.length, 1);
  assert.equal(sink.isClosed, false);
  streams.input.enqueue(new Uint8Array([2]));
  streams.input.close();
  await sink.untilClosed();
  assert.deepEqual([[...sink.bytes], sink.reason], [[2], undefined]);
});

test("the peer's end is the end, behind what it sent, and ends our stream too", async () => {
  const { streams, connection, sink } = connect();
  streams.input.enqueue(new Uint8Array([1]));
  streams.input.close();
  sink.onData = () => connection.pause();
  connection.start(sink);
  await sink.until(({ length }) => length === 1);
  await calm();
  assert.equal(sink.isClosed, false);
  connection.resume();
  await sink.untilClosed();
  assert.equal(sink.reason, undefined);
  await calm();
  assert.deepEqual(streams.calls, ["close"]);
});

test("a stream that fails to read ends the connection, and says why", async () => {
  const { streams, connection, sink } = connect();
  connection.start(sink);
  const cause = new Error("the cable is cut");
  streams.input.error(cause);
  await sink.untilClosed();
  spError("EIO", "Lost the connection to stream://test", "the cable is cut")(sink.reason);
  assert.equal(sink.reason!.cause, cause);
  await calm();
  assert.deepEqual(streams.calls, ["abort"]);
});

test("a stream that fails to write ends the connection, and says why", async () => {
  const { streams, connection, sink } = connect(new Streams({ stuck: true }));
  connection.start(sink);
  sink.write(connection, new Uint8Array([1]), new Uint8Array([2]));
  await calm();
  streams.output.error(Object.assign(new Error("gone"), { code: "EPIPE" }));
  streams.release();
  await sink.untilClosed();
  spError("ECONNRESET", "Lost the connection to stream://test")(sink.reason);
  await calm();
  assert.deepEqual(streams.calls, ["cancel"]);
  assert.equal(sink.drains, 0);
});

test("a failure before it is started is told when it is", async () => {
  const { streams, connection, sink } = connect();
  streams.output.error(new Error("too early"));
  await calm();
  connection.start(sink);
  spError("EIO", "too early")(sink.reason);
});

test("who destroys it lets go of both streams at once", async () => {
  const { streams, connection, sink } = connect(new Streams({ stuck: true }));
  connection.start(sink);
  sink.write(connection, new Uint8Array([1]));
  connection.destroy();
  connection.destroy();
  connection.end();
  await sink.untilClosed();
  streams.release();
  await calm();
  assert.equal(sink.reason, undefined);
  assert.deepEqual(streams.calls.sort(), ["abort", "cancel"]);
});

test("a chunk that is no Uint8Array ends the connection, and says what was wanted", async () => {
  for (const wrong of ["text", 7, null, new ArrayBuffer(1), [1]]) {
    const { streams, connection, sink } = connect();
    connection.start(sink);
    streams.input.enqueue(wrong);
    await sink.untilClosed();
    spError("EINVAL", "Cannot read", "expected a Uint8Array")(sink.reason);
  }
});

test("empty chunks say nothing, and a Buffer becomes a plain view", async () => {
  const { streams, connection, sink } = connect();
  connection.start(sink);
  streams.input.enqueue(new Uint8Array(0));
  streams.input.enqueue(Buffer.from("abc"));
  await sink.until(({ length }) => length === 3);
  assert.equal(sink.chunks.length, 1);
});

test("what are no streams, or streams in use, cannot be attached", () => {
  const make = (streams: unknown) => () => new StreamConnection(streams as never, "x", "tcp");
  for (const wrong of [undefined, null, 1, {}, new Streams().readable, { readable: 1 }]) {
    assert.throws(make(wrong), spError("EINVAL", "expected { readable, writable }"));
  }
  const read = new Streams();
  read.readable.getReader();
  assert.throws(make(read), spError("EINVAL", "the readable one is locked"));
  const written = new Streams();
  written.writable.getWriter();
  assert.throws(make(written), spError("EINVAL", "the writable one is locked"));
  assert.equal(written.readable.locked, false);
});

/** The connection between two threads, with both ends in one. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SPError } from "../../src/base/errors.ts";
import { toBytes } from "../../src/memory/message.ts";
import { transfer } from "../../src/memory/transfer.ts";
import { type Port, PortConnection } from "../../transports/inproc/port.ts";
import { concat, pattern } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { Recorder } from "../runtime/recorder.ts";

const KIB = 1024;

interface End {
  readonly port: Port;
  readonly connection: PortConnection;
  readonly sink: Recorder;
  /** What it posted. */
  readonly parcels: unknown[];
  /** How often it said that it is over. */
  overs: number;
}

function end(port: Port): End {
  const parcels: unknown[] = [];
  const post = port.postMessage.bind(port);
  port.postMessage = (parcel: unknown, moved?: unknown) => {
    parcels.push(Array.isArray(parcel) ? [...parcel] : parcel);
    post(parcel, moved as Transferable[]);
  };
  const result: End = {
    port,
    connection: new PortConnection(port, "inproc://test", () => result.overs++),
    sink: new Recorder(),
    parcels,
    overs: 0,
  };
  return result;
}

/** Both ends of a connection, started; closed at the end. */
async function withEnds(use: (left: End, right: End) => Promise<void>): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const [left, right] = [end(port1), end(port2)];
  left.connection.start(left.sink);
  right.connection.start(right.sink);
  await use(left, right);
  left.connection.destroy();
  right.connection.destroy();
}

test("what is written arrives, each write as one message on the port", () =>
  withEnds(async (left, right) => {
    const pieces = [pattern(100), pattern(64 * KIB, 1), pattern(3, 2)];
    assert.equal(left.sink.write(left.connection, ...pieces), true);
    assert.equal(left.parcels.length, 1);
    await right.sink.until(({ length }) => length === 103 + 64 * KIB);
    assert.equal(right.sink.chunks.length, 1);
    assert.deepEqual(new Uint8Array(right.sink.bytes), concat(pieces));
    right.sink.write(right.connection, pattern(5));
    await left.sink.until(({ length }) => length === 5);
  }));

test("the memory of what was written may be used again at once", () =>
  withEnds(async (left, right) => {
    const slab = pattern(1000);
    left.sink.write(left.connection, slab.subarray(10, 20));
    slab.fill(0);
    await right.sink.until(({ length }) => length === 10);
    assert.deepEqual(right.sink.chunks[0], pattern(1000).subarray(10, 20));
    assert.equal(right.sink.chunks[0]!.buffer.byteLength, 10);
  }));

test("memory that nobody else uses is moved, in its place among the rest", () =>
  withEnds(async (left, right) => {
    const given = toBytes(transfer(pattern(100 * KIB, 5)));
    const kept = pattern(50 * KIB, 6);
    left.sink.write(left.connection, pattern(8), given, pattern(9), kept, pattern(10));
    const [first, second, third] = left.parcels[0] as ArrayBuffer[];
    assert.equal(second, given.buffer);
    assert.deepEqual([given.length, kept.length], [0, 50 * KIB]);
    assert.equal((left.parcels[0] as ArrayBuffer[]).length, 3);
    assert.deepEqual([first!.byteLength, third!.byteLength], [0, 0]);
    await right.sink.until(({ length }) => length === 150 * KIB + 27);
    assert.deepEqual(right.sink.chunks.map(({ length }) => length), [8, 100 * KIB, 50 * KIB + 19]);
    assert.deepEqual(right.sink.chunks[1], pattern(100 * KIB, 5));
    assert.deepEqual(right.sink.chunks[2]!.subarray(9, -10), kept);
  }));

test("who does not read is not sent more than a window, and all of it once it reads", () =>
  withEnds(async (left, right) => {
    right.connection.pause();
    let written = 0;
    while (left.sink.write(left.connection, pattern(64 * KIB))) written++;
    written++;
    assert.ok(written * 64 <= 1024, `${written * 64} KiB went to who does not read`);
    assert.equal(left.sink.drains, 0);
    assert.equal(right.sink.length, 0);
    right.connection.resume();
    await left.sink.until(({ drains }) => drains === 1);
    await right.sink.until(({ length }) => length === written * 64 * KIB);
    // What was taken was said in a few words.
    assert.ok(right.parcels.length <= 8, `${right.parcels.length}`);
  }));

test("a message larger than the window goes as well", () =>
  withEnds(async (left, right) => {
    await left.sink.written(left.connection, pattern(5 * KIB * KIB));
    assert.equal(right.sink.length, 5 * KIB * KIB);
    assert.equal(left.sink.write(left.connection, pattern(1)), true);
  }));

test("a sink that pauses within its call gets no further chunk", () =>
  withEnds(async (left, right) => {
    right.sink.onData = () => right.connection.pause();
    for (let i = 1; i <= 3; i++) left.sink.write(left.connection, pattern(i));
    for (const length of [1, 3, 6]) {
      await right.sink.until((sink) => sink.length === length);
      right.connection.resume();
    }
  }));

test("an end is told behind what was written, and closes both", () =>
  withEnds(async (left, right) => {
    right.connection.pause();
    left.sink.write(left.connection, pattern(3));
    left.connection.end();
    right.sink.write(right.connection, pattern(4));
    await left.sink.until(({ length }) => length === 4);
    assert.equal(left.sink.isClosed, false);
    right.connection.resume();
    await Promise.all([left.sink.untilClosed(), right.sink.untilClosed()]);
    assert.deepEqual([left.sink.reason, right.sink.reason], [undefined, undefined]);
    assert.deepEqual([left.sink.length, right.sink.length], [4, 3]);
    assert.deepEqual([left.overs, right.overs], [1, 1]);
  }));

test("both may end at once", () =>
  withEnds(async (left, right) => {
    left.connection.end();
    right.connection.end();
    await Promise.all([left.sink.untilClosed(), right.sink.untilClosed()]);
    assert.deepEqual([left.sink.reason, right.sink.reason], [undefined, undefined]);
  }));

test("who is destroyed is over at once, and the other side soon", () =>
  withEnds(async (left, right) => {
    left.sink.write(left.connection, pattern(3));
    left.connection.destroy();
    assert.deepEqual([left.sink.isClosed, left.overs], [true, 1]);
    await right.sink.untilClosed();
    assert.deepEqual([right.sink.length, right.sink.reason], [3, undefined]);
  }));

test("a peer whose thread has ended is an error, unless it had said goodbye", () =>
  withEnds(async (left, right) => {
    left.connection.lost();
    spError("ECONNRESET", "inproc://test", "thread has ended")(left.sink.reason);
    right.connection.pause();
    right.connection.lost();
    spError("ECONNRESET")(right.sink.reason);
    await withEnds(async (left, right) => {
      right.sink.onData = () => right.connection.pause();
      left.sink.write(left.connection, pattern(1));
      left.connection.end();
      await right.sink.until(({ length }) => length === 1);
      // The end may have come already; it is not lost in either case.
      await new Promise((resolve) => setTimeout(resolve));
      right.connection.lost();
      right.connection.resume();
      await right.sink.untilClosed();
      assert.equal(right.sink.reason, undefined);
    });
  }));

test("what ended before it was started says so when it is", async () => {
  const { port1, port2 } = new MessageChannel();
  const left = end(port1);
  const right = end(port2);
  left.connection.destroy();
  left.connection.start(left.sink);
  assert.equal(left.sink.isClosed, true);
  right.connection.start(right.sink);
  await right.sink.untilClosed();
});

// Not undefined, of which Node and Deno make null: that is an end.
const RUBBISH: readonly unknown[] = [
  true,
  1n,
  {},
  new Uint8Array(3),
  [new ArrayBuffer(3), null],
  [[new ArrayBuffer(3)]],
  [3],
  { constructor: { name: { toString: 1, valueOf: 1 } } },
  NaN,
  -1,
  0,
  1e9,
  Infinity,
];

for (const [i, rubbish] of RUBBISH.entries()) {
  test(`rubbish on the port (${i}, ${typeof rubbish}) ends the connection, and each side is told why`, () =>
    withEnds(async (left, right) => {
      left.sink.write(left.connection, pattern(3));
      await right.sink.until(({ length }) => length === 3);
      left.port.postMessage(rubbish);
      left.sink.write(left.connection, pattern(4));
      await Promise.all([left.sink.untilClosed(), right.sink.untilClosed()]);
      spError("EPROTO", "Lost the connection to inproc://test: the peer posted ")(
        right.sink.reason,
      );
      spError("EREJECTED", "inproc://test let go of the connection: it was sent ")(
        left.sink.reason,
      );
      assert.deepEqual([right.sink.length, left.overs, right.overs], [3, 1, 1]);
    }));
}

test("who is refused is told why, and no other end follows", () =>
  withEnds(async (left, right) => {
    left.connection.refuse(new SPError("EBUSY", "there is one already"));
    left.connection.refuse(new SPError("EBUSY", "there is one already"));
    assert.deepEqual([left.sink.reason, left.overs], [undefined, 1]);
    await right.sink.untilClosed();
    spError("EREJECTED", "inproc://test let go of the connection: there is one already")(
      right.sink.reason,
    );
    assert.deepEqual(left.parcels, ["there is one already"]);
  }));

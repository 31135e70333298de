/** An encrypted connection by the rules of the contract: pause and resume, what came first, ends and writes that wait. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SPError } from "../../../src/base/errors.ts";
import { StreamConnection } from "../../../src/endpoints/stream_connection.ts";
import { SecureConnection } from "../../../zmtp/curve/secure_connection.ts";
import { concat, pattern, text, utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";
import { MockConnection } from "../../helpers/mock_connection.ts";
import { calm } from "../../helpers/turns.ts";
import { frame, MORE, unframe } from "../helpers/frames.ts";
import { FrameSink, openEnd, pieces, sealed } from "../helpers/secured.ts";

const ONE = frame(0, utf8("one"));
const TWO = frame(0, utf8("two"));
const THREE = frame(0, utf8("three"));

/** Texts of what came. */
function texts({ frames }: FrameSink): string[] {
  return frames.map(({ body }) => text(body));
}

/** The client's messages, one sealed piece for each. */
function sealedApart(...frames: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer>[] {
  const { mock, connection } = openEnd("C");
  for (const one of frames) connection.write([one]);
  return mock.writes.flat();
}

test("it knows of the peer what the connection below knows", () => {
  const headers = new Headers({ "x-a": "1" });
  const mock = new MockConnection({
    framing: "ipc",
    remoteAddress: "mock://r",
    localAddress: "mock://l",
    tlsName: "name",
    headers,
    path: "/p",
    inProcess: true,
    keepsMemory: true,
    lendsMemory: true,
  });
  const { connection } = openEnd("S", { mock });
  assert.equal(connection.framing, "ipc");
  assert.equal(connection.remoteAddress, "mock://r");
  assert.equal(connection.localAddress, "mock://l");
  assert.equal(connection.tlsName, "name");
  assert.equal(connection.headers, headers);
  assert.equal(connection.path, "/p");
  assert.equal(connection.inProcess, true);
  assert.equal(connection.keepsMemory, false);
  assert.equal(connection.lendsMemory, false);
  assert.equal(connection.isEnding, false);
  assert.equal(openEnd("S").connection.tlsName, undefined);
});

test("what came behind the handshake is delivered before all else, once it is resumed", () => {
  const [one, two, three] = sealedApart(ONE, TWO, THREE);
  const cut = one!.length + 5;
  const wire = concat([one!, two!]);
  const first = [wire.slice(0, cut), wire.slice(cut)];
  const { mock, connection } = openEnd("S", { first, isRaw: true });
  const sink = new FrameSink();
  connection.start(sink);
  mock.deliver(three!);
  assert.deepEqual(sink.calls, []);
  connection.resume();
  assert.deepEqual(texts(sink), ["one", "two", "three"]);
});

test("a pause while what came first is delivered holds the rest back", () => {
  const { connection, mock } = openEnd("S", { first: sealedApart(ONE, TWO, THREE), isRaw: true });
  const sink = new FrameSink();
  connection.start(sink);
  sink.onData = () => connection.pause();
  for (const expected of [["one"], ["one", "two"], ["one", "two", "three"]]) {
    connection.resume();
    assert.deepEqual(texts(sink), expected);
    assert.ok(mock.paused);
  }
  sink.onData = () => {};
  connection.resume();
  assert.ok(!mock.paused);
});

test("what came first, in lent memory too, is not mixed with what comes while it waits", () => {
  const [one, two] = sealedApart(ONE, TWO);
  const mock = new MockConnection({ framing: "tcp", lendsMemory: true });
  const { connection } = openEnd("S", { mock, first: [one!], isRaw: true });
  const sink = new FrameSink();
  connection.start(sink);
  // On its way when it was paused.
  mock.paused = false;
  mock.deliver(two!);
  assert.deepEqual(sink.calls, []);
  connection.resume();
  assert.deepEqual(texts(sink), ["one", "two"]);
});

test("pause and resume reach the connection below", () => {
  const { connection, mock, sink } = openEnd("S");
  connection.pause();
  mock.deliver(sealed("C", ONE));
  assert.deepEqual(sink.calls, []);
  connection.resume();
  assert.deepEqual(texts(sink), ["one"]);
});

test("a second start hands it on to another sink, even within a chunk", () => {
  const { connection, mock, sink } = openEnd("S");
  const other = new FrameSink();
  sink.onData = () => connection.start(other);
  mock.deliver(sealed("C", ONE, TWO));
  mock.hangUp();
  assert.deepEqual([texts(sink), texts(other)], [["one"], ["two"]]);
});

test("the end of the peer's stream comes behind what came first", () => {
  const { connection } = openEnd("S", { first: sealedApart(ONE, TWO), isRaw: true });
  const sink = new FrameSink();
  connection.start(sink);
  connection.ended();
  assert.deepEqual(sink.calls, ["data 5", "data 5", "ended"]);
  connection.closed();
  assert.equal(sink.calls.at(-1), "closed");
});

test("a connection that closes in order delivers what came first, one that breaks does not", () => {
  for (const reason of [undefined, new SPError("ECONNRESET", "Lost")]) {
    const { connection } = openEnd("S", { first: sealedApart(ONE), isRaw: true });
    const sink = new FrameSink();
    connection.start(sink);
    connection.closed(reason);
    assert.deepEqual(sink.calls, reason ? ["closed ECONNRESET"] : ["data 5", "closed"]);
    assert.equal(sink.reason, reason);
  }
});

test("a sink that does not know of ends has the connection end by itself", () => {
  const { connection, mock } = openEnd("S");
  const calls: string[] = [];
  connection.start({ data: () => {}, drain: () => {}, closed: () => calls.push("closed") });
  connection.ended();
  assert.ok(mock.ended);
  assert.deepEqual(calls, []);
});

test("a stream that ends within a frame breaks the protocol", () => {
  for (const length of [1, 2, 30]) {
    const wire = sealed("C", ONE).slice(0, length);
    for (const how of ["ended", "closed"] as const) {
      const { connection, mock, sink } = openEnd("S");
      mock.deliver(wire);
      connection[how]();
      assert.deepEqual(sink.calls, ["closed EPROTO"]);
      spError("EPROTO", "within a frame")(sink.reason);
    }
  }
});

test("end and destroy reach the connection below, and nothing is delivered after destroy", async () => {
  const ending = openEnd("S");
  ending.connection.end();
  assert.ok(ending.mock.ended);
  const { connection, mock, sink } = openEnd("S");
  sink.onData = () => connection.destroy();
  mock.deliver(concat([sealed("C", ONE, TWO), sealed("C", ONE).slice(0, 9)]));
  await calm();
  assert.ok(mock.destroyed);
  assert.deepEqual(sink.calls, ["data 5", "closed"]);
});

test("a refusal is passed on, where the connection below can tell the peer", () => {
  const reason = new SPError("EREJECTED", "No");
  const plain = openEnd("S");
  plain.connection.refuse(reason);
  assert.ok(plain.mock.destroyed);
  const told: unknown[] = [];
  const mock = Object.assign(new MockConnection({ framing: "tcp" }), {
    refuse: (why: SPError) => void told.push(why),
  });
  openEnd("S", { mock }).connection.refuse(reason);
  assert.deepEqual(told, [reason]);
  assert.ok(!mock.destroyed);
});

test("closed is told once, whatever comes of a broken connection", () => {
  const { connection, mock, sink } = openEnd("S");
  mock.deliver(Uint8Array.of(0xff));
  connection.closed(new SPError("ECONNRESET", "Lost"));
  connection.ended();
  assert.equal(connection.write([ONE]), true);
  assert.deepEqual(sink.calls, ["closed EPROTO"]);
  assert.equal(mock.writes.length, 0);
});

test("a write that the connection below holds is held until it drains", () => {
  const { connection, mock, sink } = openEnd("C", { mockOptions: { stuck: true } });
  mock.pending = 17;
  assert.equal(connection.write([ONE, TWO]), false);
  assert.equal(connection.pending, 17);
  mock.drain();
  assert.deepEqual(sink.calls, ["drain"]);
  mock.stuck = false;
  assert.equal(connection.write([THREE]), true);
  assert.equal(unframe(mock.written).length, 3);
});

test("what has not left is told in bytes of plain frames, a cut frame whole", () => {
  const mock = Object.assign(new MockConnection({ framing: "tcp", stuck: true }), {
    unwritten: undefined as number | undefined,
  });
  const { connection } = openEnd("C", { mock: mock as MockConnection });
  assert.equal(connection.unwritten, 0);
  const frames = [frame(MORE, pattern(3)), frame(0, pattern(250)), frame(0, pattern(300))];
  connection.write([concat(frames)]);
  const sizes = frames.map(({ length }) => length);
  const [first, second, third] = sizes as [number, number, number];
  const wire = mock.written.length;
  const wireFirst = 2 + 33 + 3;
  const wireThird = 9 + 33 + 300;
  const cases: readonly [number | undefined, number][] = [
    [undefined, first + second + third],
    [Infinity, first + second + third],
    [wire, first + second + third],
    [wire - wireFirst + 1, first + second + third],
    [wire - wireFirst, second + third],
    [wireThird + 1, second + third],
    [wireThird, third],
    [1, third],
    [0, 0],
  ];
  for (const [unwritten, left] of cases) {
    mock.unwritten = unwritten;
    assert.equal(connection.unwritten, left, `${unwritten} of ${wire}`);
  }
  mock.drain();
  assert.equal(connection.unwritten, 0);
});

test("each chunk of a large frame is heard, before anything is delivered", () => {
  const { connection, mock, sink } = openEnd("S");
  let heard = connection.heard;
  for (const piece of pieces(sealed("C", frame(0, pattern(10_000))), 1000)) {
    mock.deliver(piece);
    assert.notEqual(connection.heard, heard);
    heard = connection.heard;
  }
  assert.equal(sink.frames.length, 1);
});

test("two ends talk to each other over streams, both ways", async () => {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  const end = (side: "C" | "S", readable: ReadableStream, writable: WritableStream) => {
    const inner = new StreamConnection({ readable, writable }, "stream://test");
    inner.pause();
    const made = openEnd(side, { mock: inner as unknown as MockConnection });
    assert.ok(made.connection instanceof SecureConnection);
    return made;
  };
  const client = end("C", back.readable, there.writable);
  const server = end("S", there.readable, back.writable);
  for (const size of [0, 255, 256, 70_000]) {
    const message = concat([frame(MORE, pattern(size)), frame(0, pattern(size, 1))]);
    for (const [from, to] of [[client, server], [server, client]] as const) {
      const before = to.sink.chunks.length;
      const drained = from.sink.calls.filter((call) => call === "drain").length;
      assert.equal(from.connection.write([message]), false);
      while (from.sink.calls.filter((call) => call === "drain").length === drained) await calm();
      while (to.sink.chunks.length < before + 2) await calm();
      assert.deepEqual(concat(to.sink.chunks.slice(before)), message);
    }
  }
  client.connection.destroy();
  server.connection.destroy();
});

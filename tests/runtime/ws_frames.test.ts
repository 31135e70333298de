/** How messages become frames, and frames writes. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { SPError } from "../../src/base/errors.ts";
import { Frames } from "../../transports/runtime/shared/ws/ws_frames.ts";
import { concat, pattern } from "../helpers/bytes.ts";
import { MockWs, wsFramer } from "../helpers/mock_ws.ts";
import { frameLength, type RawFrame, readFrame } from "../helpers/raw_web_socket.ts";

/** Around each length from which on a frame has another form, is masked in another way, or goes by itself. */
const lengths = fc.oneof(
  ...[1, 24, 64, 126, 1024, 4096, 65_536].map((edge) =>
    fc.integer({ min: edge - 1, max: edge + 1 })
  ),
  fc.nat(300),
);
const batches = fc.array(lengths, { minLength: 1, maxLength: 8 })
  .map((each) => each.map((length, i) => pattern(length, i)));

const SMALL = Array.from({ length: 1000 }, (_, i) => pattern(64, i));

function framesIn(bytes: Uint8Array): RawFrame[] {
  const frames: RawFrame[] = [];
  for (let rest = Buffer.from(bytes); rest.length > 0;) {
    const length = frameLength(rest);
    assert.ok(length <= rest.length);
    frames.push(readFrame(rest.subarray(0, length)));
    rest = rest.subarray(length);
  }
  return frames;
}

describe("messages gathered", () => {
  test("are frames, one each, that give them back", () => {
    fc.assert(fc.property(batches, fc.boolean(), fc.boolean(), (messages, masked, isText) => {
      const before = messages.map((message) => message.slice());
      const frames = framesIn(concat(new Frames(wsFramer, masked, isText).gather(messages)));
      const opcode = isText ? 1 : 2;
      assert.deepEqual(
        frames,
        before.map((payload) => ({ opcode, fin: true, masked, payload: Buffer.from(payload) })),
      );
      assert.deepEqual(messages, before);
    }));
  });

  test("are one piece, where they are small; larger ones go by themselves", () => {
    const large = pattern(100_000);
    const pieces = (messages: Uint8Array[], masked: boolean): number[] =>
      new Frames(wsFramer, masked, false).gather(messages)
        .map((piece) => piece.buffer === large.buffer ? -1 : piece.length);
    assert.deepEqual(pieces(SMALL, false), [1000 * 66]);
    assert.deepEqual(pieces(SMALL, true), [1000 * 70]);
    assert.deepEqual(pieces([SMALL[0]!, large, large, SMALL[1]!], false), [76, -1, 10, -1, 66]);
    assert.deepEqual(pieces([large, SMALL[0]!], true), [100_014, 70]);
  });
});

describe("by ws, what is written at once", () => {
  test("is one write", () => {
    const ws = new MockWs();
    assert.equal(ws.adopt().write(SMALL), true);
    assert.equal(ws._socket.done.length, 1);
    assert.equal(framesIn(ws._socket.done[0] as Uint8Array).length, 1000);
    assert.deepEqual(ws.sent, []);
  });

  test("is held together where it is several pieces", () => {
    const ws = new MockWs();
    const large = pattern(20_000);
    ws.adopt({ path: "/" }).write([large, large]);
    const { done } = ws._socket;
    assert.deepEqual([done.length, done.at(0), done.at(-1)], [6, "cork", "uncork"]);
    const pieces = done.slice(1, -1) as Uint8Array[];
    assert.deepEqual(framesIn(concat(pieces)).map(({ payload }) => payload.length), [
      20_000,
      20_000,
    ]);
  });

  test("is masked by who connected, and not by a server", () => {
    for (const [request, masked] of [[undefined, true], [{ path: "/" }, false]] as const) {
      const ws = new MockWs();
      ws.adopt(request).write([pattern(8)]);
      const [frame] = framesIn(ws._socket.done[0] as Uint8Array);
      assert.equal(frame!.masked, masked);
    }
  });

  test("is sent message by message by what lays out no frames", () => {
    const ws = new MockWs(false);
    ws.adopt().write(SMALL);
    assert.deepEqual(ws.sent, SMALL.map((message) => [message, true]));
    assert.deepEqual(ws._socket.done, []);
  });
});

describe("by ws, more can be written", () => {
  /** A connection, and how often it was told that it can take more. */
  function open(): { ws: MockWs; write: () => boolean; drained: () => number } {
    const ws = new MockWs();
    const connection = ws.adopt();
    let drained = 0;
    connection.start({ data() {}, drain: () => drained++, closed: (_?: SPError) => {} });
    return { ws, write: () => connection.write(SMALL), drained: () => drained };
  }

  test("at once, where the connection below has taken it all", () => {
    const { ws, write, drained } = open();
    assert.equal(write(), true);
    ws._socket.written[0]!();
    assert.equal(drained(), 0);
  });

  test("once all of it is written, where it has not", () => {
    const { ws, write, drained } = open();
    assert.equal(write(), true);
    ws._socket.writableLength = 1;
    assert.equal(write(), false);
    ws._socket.written[0]!();
    assert.equal(drained(), 0);
    ws._socket.written[1]!();
    assert.equal(drained(), 1);
  });

  test("never, where the connection below is broken", () => {
    const { ws, write, drained } = open();
    ws._socket.errored = new Error("EPIPE");
    assert.equal(write(), false);
    ws._socket.written[0]!(ws._socket.errored);
    assert.equal(drained(), 0);
  });
});

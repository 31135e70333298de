/** How messages become frames, and frames writes. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import fc from "fast-check";
import { BINARY, layOutFrames, TEXT } from "../../transports/runtime/ws_frames.ts";
import { concat, pattern } from "../helpers/bytes.ts";
import { MockWs } from "../helpers/mock_ws.ts";
import { frameLength, type RawFrame, readFrame } from "../helpers/raw_web_socket.ts";

/** Around each length from which on a frame has another form, or goes by reference. */
const lengths = fc.oneof(
  ...[0, 125, 16 * 1024, 65_535].map((edge) =>
    fc.nat(2).map((more) => Math.max(0, edge - 1 + more))
  ),
  fc.nat(300),
);
const batches = fc.array(lengths, { minLength: 1, maxLength: 8 })
  .map((each) => each.map((length, i) => pattern(length, i)));

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

describe("messages laid out", () => {
  test("are frames, one each, that give them back", () => {
    const opcodes = fc.constantFrom<typeof BINARY | typeof TEXT>(BINARY, TEXT);
    fc.assert(fc.property(batches, opcodes, fc.boolean(), (messages, opcode, masked) => {
      const before = messages.map((message) => message.slice());
      const frames = framesIn(concat(layOutFrames(messages, opcode, masked)));
      assert.deepEqual(
        frames,
        before.map((payload) => ({ opcode, fin: true, masked, payload: Buffer.from(payload) })),
      );
      assert.deepEqual(messages, before);
    }));
  });

  test("are one piece, and large ones that are not masked themselves", () => {
    const small = Array.from({ length: 1000 }, (_, i) => pattern(64, i));
    const large = pattern(100_000);
    const pieces = (messages: Uint8Array[], masked: boolean): number[] =>
      layOutFrames(messages, BINARY, masked).map((piece) => piece === large ? -1 : piece.length);
    assert.deepEqual(pieces(small, false), [1000 * 66]);
    assert.deepEqual(pieces(small, true), [1000 * 70]);
    assert.deepEqual(pieces([small[0]!, large, large, small[1]!], false), [76, -1, 10, -1, 66]);
    assert.deepEqual(pieces([large, small[0]!], true), [100_014 + 70]);
  });

  test("have a mask each, by a key that does not come again", () => {
    const messages = Array.from({ length: 5000 }, () => new Uint8Array(4));
    const whole = concat(layOutFrames(messages, BINARY, true));
    const keys = new Set<number>();
    const view = new DataView(whole.buffer);
    for (let at = 0; at < whole.length; at += 10) {
      keys.add(view.getUint32(at + 2));
      // Of a message of zeros the mask makes the key.
      assert.equal(view.getUint32(at + 6), view.getUint32(at + 2));
    }
    // A key may come twice by chance, in three runs of a thousand; in none so often.
    assert.ok(keys.size > 4990, `${keys.size} keys`);
  });
});

describe("by ws, what is written at once", () => {
  const messages = Array.from({ length: 1000 }, (_, i) => pattern(64, i));

  test("is one write", () => {
    const ws = new MockWs(true);
    assert.equal(ws.adopt().write(messages), true);
    assert.equal(ws._socket.done.length, 1);
    assert.equal(framesIn(ws._socket.done[0] as Uint8Array).length, 1000);
    assert.deepEqual(ws.sent, []);
  });

  test("is held together where it is several pieces", () => {
    const ws = new MockWs(true);
    const large = pattern(20_000);
    ws.adopt({ path: "/" }).write([large, large]);
    const { done } = ws._socket;
    assert.deepEqual([done[0], done[2] === large, done[4] === large, done[5]], [
      "cork",
      true,
      true,
      "uncork",
    ]);
  });

  test("is masked by who connected, and not by a server", () => {
    for (const [request, masked] of [[undefined, true], [{ path: "/" }, false]] as const) {
      const ws = new MockWs(true);
      ws.adopt(request).write([pattern(8)]);
      const [frame] = framesIn(ws._socket.done[0] as Uint8Array);
      assert.equal(frame!.masked, masked);
    }
  });

  test("is sent message by message by what does not write frames to the connection below", () => {
    const ws = new MockWs(false);
    ws.adopt().write(messages);
    assert.deepEqual(ws.sent, messages.map((message) => [message, true]));
    assert.deepEqual(ws._socket.done, []);
  });
});

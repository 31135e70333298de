/** Frames out: laid out as a plain encoder does, counted by what they carry, and taken back as they were. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Packer } from "../../../src/memory/packer.ts";
import type { Encoder } from "../../../src/contracts/wire.ts";
import { APART, STREAM, WEB_SOCKET } from "../../../zmtp/wire/encoder.ts";
import { frameList, type OutgoingFrames, sizeOfFrames } from "../../../zmtp/wire/frames.ts";
import { concat, pattern } from "../../helpers/bytes.ts";
import { plainFrames, plainMessage } from "../helpers/reference.ts";

const SIZES = [0, 1, 255, 256, 16_384, 16_385, 70_000] as const;

const frame = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(...SIZES).map((length) => pattern(length, length)) },
);
const message: fc.Arbitrary<OutgoingFrames> = fc.oneof(
  frame,
  fc.array(frame, { minLength: 1, maxLength: 6 }),
);

/** Where a message lies, as the pipes have it. */
function pieces(packer: Packer): Uint8Array<ArrayBuffer>[] {
  const { buffer, start, end, rest } = packer;
  return [buffer.subarray(start, end), ...rest] as Uint8Array<ArrayBuffer>[];
}

for (const [name, encoder] of [["a stream", STREAM], ["messages apart", APART]] as const) {
  test(`messages are laid out on ${name} as a plain encoder does, one behind the other`, () => {
    fc.assert(fc.property(fc.array(message, { maxLength: 6 }), (messages) => {
      const packer = new Packer(encoder);
      const laid = messages.map((message) => concat(pieces(packer.pack(message))));
      const wanted = messages.map((message) => plainMessage(frameList(message)));
      assert.deepEqual(laid, wanted);
    }));
  });
}

test("frames are messages on a WebSocket, behind a byte that says whether more follow", () => {
  fc.assert(fc.property(message, (message) => {
    const packer = new Packer(WEB_SOCKET);
    const frames = frameList(message);
    const wanted = frames.map((frame, i) =>
      concat([Uint8Array.of(i < frames.length - 1 ? 1 : 0), frame])
    );
    assert.deepEqual(pieces(packer.pack(message)).map((piece) => piece.slice()), wanted);
  }));
});

const ENCODERS: readonly (readonly [string, Encoder])[] = [
  ["a stream", STREAM],
  ["messages apart", APART],
  ["a WebSocket", WEB_SOCKET],
];

for (const [name, encoder] of ENCODERS) {
  test(`what is taken back of ${name} is what was given, and has its size`, () => {
    fc.assert(fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), (messages) => {
      const packer = new Packer(encoder);
      for (const message of messages) {
        packer.pack(message);
        const laid = pieces(packer);
        assert.equal(packer.payload, sizeOfFrames(message));
        assert.equal(encoder.payload!(laid), sizeOfFrames(message));
        const back = encoder.unpack(laid) as OutgoingFrames;
        assert.deepEqual(
          frameList(back).map((frame) => new Uint8Array(frame)),
          frameList(message).map((frame) => new Uint8Array(frame)),
        );
      }
    }));
  });
}

test("frames of up to 16 KiB are copied, and larger ones go by reference", () => {
  const [small, large] = [pattern(16_384), pattern(16_385)];
  const packer = new Packer(STREAM);
  packer.pack([small, large, small, large]);
  const laid = pieces(packer);
  assert.equal(packer.isBorrowed, true);
  assert.deepEqual(laid.map((piece) => piece === large), [false, true, false, true]);
  packer.pack([small, small]);
  assert.equal(packer.isBorrowed, false);
  assert.equal(pieces(packer).length, 1, "small frames are one piece");
});

test("sizes at the borders have the right form", () => {
  for (const size of SIZES) {
    const packer = new Packer(STREAM);
    const bytes = concat(pieces(packer.pack(pattern(size))));
    assert.equal(bytes.length, size + (size > 255 ? 9 : 2), `${size}`);
    const [only] = plainFrames(bytes);
    assert.deepEqual([only!.flags, only!.body.length], [size > 255 ? 2 : 0, size]);
  }
});

test("a message is gone when the memory of any of its frames is", () => {
  const [one, two] = [pattern(20_000), pattern(20_000)];
  for (const encoder of [STREAM, APART, WEB_SOCKET]) {
    assert.equal(encoder.isGone([one, two]), false);
    assert.equal(encoder.isGone([new Uint8Array(0), one]), false, "an empty frame is not gone");
  }
  structuredClone(two.buffer, { transfer: [two.buffer] });
  for (const encoder of [STREAM, APART, WEB_SOCKET]) {
    assert.equal(encoder.isGone([one, two]), true);
    assert.equal(encoder.isGone(two), true);
    assert.equal(encoder.isGone(one), false);
  }
});

/** A pipe's queue out: pieces in order, by examples and against a plain model. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Outgoing } from "../../src/memory/message.ts";
import { WriteQueue } from "../../src/pipes/write_queue.ts";
import { COPY_LIMIT, Packer } from "../../src/memory/packer.ts";
import { encoder } from "../helpers/encoders.ts";
import { concat, hex, pattern, utf8 } from "../helpers/bytes.ts";
import { frame, unframeAll } from "../helpers/reference_codec.ts";

function whole(message: Outgoing): Uint8Array {
  return "body" in message ? concat([message.header, message.body]) : message;
}

function framed(prefix: 0 | 8 | 9, message: Outgoing): Uint8Array {
  return prefix === 0 ? whole(message) : frame(prefix === 8 ? "tcp" : "ipc", whole(message));
}

/** A write queue with a packer of its own. */
class Packed {
  readonly writeQueue: WriteQueue;
  readonly packer: Packer;

  constructor(prefix: 0 | 8 | 9) {
    this.writeQueue = new WriteQueue(encoder(prefix));
    this.packer = new Packer(encoder(prefix));
  }

  add(...messages: Outgoing[]): this {
    for (const message of messages) this.writeQueue.append(this.packer.pack(message));
    return this;
  }

  take(limit: number): Uint8Array[] {
    const chunks: Uint8Array[] = [];
    if (this.writeQueue.messages === 0) return chunks;
    this.writeQueue.take(chunks, limit);
    assert.equal(this.writeQueue.inFlightBytes, concat(chunks).length);
    this.writeQueue.written();
    return chunks;
  }
}

const LARGE = pattern(COPY_LIMIT + 1);

describe("a write queue", () => {
  test("makes one piece of all small messages that a slab holds", () => {
    const packed = new Packed(8);
    for (let i = 0; i < 50; i++) packed.add(pattern(10, i));
    assert.equal(packed.writeQueue.messages, 50);
    assert.equal(packed.writeQueue.bytes, 50 * 18);
    const chunks = packed.take(Infinity);
    assert.equal(chunks.length, 1);
    assert.equal(unframeAll("tcp", concat(chunks)).length, 50);
    assert.equal(packed.writeQueue.messages, 0);
    assert.equal(packed.writeQueue.bytes, 0);
  });

  test("hands a large body over by reference, between its prefix and the next message's", () => {
    const chunks = new Packed(8).add(utf8("a"), LARGE, utf8("b")).take(Infinity);
    assert.equal(chunks.length, 3);
    assert.equal(chunks[1], LARGE);
    assert.deepEqual(unframeAll("tcp", concat(chunks)), [utf8("a"), LARGE, utf8("b")]);
  });

  test("takes up to a limit, and a large body always with its prefix", () => {
    const packed = new Packed(8).add(LARGE, LARGE, LARGE);
    assert.deepEqual(unframeAll("tcp", concat(packed.take(1))), [LARGE]);
    assert.equal(packed.writeQueue.messages, 2);
    assert.equal(packed.writeQueue.bytes, 2 * (LARGE.length + 8));
    assert.deepEqual(unframeAll("tcp", concat(packed.take(LARGE.length + 9))), [LARGE, LARGE]);
    assert.deepEqual(packed.take(Infinity), []);
  });

  test("keeps messages apart where the connection does", () => {
    const packed = new Packed(0).add(utf8("a"), new Uint8Array(0), {
      header: hex("80"),
      body: LARGE,
    });
    assert.deepEqual(packed.take(Infinity), [
      utf8("a"),
      new Uint8Array(0),
      concat([hex("80"), LARGE]),
    ]);
  });

  test("makes no piece of messages of two packers, nor across slabs", () => {
    const writeQueue = new WriteQueue(encoder(8));
    const one = new Packer(encoder(8));
    const other = new Packer(encoder(8));
    writeQueue.append(one.pack(utf8("a")));
    writeQueue.append(other.pack(utf8("b")));
    writeQueue.append(one.pack(utf8("c")));
    const chunks: Uint8Array[] = [];
    writeQueue.take(chunks, Infinity);
    assert.deepEqual(unframeAll("tcp", concat(chunks)), [utf8("a"), utf8("b"), utf8("c")]);
  });

  for (const prefix of [0, 8, 9] as const) {
    describe(`with ${prefix} bytes before a message`, () => {
      test("gives back the oldest message as it was given, header and all", () => {
        const messages: Outgoing[] = [
          utf8("a"),
          { header: hex("80 00 00 01"), body: utf8("b") },
          LARGE,
          { header: hex("80 00 00 02"), body: LARGE },
          new Uint8Array(0),
          { header: hex("80 00 00 03"), body: new Uint8Array(0) },
          utf8("c"),
        ];
        const { writeQueue } = new Packed(prefix).add(...messages);
        for (const message of messages) assert.deepEqual(take(writeQueue), whole(message));
        assert.equal(take(writeQueue), undefined);
        assert.equal(writeQueue.messages, 0);
        assert.equal(writeQueue.bytes, 0);
      });

      test("goes on behind a message that was given back", () => {
        const packed = new Packed(prefix).add(utf8("a"), utf8("b"), LARGE, utf8("c"));
        take(packed.writeQueue);
        packed.add(utf8("d"));
        const rest = [utf8("b"), LARGE, utf8("c"), utf8("d")];
        assert.deepEqual(
          concat(packed.take(Infinity)),
          concat(rest.map((message) => framed(prefix, message))),
        );
      });

      test("behaves like a list, whatever is done to it", () => {
        fc.assert(fc.property(fc.array(steps, { maxLength: 200 }), (steps) => {
          const packed = new Packed(prefix);
          const model: Outgoing[] = [];
          for (const step of steps) {
            if (step === "shift") {
              const oldest = model.shift();
              assert.deepEqual(take(packed.writeQueue), oldest && whole(oldest));
            } else if (step === "drop") {
              const oldest = model.shift();
              assert.equal(
                packed.writeQueue.drop(),
                oldest === undefined ? -1 : whole(oldest).length,
              );
            } else if (typeof step === "number") {
              const before = packed.writeQueue.messages;
              const taken = concat(packed.take(step));
              const gone = model.splice(0, before - packed.writeQueue.messages);
              assert.deepEqual(taken, concat(gone.map((message) => framed(prefix, message))));
              if (model.length > 0) assert.ok(taken.length >= step);
              if (step === 0) assert.equal(gone.length, 0);
            } else {
              model.push(step);
              packed.add(step);
            }
            assert.equal(packed.writeQueue.messages, model.length);
            assert.equal(
              packed.writeQueue.bytes,
              model.reduce((sum, message) => sum + framed(prefix, message).length, 0),
            );
          }
        }));
      });
    });
  }

  test("goes on rightly when it never runs empty, over thousands of messages", () => {
    // This is when it lets go of the pieces that it handed over.
    const packed = new Packed(8);
    let added = 0;
    let taken = 0;
    const add = (): void => {
      packed.add(added % 3 === 0 ? pattern(COPY_LIMIT + 1, added) : pattern(5, added));
      added++;
    };
    for (let i = 0; i < 10; i++) add();
    while (taken < 2000) {
      add();
      const message = take(packed.writeQueue) as Uint8Array;
      assert.equal(message[0], pattern(1, taken)[0]);
      assert.equal(message.length, taken % 3 === 0 ? COPY_LIMIT + 1 : 5);
      taken++;
      assert.equal(packed.writeQueue.messages, 10);
    }
  });
});

const small = fc.uint8Array({ maxLength: 20 });
const bodies = fc.oneof(
  { weight: 5, arbitrary: small },
  { weight: 1, arbitrary: fc.constant(LARGE) },
);
const steps = fc.oneof(
  { weight: 4, arbitrary: bodies },
  { weight: 2, arbitrary: fc.record({ header: small, body: bodies }) },
  { weight: 2, arbitrary: fc.constantFrom("shift" as const, "drop" as const) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 3 * COPY_LIMIT }) },
);

/** Takes the oldest message out. */
function take(writeQueue: WriteQueue): Outgoing | undefined {
  const oldest = writeQueue.peek() as Outgoing | undefined;
  writeQueue.drop();
  return oldest;
}

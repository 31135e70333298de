/** Messages that are read to where they are to lie. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FrameDecoder } from "../../src/sp/framing.ts";
import { allocations } from "../helpers/allocations.ts";
import { concat, hex, pattern } from "../helpers/bytes.ts";
import { Collector } from "../helpers/collector.ts";
import { spError } from "../helpers/errors.ts";
import { readAll } from "../helpers/reading.ts";
import { frameAll } from "../helpers/reference_codec.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

const framings = fc.constantFrom("tcp" as const, "ipc" as const);
const messages = fc.array(
  fc.constantFrom(0, 1, 7, 8, 9, 16, 17, 1000, 20_000, 32_767, 32_768, 40_000, 65_536, 140_000)
    .map((length) => pattern(length, length)),
  { maxLength: 12 },
);
/** How much each read brings. */
const sizes = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 150_000 })),
  { minLength: 1, maxLength: 20 },
);

test("messages come out as they were, whatever each read brings", () => {
  fc.assert(fc.property(framings, messages, sizes, (framing, messages, sizes) => {
    const collector = new Collector<Uint8Array>();
    const decoder = new FrameDecoder({ framing }, true);
    readAll(frameAll(framing, messages), decoder, collector, (i) => sizes[i % sizes.length]!);
    assert.deepEqual(collector.chunks, messages);
    decoder.flush(collector);
    assert.deepEqual(collector.errors, []);
  }));
});

for (const [framing, prefix] of [["tcp", 8], ["ipc", 9]] as const) {
  test(`messages of 64 KiB that follow upon each other are one read each, and not copied (${framing})`, () => {
    const sent = Array.from({ length: 20 }, (_, i) => pattern(64 * KIB, i));
    const collector = new Collector<Uint8Array>();
    const decoder = new FrameDecoder({ framing }, true);
    const bytes = frameAll(framing, sent);
    let reads: number[] = [];
    const lengths = allocations(() => reads = readAll(bytes, decoder, collector));
    assert.deepEqual(collector.chunks, sent);
    // The first has its rest read behind what came with its prefix.
    const last = new Array(18).fill(64 * KIB + prefix);
    assert.deepEqual(reads, [64 * KIB, 2 * prefix, ...last, 64 * KIB]);
    const [reader, ...own] = lengths;
    assert.equal(reader, 64 * KIB);
    assert.deepEqual(own, new Array(20).fill(64 * KIB + prefix));
  });
}

test("a message of 1 MiB is read in pieces of 64 KiB, none of which is copied but the first two", () => {
  const sent = [pattern(MIB, 1), pattern(MIB, 2)];
  const decoder = new FrameDecoder({}, true);
  const rooms = new Set<ArrayBufferLike>();
  const { room } = decoder;
  decoder.room = () => {
    const wanted = room.call(decoder);
    if (wanted !== undefined) rooms.add(wanted.buffer);
    return wanted;
  };
  const collector = new Collector<Uint8Array>();
  const reads = readAll(frameAll("tcp", sent), decoder, collector);
  assert.deepEqual(collector.chunks, sent);
  assert.ok(rooms.size <= 2 * sent.length, `${rooms.size} pieces of memory`);
  for (const { buffer } of collector.chunks) assert.ok(rooms.has(buffer));
  assert.ok(Math.max(...reads) <= 64 * KIB + 16);
  assert.ok(reads.length <= 2 * 16 + 2, `${reads.length} reads`);
});

test("small messages are read with those behind them", () => {
  const decoder = new FrameDecoder({}, true);
  const collector = new Collector<Uint8Array>();
  const sent = Array.from({ length: 100 }, (_, i) => pattern(10_000, i));
  readAll(frameAll("tcp", sent), decoder, collector, () => {
    assert.equal(decoder.room(), undefined);
    return 64 * KIB;
  });
  assert.deepEqual(collector.chunks, sent);
});

test("a message that is announced and does not come costs at most 64 KiB to be waited for", () => {
  const decoder = new FrameDecoder({ maxMessageSize: Infinity }, true);
  decoder.transform(hex("00 00 01 00 00 00 00 00"), new Collector());
  const lengths = allocations(() => decoder.room());
  assert.deepEqual(lengths, [32 * KIB + 8]);
  assert.deepEqual(allocations(() => decoder.room()), []);
});

test("a message under way costs at most four times what has come of it, wherever it is read to", () => {
  const decoder = new FrameDecoder({ maxMessageSize: Infinity }, true);
  const collector = new Collector<Uint8Array>();
  const body = pattern(9 * MIB);
  const bytes = frameAll("tcp", [body]);
  const grown: number[] = [];
  let came = 0;
  readAll(bytes.subarray(0, 8), decoder, collector);
  for (let at = 8; at < bytes.length;) {
    const lengths = allocations(() => {
      const room = decoder.room()!;
      const part = bytes.subarray(at, at + Math.min(room.length, 50_000));
      room.set(part);
      decoder.transform(room.subarray(0, part.length), collector);
      at += part.length;
    });
    for (const length of lengths) assert.ok(length <= Math.max(MIB, 4 * came) + 32, `${length}`);
    grown.push(...lengths);
    came = at - 8;
  }
  assert.deepEqual(grown, [32 * KIB + 8, MIB + 8, 4 * (MIB + 8), 9 * MIB + 8]);
  assert.deepEqual(collector.chunks, [body]);
});

test("what stands behind a large message is refused as anywhere", () => {
  const decoder = new FrameDecoder({ maxMessageSize: 100_000 }, true);
  const collector = new Collector<Uint8Array>();
  const large = pattern(100_000);
  const bytes = concat([frameAll("tcp", [large, large]), hex("00 00 00 00 00 01 86 a1"), large]);
  readAll(bytes, decoder, collector);
  assert.deepEqual(collector.chunks, [large, large]);
  assert.equal(collector.errors.length, 1);
  assert.throws(() => {
    throw collector.errors[0];
  }, spError("EMSGSIZE", "100001 bytes"));
  assert.equal(decoder.room(), undefined);
});

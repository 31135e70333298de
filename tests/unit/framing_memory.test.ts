/** What a peer that announces much and sends little costs. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder } from "../../src/sp/framing.ts";
import { allocations } from "../helpers/allocations.ts";
import { concat, hex, pattern } from "../helpers/bytes.ts";
import { Collector } from "../helpers/collector.ts";
import { frameAll } from "../helpers/reference_codec.ts";

const MIB = 1024 * 1024;
/** The prefix of a message of 1 TiB. */
const HUGE = hex("00 00 01 00 00 00 00 00");

test("an announced message of 1 TiB costs at most 64 KiB before it comes", () => {
  const decoder = new FrameDecoder({ maxMessageSize: Infinity });
  const first = concat([HUGE, pattern(10)]);
  const lengths = allocations(() => decoder.transform(first, new Collector()));
  assert.ok(lengths.length > 0);
  assert.ok(Math.max(...lengths) <= 65_536, `allocated ${lengths}`);
});

test("a message under way costs at most four times what has come of it, beyond the first MiB", () => {
  const decoder = new FrameDecoder({ maxMessageSize: Infinity });
  const collector = new Collector<Uint8Array>();
  const chunk = pattern(MIB);
  decoder.transform(HUGE, collector);
  for (let came = 1; came <= 20; came++) {
    const lengths = allocations(() => decoder.transform(chunk, collector));
    for (const length of lengths) assert.ok(length <= 4 * came * MIB, `${length} at ${came} MiB`);
  }
  assert.deepEqual(collector.errors, []);
  assert.deepEqual(collector.chunks, []);
});

test("a message that comes as announced is given its memory a few times, not at each chunk", () => {
  const decoder = new FrameDecoder({ maxMessageSize: Infinity });
  const collector = new Collector<Uint8Array>();
  const body = pattern(5 * MIB + 5);
  const prefix = hex("00 00 00 00 00 50 00 05");
  const lengths = allocations(() => {
    decoder.transform(prefix, collector);
    for (let at = 0; at < body.length; at += 65536) {
      decoder.transform(body.subarray(at, at + 65536), collector);
    }
  });
  assert.deepEqual(lengths, [32_768, MIB, 4 * MIB, 5 * MIB + 5]);
  assert.equal(collector.chunks.length, 1);
  assert.deepEqual(collector.chunks[0], body);
});

test("what is lent is copied once: large messages one by one, small ones with all that is behind them", () => {
  const collector = new Collector<Uint8Array>();
  const decoder = new FrameDecoder({}, true);
  const large = pattern(20_000);
  const small = [pattern(1), pattern(2), pattern(3)];
  decoder.transform(frameAll("tcp", [large, large, ...small]), collector);
  assert.deepEqual(collector.chunks, [large, large, ...small]);
  const memories = new Set(collector.chunks.map(({ buffer }) => buffer));
  assert.deepEqual([...memories].map(({ byteLength }) => byteLength), [20_000, 20_000, 22]);
});

test("a receiver that gives an empty message away takes none from others", () => {
  const decoder = new FrameDecoder();
  const collector = new Collector<Uint8Array<ArrayBuffer>>();
  const prefix = new Uint8Array(8);
  for (let i = 0; i < 2; i++) {
    decoder.transform(prefix.slice(0, 5), collector);
    decoder.transform(prefix.slice(5), collector);
  }
  const [one, other] = collector.chunks as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  structuredClone(one, { transfer: [one.buffer] });
  assert.doesNotThrow(() => new Uint8Array(other.buffer));
});

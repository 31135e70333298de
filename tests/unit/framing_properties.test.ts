/** Framing, whatever the messages and however the bytes are cut, against a plain codec; and as streams. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  FrameDecoder,
  FrameDecoderStream,
  FrameEncoder,
  FrameEncoderStream,
} from "../../src/sp/framing.ts";
import { concat, cut, hex, pattern, utf8 } from "../helpers/bytes.ts";
import { Collector } from "../helpers/collector.ts";
import { spError } from "../helpers/errors.ts";
import { frameAll, unframeAll } from "../helpers/reference_codec.ts";

const framings = fc.constantFrom("tcp" as const, "ipc" as const);
const bodies = fc.oneof(
  { weight: 10, arbitrary: fc.uint8Array({ maxLength: 50 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 40_000 }).map((length) => pattern(length)) },
);
const messages = fc.array(bodies, { maxLength: 12 });
const outgoing = fc.array(
  fc.oneof(bodies, fc.record({ header: fc.uint8Array({ maxLength: 12 }), body: bodies })),
  { maxLength: 12 },
);
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 });

function cutAnywhere(bytes: Uint8Array, fractions: readonly number[]): Uint8Array<ArrayBuffer>[] {
  const offsets = fractions.map((fraction) => Math.floor(fraction * bytes.length));
  return cut(bytes, offsets.sort((a, b) => a - b));
}

async function collect<T>(stream: ReadableStream<T>): Promise<T[]> {
  const chunks: T[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

describe("framing, whatever the messages", () => {
  test("decodes what a plain encoder wrote, however it is cut", () => {
    fc.assert(fc.property(framings, messages, cuts, (framing, messages, cuts) => {
      const collector = new Collector<Uint8Array>();
      const decoder = new FrameDecoder({ framing });
      for (const chunk of cutAnywhere(frameAll(framing, messages), cuts)) {
        decoder.transform(chunk, collector);
      }
      decoder.flush(collector);
      assert.deepEqual(collector.errors, []);
      assert.deepEqual(collector.chunks, messages);
    }));
  });

  test("keeps nothing of memory that is lent to it, however it is cut", () => {
    const large = fc.constantFrom(0, 1, 16_383, 16_384, 40_000).map((length) => pattern(length));
    const mixed = fc.array(fc.oneof(bodies, large), { maxLength: 12 });
    fc.assert(fc.property(framings, mixed, cuts, (framing, messages, cuts) => {
      const collector = new Collector<Uint8Array>();
      const decoder = new FrameDecoder({ framing }, true);
      for (const chunk of cutAnywhere(frameAll(framing, messages), cuts)) {
        const lent = chunk.slice();
        decoder.transform(lent, collector);
        lent.fill(0xff);
      }
      assert.deepEqual(collector.errors, []);
      assert.deepEqual(collector.chunks, messages);
    }));
  });

  test("encodes what a plain decoder reads, with and without a header", () => {
    fc.assert(fc.property(framings, outgoing, (framing, messages) => {
      const collector = new Collector<Uint8Array>();
      const encoder = new FrameEncoder({ framing });
      for (const message of messages) encoder.transform(message, collector);
      const whole = messages.map((message) =>
        "body" in message ? concat([message.header, message.body]) : message
      );
      assert.deepEqual(unframeAll(framing, concat(collector.chunks)), whole);
    }));
  });

  test("never throws for any bytes, and gives up at most once", () => {
    fc.assert(fc.property(framings, fc.array(fc.uint8Array()), (framing, chunks) => {
      const collector = new Collector<Uint8Array>();
      const decoder = new FrameDecoder({ framing, maxMessageSize: 200 });
      for (const chunk of chunks) decoder.transform(chunk, collector);
      decoder.flush(collector);
      assert.ok(collector.errors.length <= 1);
      assert.ok(collector.chunks.every((message) => message.length <= 200));
    }));
  });
});

describe("the framing streams", () => {
  for (const framing of ["tcp", "ipc"] as const) {
    test(`carry messages from one to the other, on ${framing}`, async () => {
      const messages = [utf8("one"), new Uint8Array(0), pattern(100_000), utf8("two")];
      const bytes = ReadableStream.from(messages).pipeThrough(new FrameEncoderStream({ framing }));
      const decoded = bytes.pipeThrough(new FrameDecoderStream({ framing }));
      assert.deepEqual(await collect(decoded), messages);
    });
  }

  test("are for tcp unless told otherwise", async () => {
    const bytes = ReadableStream.from([utf8("a")]).pipeThrough(new FrameEncoderStream());
    assert.deepEqual(concat(await collect(bytes)), hex("00 00 00 00 00 00 00 01 61"));
  });

  test("frame a header with its body", async () => {
    const bytes = ReadableStream.from([{ header: hex("80 00 00 01"), body: pattern(50_000) }])
      .pipeThrough(new FrameEncoderStream());
    const [message] = unframeAll("tcp", concat(await collect(bytes)));
    assert.deepEqual(message, concat([hex("80 00 00 01"), pattern(50_000)]));
  });

  test("error with EMSGSIZE where a message is too large", async () => {
    const bytes = ReadableStream.from([hex("00 00 00 00 00 00 00 65")]);
    const decoded = bytes.pipeThrough(new FrameDecoderStream({ maxMessageSize: 100 }));
    await assert.rejects(collect(decoded), spError("EMSGSIZE", "101"));
  });

  test("error with EPROTO where the bytes end inside a message", async () => {
    const bytes = ReadableStream.from([hex("00 00 00 00 00 00 00 02 61")]);
    const decoded = bytes.pipeThrough(new FrameDecoderStream());
    await assert.rejects(collect(decoded), spError("EPROTO", "inside a message"));
  });
});

/** Framing against byte vectors (sp-tcp-mapping-01, 3; sp-ipc-mapping-01, 3). */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FrameDecoder, FrameEncoder, type FrameOptions } from "../../src/sp/framing.ts";
import { concat, cut, hex, pattern, utf8 } from "../helpers/bytes.ts";
import { Collector } from "../helpers/collector.ts";
import { spError } from "../helpers/errors.ts";
import { frame, frameAll } from "../helpers/reference_codec.ts";

const FRAMINGS = ["tcp", "ipc"] as const;

function decode(
  chunks: readonly Uint8Array<ArrayBuffer>[],
  options: FrameOptions,
): Collector<Uint8Array> {
  const collector = new Collector<Uint8Array>();
  const decoder = new FrameDecoder(options);
  for (const chunk of chunks) decoder.transform(chunk, collector);
  decoder.flush(collector);
  return collector;
}

function assertFails(
  collector: Collector<Uint8Array>,
  code: "EPROTO" | "EMSGSIZE",
  ...parts: string[]
): void {
  assert.equal(collector.errors.length, 1);
  assert.throws(() => {
    throw collector.errors[0];
  }, spError(code, ...parts));
}

describe("a frame on tcp", () => {
  test("is the length as 64 bits, big-endian, and the message", () => {
    const wire = hex("00 00 00 00 00 00 00 03 61 62 63");
    const encoded = new Collector<Uint8Array>();
    new FrameEncoder().transform(utf8("abc"), encoded);
    assert.deepEqual(concat(encoded.chunks), wire);
    assert.deepEqual(decode([wire], {}).chunks, [utf8("abc")]);
  });

  test("has its protocol's header before the body, and in the length", () => {
    const encoded = new Collector<Uint8Array>();
    new FrameEncoder().transform({ header: hex("80 00 00 01"), body: utf8("ab") }, encoded);
    assert.deepEqual(concat(encoded.chunks), hex("00 00 00 00 00 00 00 06 80 00 00 01 61 62"));
  });
});

describe("a frame on ipc", () => {
  test("has the byte 1 before its length", () => {
    const wire = hex("01 00 00 00 00 00 00 00 03 61 62 63");
    const encoded = new Collector<Uint8Array>();
    new FrameEncoder({ framing: "ipc" }).transform(utf8("abc"), encoded);
    assert.deepEqual(concat(encoded.chunks), wire);
    assert.deepEqual(decode([wire], { framing: "ipc" }).chunks, [utf8("abc")]);
  });

  for (const type of [0, 2, 3, 0x81, 255]) {
    test(`of type ${type} is refused`, () => {
      const wire = concat([new Uint8Array([type]), hex("00 00 00 00 00 00 00 01 61")]);
      const decoded = decode([wire], { framing: "ipc" });
      assert.deepEqual(decoded.chunks, []);
      assertFails(decoded, "EPROTO", `type ${type}`, "expected 1");
    });
  }
});

for (const framing of FRAMINGS) {
  describe(`the decoder for ${framing}`, () => {
    const messages = [utf8("first"), new Uint8Array(0), pattern(300), new Uint8Array(0), utf8("x")];
    const wire = frameAll(framing, messages);
    const prefix = framing === "tcp" ? 8 : 9;

    test("finds all messages wherever the bytes are split in two", () => {
      for (let at = 0; at <= wire.length; at++) {
        const decoded = decode(cut(wire, [at]), { framing });
        assert.deepEqual(decoded.chunks, messages, `split at ${at}`);
        assert.deepEqual(decoded.errors, [], `split at ${at}`);
      }
    });

    test("finds all messages when the bytes come one by one", () => {
      const decoded = decode(cut(wire, Array.from(wire.keys())), { framing });
      assert.deepEqual(decoded.chunks, messages);
      assert.deepEqual(decoded.errors, []);
    });

    test("takes an empty message by itself", () => {
      const decoded = decode([frame(framing, new Uint8Array(0))], { framing });
      assert.deepEqual(decoded.chunks, [new Uint8Array(0)]);
    });

    test("passes messages that lie in one chunk on as views of it", () => {
      const { chunks } = decode([wire], { framing });
      assert.equal(chunks.length, messages.length);
      for (const message of chunks) assert.equal(message.buffer, wire.buffer);
    });

    test("puts a message together that lies across three chunks, behind one that does not", () => {
      const large = pattern(1000);
      const bytes = frameAll(framing, [utf8("small"), large, utf8("next")]);
      const pieces = cut(bytes, [500, 900]);
      assert.deepEqual(decode(pieces, { framing }).chunks, [utf8("small"), large, utf8("next")]);
    });

    test("does not write to the chunks that it is given", () => {
      const pieces = cut(wire, [3, 30, 100]);
      const copies = pieces.map((piece) => piece.slice());
      decode(pieces, { framing });
      assert.deepEqual(pieces, copies);
    });

    test("takes a message of maxMessageSize, and refuses one byte more", () => {
      const options = { framing, maxMessageSize: 100 };
      assert.equal(decode([frame(framing, pattern(100))], options).chunks.length, 1);
      const refused = decode([frame(framing, pattern(101))], options);
      assert.deepEqual(refused.chunks, []);
      assertFails(refused, "EMSGSIZE", "101 bytes", "maxMessageSize is 100");
    });

    test("refuses by the length alone, before the message has come", () => {
      const announced = frame(framing, pattern(101)).subarray(0, prefix);
      assertFails(decode([announced], { framing, maxMessageSize: 100 }), "EMSGSIZE");
    });

    for (
      const [name, length] of [
        ["2^63", "80 00 00 00 00 00 00 00"],
        ["2^64 - 1", "ff ff ff ff ff ff ff ff"],
        ["2^53 + 1", "00 20 00 00 00 00 00 01"],
        ["2^32", "00 00 00 01 00 00 00 00"],
        ["2^31", "00 00 00 00 80 00 00 00"],
      ] as const
    ) {
      test(`refuses a length of ${name}, in one piece or byte by byte`, () => {
        const bytes = concat([framing === "ipc" ? hex("01") : hex(""), hex(length)]);
        for (const pieces of [[bytes], cut(bytes, Array.from(bytes.keys()))]) {
          assertFails(decode(pieces, { framing }), "EMSGSIZE", "maxMessageSize is 1048576");
        }
      });
    }

    test("refuses a length beyond 2^53 even where there is no limit", () => {
      const bytes = concat([
        framing === "ipc" ? hex("01") : hex(""),
        hex("00 20 00 00 00 00 00 01"),
      ]);
      assertFails(decode([bytes], { framing, maxMessageSize: Infinity }), "EMSGSIZE");
    });

    test("keeps what came before a wrong frame, and passes nothing on behind it", () => {
      const bytes = concat([
        frame(framing, utf8("good")),
        frame(framing, pattern(101)),
        frame(framing, utf8("lost")),
      ]);
      for (let at = 0; at <= bytes.length; at++) {
        const decoded = decode(cut(bytes, [at]), { framing, maxMessageSize: 100 });
        assert.deepEqual(decoded.chunks, [utf8("good")], `split at ${at}`);
        assertFails(decoded, "EMSGSIZE");
      }
    });

    test("passes a body that is a chunk of its own on as it is", () => {
      const [body, next] = [pattern(5000), frame(framing, utf8("next"))];
      const head = frame(framing, body).subarray(0, prefix);
      for (const ahead of [hex(""), frame(framing, utf8("first"))]) {
        const pieces = [concat([ahead, head]), concat([body, next])];
        const { chunks } = decode(pieces, { framing });
        assert.deepEqual(chunks.slice(-2), [body, utf8("next")]);
        assert.equal(chunks.at(-2)!.buffer, pieces[1]!.buffer);
      }
    });

    test("tells when the stream ends inside a message, wherever that is", () => {
      const bytes = frameAll(framing, [utf8("one"), utf8("two")]);
      const boundary = prefix + 3;
      for (let end = 0; end <= bytes.length; end++) {
        const decoded = decode([bytes.subarray(0, end)], { framing });
        assert.equal(decoded.chunks.length, Math.floor(end / boundary), `ended at ${end}`);
        if (end % boundary === 0) assert.deepEqual(decoded.errors, []);
        else assertFails(decoded, "EPROTO", "inside a message");
      }
    });
  });
}

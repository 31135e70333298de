/** Topics before values. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "node:test";
import { bytes, type Codec, json, text, topic, type TopicOptions } from "../../codecs/mod.ts";
import { Pub, SPError, Sub, transfer } from "../../mod.ts";
import { toBytes } from "../../src/memory/message.ts";
import { asReceived, carry, TEXT, utf8 } from "../helpers/codecs.ts";

const BINARY: Codec<Uint8Array<ArrayBuffer>> = {
  encode: (value) => value,
  decode: (message) => message,
};

/** Whether bytes begin with others: what a subscription is on the wire. */
function begins(message: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => message[index] === byte);
}

test("a topic and its value are one readable text", () => {
  const codec = topic(json());
  assert.equal(codec.encode({ topic: "cpu.1", value: { load: 0.5 } }), 'cpu.1 {"load":0.5}');
  assert.deepEqual(codec.decode(asReceived(utf8("cpu.1 [1, 2]"))), {
    topic: "cpu.1",
    value: [1, 2],
  });
});

test("every topic comes with its value, or is refused since it contains the separator", () => {
  const few = fc.string({ unit: fc.constantFrom("a", "b", "ö", "🙂"), maxLength: 6 });
  const separators = few.filter((separator) => separator !== "");
  fc.assert(
    fc.property(fc.oneof(few, TEXT), TEXT, separators, (name, value, separator) => {
      const codec = topic(text(), { separator });
      try {
        assert.deepEqual(carry(codec, { topic: name, value }), { topic: name, value });
      } catch (error) {
        assert.ok(error instanceof SPError, String(error));
        assert.equal(error.code, "EINVAL");
        assert.notEqual((name + separator).indexOf(separator), name.length);
      }
    }),
  );
});

test("a subscription gets its own topic, and no other that begins alike", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 3 });
  const codec = topic(text());
  fc.assert(fc.property(word, word, (subscribed, published) => {
    const message = toBytes(codec.encode({ topic: published, value: "a b" }));
    const isWanted = subscribed === "" || subscribed === published;
    assert.equal(begins(message, utf8(codec.prefix(subscribed))), isWanted);
  }));
});

test("with match: prefix, a subscription gets all topics that begin with it", () => {
  const codec = topic(text(), { match: "prefix" });
  assert.equal(codec.prefix("cpu.1"), "cpu.1");
  assert.equal(codec.prefix("cpu.1 "), "cpu.1 ");
  assert.equal(codec.prefix(""), "");
});

test("a value of bytes stands behind its topic, in memory of its own", () => {
  const codec = topic(BINARY, { separator: "\0" });
  const value = asReceived(new Uint8Array([0, 0xff, 0x20]));
  const message = toBytes(codec.encode({ topic: "zwölf", value }));
  assert.deepEqual(message, new Uint8Array([...utf8("zwölf"), 0, 0, 0xff, 0x20]));
  assert.notEqual(message.buffer, value.buffer);
  assert.deepEqual(carry(codec, { topic: "", value }), {
    topic: "",
    value: new Uint8Array([0, 0xff, 0x20]),
  });
});

test("a value whose memory is given away goes behind its topic", () => {
  const value = transfer(utf8("x".repeat(20_000)));
  const message = toBytes(topic(bytes()).encode({ topic: "big", value }));
  assert.equal(message.length, 20_004);
});

for (
  const [name, separator] of [["cpu 1", " "], ["a", "ab"], ["xa", "aa"], ["a::b", "::"]] as const
) {
  test(`"${name}" before the separator "${separator}"`, () => {
    const codec = topic(text(), { separator });
    if (name === "a") {
      assert.deepEqual(carry(codec, { topic: name, value: "b" }), { topic: name, value: "b" });
      return;
    }
    const refused = {
      code: "EINVAL",
      message: `Cannot use "${name}" as a topic: it contains the separator, "${separator}"`,
    };
    assert.throws(() => codec.encode({ topic: name, value: "" }), refused);
    assert.throws(() => codec.prefix(name), refused);
  });
}

test("a message without a separator is refused", () => {
  for (const message of ["", "cpu.1", "a:b"]) {
    assert.throws(() => topic(text(), { separator: "::" }).decode(utf8(message)), {
      code: "EPROTO",
      message:
        `Cannot decode a message of ${message.length} bytes: no separator, "::", ends its topic`,
    });
  }
});

test("a topic that is not UTF-8 is refused, and so is a value that its codec refuses", () => {
  assert.throws(() => topic(bytes()).decode(new Uint8Array([0xff, 0x20])), { code: "EPROTO" });
  assert.throws(() => topic(json()).decode(utf8("cpu.1 {")), {
    code: "EPROTO",
    message: /^Cannot decode a message as JSON/,
  });
});

test("wrong topics and options are refused by name", () => {
  assert.throws(() => topic(text()).encode({ topic: 5 as unknown as string, value: "" }), {
    code: "EINVAL",
    message: "Cannot use 5 (number) as a topic: expected a string",
  });
  for (
    const [wrong, shown] of [
      ["cpu.1 0.5", '"cpu.1 0.5"'],
      [undefined, "undefined"],
      [null, "null"],
    ] as const
  ) {
    assert.throws(() => topic(text()).encode(wrong as never), {
      code: "EINVAL",
      message: `Cannot encode ${shown} under a topic: expected { topic, value }`,
    });
  }
  assert.throws(() => topic(json as never), {
    code: "EINVAL",
    message:
      "Cannot use the function json as a codec: expected an object with the functions encode and decode",
  });
  for (
    const options of [{ separator: "" }, { separator: 5 }, { match: "all" }, { seperator: "" }]
  ) {
    assert.throws(() => topic(text(), options as TopicOptions), { code: "EINVAL" });
  }
});

test("a SUB that subscribes to prefixes gets cpu.1, and not cpu.10", async () => {
  const codec = topic(json<number>());
  await using pub = new Pub();
  await pub.bind("inproc://topics");
  await using sub = new Sub({ subscribe: codec.prefix("cpu.1") });
  sub.connect("inproc://topics");
  await pub.peers(1);
  for (const name of ["cpu.10", "cpu", "cpu.1", "cpu.1.a", "cpu.1"]) {
    await pub.send(codec.encode({ topic: name, value: name.length }));
  }
  for (let n = 0; n < 2; n++) {
    assert.deepEqual(codec.decode(await sub.receive()), { topic: "cpu.1", value: 5 });
  }
  assert.equal(sub.stats().messagesFiltered, 3);
});

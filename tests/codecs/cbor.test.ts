/** CBOR, by the package cbor2. */

import assert from "node:assert/strict";
import { Tag } from "cbor2";
import fc from "fast-check";
import { test } from "node:test";
import { cbor } from "../../codecs/cbor.ts";
import { toBytes } from "../../src/memory/message.ts";
import { asReceived, carry } from "../helpers/codecs.ts";

/** A message, by its bytes in hexadecimal. */
function hex(digits: string): Uint8Array<ArrayBuffer> {
  return asReceived(Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16)));
}

const VALUES = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, undefined, true, false),
    fc.double({ noNaN: true }),
    fc.integer(),
    fc.bigInt().filter((n) => n > 2n ** 53n || n < -(2n ** 53n)),
    fc.string({ unit: "binary" }),
    fc.uint8Array(),
    fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(2 ** 42) }),
    fc.array(tie("value")),
    fc.dictionary(fc.string(), tie("value")),
  ),
})).value;

test("a value of CBOR comes as it was sent", () => {
  fc.assert(
    fc.property(VALUES, (value) => {
      const received = carry(cbor(), value);
      // The prototype of an object makes no difference here.
      assert.deepEqual(structuredClone(received), structuredClone(value));
    }),
    { numRuns: 50 },
  );
});

test("a date keeps its milliseconds", () => {
  for (let time = 549_620_911_380; time < 549_620_911_480; time++) {
    assert.deepEqual(carry(cbor(), new Date(time)), new Date(time));
  }
  assert.throws(() => cbor().decode(hex("c16178")), /a date is not a number of seconds/);
});

test("maps, sets, typed arrays and large integers keep their types", () => {
  const value = [
    new Map<unknown, unknown>([[1, "one"]]),
    new Set([1]),
    new Float64Array([0.5]),
    2n ** 64n,
  ];
  assert.deepEqual(carry(cbor(), value), value);
});

test("bytes are a view of the message, and typed arrays are not", () => {
  const message = asReceived(
    toBytes(cbor().encode([new Uint8Array([1, 2]), new Uint16Array([3])])),
  );
  const [bytes, words] = cbor<[Uint8Array, Uint16Array]>().decode(message);
  assert.equal(bytes.buffer, message.buffer);
  assert.deepEqual(bytes, new Uint8Array([1, 2]));
  assert.notEqual(words.buffer, message.buffer);
  assert.deepEqual(words, new Uint16Array([3]));
});

test("what is encoded does not share memory with the value", () => {
  for (const size of [10, 100_000]) {
    const value = new Uint8Array(size);
    assert.notEqual((cbor().encode(value) as Uint8Array).buffer, value.buffer);
  }
});

const circle: unknown[] = [];
circle.push(circle);
for (
  const [what, value, reason] of [
    ["a function", () => 1, /^Cannot encode a function as CBOR: ./],
    ["a function within", [{ f: () => 1 }], /^Cannot encode an object of type Array as CBOR: ./],
    ["a circle", circle, /: it is nested too deeply, or contains itself$/],
  ] as const
) {
  test(`cbor refuses to encode ${what}`, () => {
    assert.throws(() => cbor().encode(value), { code: "EINVAL", message: reason });
    assert.deepEqual(carry(cbor(), [1]), [1]);
  });
}

for (
  const [what, message, reason] of [
    ["an empty message", "", /it ends inside a value$/],
    [
      "an array of four thousand million items that are not there",
      "9affffffff01",
      /it ends inside a value$/,
    ],
    ["an array of 2^64 items that are not there", "9bffffffffffffffff01", /./],
    ["a map of 2^64 items that are not there", "bbffffffffffffffff0101", /./],
    ["a text of 2^62 bytes that are not there", "7b400000000000000061", /./],
    ["bytes of 2^64 that are not there", "5bffffffffffffffff61", /./],
    ["a text that is not UTF-8", "62c328", /./],
    ["two values", "0101", /./],
    ["an item that never ends", "9f01", /it ends inside a value$/],
    ["half a map", "bf01ff", /./],
    ["a bigint that has no bytes", "c201", /a bigint has no bytes$/],
    ["65 levels too many", "81".repeat(130) + "01", /depth/],
    ["a million levels", "81".repeat(1_000_000), /depth/],
    ["a million tags", "c1".repeat(1_000_000), /depth/],
  ] as const
) {
  test(`cbor refuses ${what}`, () => {
    assert.throws(() => cbor().decode(hex(message)), (error) => {
      assert.ok(error instanceof Error);
      assert.equal((error as { code?: string }).code, "EPROTO");
      assert.match(error.message, /^Cannot decode a message as CBOR: ./);
      assert.match(error.message, reason);
      return true;
    });
  });
}

test("a bigint of a million bytes is decoded as quickly as other bytes", () => {
  // By the package's own decoder it takes minutes.
  const message = hex(`c25a000f4240${"ff".repeat(1_000_000)}`);
  assert.equal(cbor().decode(message), 2n ** 8_000_000n - 1n);
  assert.equal(cbor().decode(hex("c340")), -1n);
  assert.equal(cbor().decode(hex("c349010000000000000000")), -(2n ** 64n) - 1n);
});

test("a peer chooses neither regular expressions nor symbols", () => {
  for (
    const [tag, value] of [[35, "(a+)+$"], [21065, "a"], [21066, ["a", "i"]], [280, "s"]] as const
  ) {
    const received = cbor<Tag>().decode(
      toBytes(cbor().encode(new Tag(tag, value))) as Uint8Array<ArrayBuffer>,
    );
    assert.ok(received instanceof Tag);
    assert.deepEqual([received.tag, received.contents], [tag, value]);
  }
});

test("no bytes make cbor throw anything but EPROTO", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        cbor().decode(asReceived(bytes));
      } catch (error) {
        assert.equal((error as { code?: string }).code, "EPROTO", String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test("a key __proto__ is a key as others are", () => {
  const value = cbor<object>().decode(hex("a1695f5f70726f746f5f5fa16561646d696ef5"));
  assert.equal("admin" in value, false);
});

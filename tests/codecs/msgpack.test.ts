/** MessagePack, by the package @msgpack/msgpack. */

import assert from "node:assert/strict";
import { decode } from "@msgpack/msgpack";
import fc from "fast-check";
import { test } from "node:test";
import { msgpack } from "../../codecs/msgpack.ts";
import { findShapeFault, MAX_DEPTH } from "../../codecs/msgpack_shape.ts";
import { toBytes } from "../../src/memory/message.ts";
import { asReceived, carry } from "../helpers/codecs.ts";

/** A message, by its bytes in hexadecimal. */
function hex(digits: string): Uint8Array<ArrayBuffer> {
  return asReceived(Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16)));
}

const VALUES = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false),
    // Its integers have one zero.
    fc.double({ noNaN: true }).map((number) => number === 0 ? 0 : number),
    fc.maxSafeInteger(),
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.date({ noInvalidDate: true }),
    fc.array(tie("value"), { maxLength: 40 }),
    fc.dictionary(fc.string().filter((key) => key !== "__proto__"), tie("value")),
  ),
})).value;

test("a value of MessagePack comes as it was sent", () => {
  fc.assert(fc.property(VALUES, (value) => {
    assert.deepEqual(structuredClone(carry(msgpack(), value)), structuredClone(value));
  }));
});

test("values of each length come as they were sent", () => {
  for (const length of [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536]) {
    const value = [
      "x".repeat(length),
      new Uint8Array(length),
      new Array(length).fill(1),
      Object.fromEntries(Array.from({ length }, (_, key) => [`${key}`, key])),
    ];
    assert.deepEqual(carry(msgpack(), value), value);
  }
});

test("bigints come with useBigInt64, and are refused without", () => {
  const codec = msgpack(undefined, { useBigInt64: true });
  assert.deepEqual(carry(codec, [2n ** 63n, -5n]), [2n ** 63n, -5n]);
  assert.throws(() => msgpack().encode([5n]), { code: "EINVAL" });
  assert.equal(msgpack().decode(hex("cf0000000000000005")), 5);
});

test("bytes are a view of the message", () => {
  const message = asReceived(toBytes(msgpack().encode({ data: new Uint8Array([1, 2]) })));
  const { data } = msgpack<{ data: Uint8Array }>().decode(message);
  assert.equal(data.buffer, message.buffer);
  assert.deepEqual(data, new Uint8Array([1, 2]));
});

test("a message stays as it is when the next one is encoded, also a large one", () => {
  const codec = msgpack();
  for (const size of [10, 200_000]) {
    const first = toBytes(codec.encode("a".repeat(size)));
    const copy = first.slice();
    codec.encode("b".repeat(size));
    assert.deepEqual(first, copy);
  }
});

test("a value whose getter encodes another value is encoded whole", () => {
  const codec = msgpack();
  const inner = toBytes(codec.encode("inner"));
  const value = {
    get nested(): Uint8Array {
      return toBytes(codec.encode("inner"));
    },
  };
  assert.deepEqual(carry(codec, value), { nested: inner });
});

const circle: unknown[] = [];
circle.push(circle);
for (
  const [what, value, reason] of [
    ["a function", () => 1, /^Cannot encode a function as MessagePack: ./],
    ["a circle", circle, /^Cannot encode an object of type Array as MessagePack: Too deep/],
    ["a symbol", Symbol("x"), /^Cannot encode Symbol\(x\) \(symbol\) as MessagePack: ./],
  ] as const
) {
  test(`msgpack refuses to encode ${what}, and goes on`, () => {
    const codec = msgpack();
    assert.throws(() => codec.encode(value), { code: "EINVAL", message: reason });
    assert.deepEqual(carry(codec, [1]), [1]);
  });
}

for (
  const [what, message, reason] of [
    ["an empty message", "", "it ends inside a value"],
    ["four thousand million items that are not there", "ddffffffff01", "it ends inside a value"],
    ["thirty million items, within each other", "dd01ffffff".repeat(60), "it ends inside a value"],
    ["a map of items that are not there", "dfffffffffa16101", "it ends inside a value"],
    ["a text that is cut off", "dbffffffff61", "it ends inside a value"],
    ["bytes that are cut off", "c404616263", "it ends inside a value"],
    ["an extension that is cut off", "d8ff00", "it ends inside a value"],
    ["a length that is cut off", "dd0000", "it ends inside a value"],
    ["a number that is cut off", "cb00000000000000", "it ends inside a value"],
    ["two values", "0101", "1 bytes follow its value"],
    ["a byte that begins no value", "92c101", "byte 0xc1 at offset 1, which begins no value"],
    ["a million levels", "91".repeat(1_000_000), "it is nested deeper than 64 levels"],
    ["a key that is an array", "819001", "The type of key must be string or number but object"],
    ["a key __proto__", "81a95f5f70726f746f5f5f80", "The key __proto__ is not allowed"],
    ["a date of a wrong length", "d4ff00", /./],
  ] as const
) {
  test(`msgpack refuses ${what}`, () => {
    assert.throws(() => msgpack().decode(hex(message)), (error) => {
      assert.ok(error instanceof Error);
      assert.equal((error as { code?: string }).code, "EPROTO");
      const start = "Cannot decode a message as MessagePack: ";
      if (typeof reason === "string") assert.equal(error.message, start + reason);
      else assert.ok(error.message.startsWith(start));
      return true;
    });
  });
}

test("values are as deep as the limit, both ways", () => {
  const nest = (depth: number): unknown => depth === 0 ? [] : [nest(depth - 1)];
  const deepest = nest(MAX_DEPTH - 1);
  assert.deepEqual(carry(msgpack(), deepest), deepest);
  assert.throws(() => msgpack().encode(nest(MAX_DEPTH)), { code: "EINVAL" });
});

/** Whether the package decodes bytes, or why not. */
function reference(bytes: Uint8Array): string | undefined {
  try {
    decode(bytes);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

test("what is looked through is found whole exactly where the package finds it so", () => {
  // No head of 32 bits: the package would make arrays as large as they say.
  const heads = fc.integer({ min: 0, max: 255 }).filter((head) => head !== 0xdd && head !== 0xdf);
  const bytes = fc.oneof(fc.array(heads, { maxLength: 30 }), fc.array(heads, { maxLength: 3 }));
  fc.assert(
    fc.property(bytes, (values) => {
      const message = asReceived(Uint8Array.from(values));
      const fault = findShapeFault(message);
      const wanted = reference(message);
      if (wanted === undefined) assert.equal(fault, undefined);
      else if (/RangeError|Unrecognized type byte|Insufficient/.test(wanted)) {
        assert.notEqual(fault, undefined, wanted);
      }
    }),
    { numRuns: 5000 },
  );
});

test("no bytes make msgpack throw anything but EPROTO", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        msgpack().decode(asReceived(bytes));
      } catch (error) {
        assert.equal((error as { code?: string }).code, "EPROTO", String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

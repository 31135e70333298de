/** JSON, without a schema. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "node:test";
import { json } from "../../codecs/mod.ts";
import { asReceived, carry, utf8 } from "../helpers/codecs.ts";

test("a value of JSON comes as it was sent", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    // JSON has one zero.
    assert.deepEqual(carry(json(), value), JSON.parse(JSON.stringify(value)));
  }));
});

test("json encodes what JSON.stringify makes, as a text", () => {
  assert.equal(
    json().encode({ a: [1, undefined], at: new Date(0), b: undefined }),
    '{"a":[1,null],"at":"1970-01-01T00:00:00.000Z"}',
  );
});

test("json reads a message behind a byte order mark", () => {
  assert.deepEqual(json().decode(utf8("\ufeff[1]")), [1]);
});

const circle: Record<string, unknown> = { name: "circle" };
circle["inner"] = { list: [1, circle] };
const shared = { n: 1 };

for (
  const [what, value, message] of [
    ["undefined", undefined, "Cannot encode undefined as JSON: JSON has no such value"],
    ["a function", () => 1, "Cannot encode a function as JSON: JSON has no such value"],
    ["a symbol", Symbol("x"), "Cannot encode Symbol(x) (symbol) as JSON: JSON has no such value"],
    ["a bigint", 5n, "Cannot encode 5 (bigint) as JSON: JSON has no such value"],
    [
      "a bigint within",
      { load: [1, { count: 5n }] },
      "Cannot encode an object of type Object as JSON: load[1].count is 5 (bigint)",
    ],
    [
      "a bigint behind an object that is there twice",
      { one: shared, two: shared, list: [5n] },
      "Cannot encode an object of type Object as JSON: list[0] is 5 (bigint)",
    ],
    [
      "a circle",
      circle,
      "Cannot encode an object of type Object as JSON: inner.list[1] is an object that contains it",
    ],
  ] as const
) {
  test(`json refuses to encode ${what}, and names it`, () => {
    assert.throws(() => json().encode(value), { code: "EINVAL", message });
  });
}

test("json says what a toJSON has thrown", () => {
  const value = {
    toJSON(): void {
      throw new RangeError("not today");
    },
  };
  assert.throws(() => json().encode(value), /as JSON: not today$/);
});

test("json refuses a value that is nested too deeply for JSON.stringify", () => {
  let value: unknown[] = [];
  for (let depth = 0; depth < 200_000; depth++) value = [value];
  // Bun's goes deeper.
  try {
    assert.match(json().encode(value) as string, /^\[+\]+$/);
  } catch (error) {
    assert.match(String(error), /it is nested too deeply, or contains itself/);
  }
});

for (
  const [what, message, reason] of [
    ["an empty message", [], /^Cannot decode a message as JSON: ./],
    ["half a value", [0x5b, 0x31], /^Cannot decode a message as JSON: ./],
    ["bytes that are not UTF-8", [0x22, 0xff, 0x22], /: it is not UTF-8: byte 0xff at offset 1$/],
  ] as const
) {
  test(`json refuses ${what}, and says why`, () => {
    const bytes = asReceived(new Uint8Array(message));
    assert.throws(() => json().decode(bytes), { code: "EPROTO", message: reason });
  });
}

test("an error of json shows no control characters of a peer's", () => {
  assert.throws(() => json().decode(utf8("\u001b[31m\u202e\n")), (error) => {
    assert.ok(error instanceof Error);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(error.message, /[\u0000-\u001f\u202e]/);
    return true;
  });
});

test("json answers a million brackets with a value or an error, and goes on", () => {
  for (const hostile of ["[".repeat(1_000_000), '{"a":'.repeat(200_000)]) {
    assert.throws(() => json().decode(utf8(hostile)), { code: "EPROTO" });
  }
  assert.deepEqual(json().decode(utf8("[1]")), [1]);
});

test("a key __proto__ is a key as others are", () => {
  const value = json<object>().decode(utf8('{"__proto__":{"admin":true}}'));
  assert.equal("admin" in value, false);
  assert.deepEqual(Object.keys(value), ["__proto__"]);
});

test("json takes a replacement character for what it is where one was sent", () => {
  const codec = json<string>();
  assert.equal(codec.decode(utf8('"\ufffd"')), "\ufffd");
});

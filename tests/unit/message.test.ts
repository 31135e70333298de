/** What may be sent, as bytes. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type MessageLike, toBytes } from "../../src/memory/message.ts";
import { hex, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";

describe("a message", () => {
  test("of bytes is taken as it is", () => {
    const bytes = utf8("abc");
    assert.equal(toBytes(bytes), bytes);
    const part = bytes.subarray(1);
    assert.equal(toBytes(part), part);
  });

  test("of text is UTF-8", () => {
    assert.deepEqual(toBytes("ü€"), hex("c3 bc e2 82 ac"));
    assert.deepEqual(toBytes(""), new Uint8Array(0));
    // Half a character has no UTF-8; the platform puts a mark in its place.
    assert.deepEqual(toBytes("\ud800"), hex("ef bf bd"));
  });

  test("that is a view of any kind shows the bytes that the view shows, without a copy", () => {
    const { buffer } = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]);
    const views: readonly (readonly [MessageLike, string])[] = [
      [buffer, "00 01 02 03 04 05 06 07"],
      [new DataView(buffer, 1, 2), "01 02"],
      [new Uint16Array(buffer, 2, 2), "02 03 04 05"],
      [new Float64Array(buffer), "00 01 02 03 04 05 06 07"],
      [new Uint8ClampedArray(buffer, 7), "07"],
      [new DataView(buffer, 8), ""],
    ];
    for (const [message, wanted] of views) {
      const bytes = toBytes(message);
      assert.deepEqual(bytes, hex(wanted));
      if (bytes.length > 0) assert.equal(bytes.buffer, buffer);
    }
  });

  test("may lie in shared memory", () => {
    const shared = new SharedArrayBuffer(2);
    new Uint8Array(shared).set([7, 8]);
    assert.deepEqual([...toBytes(shared)], [7, 8]);
    assert.deepEqual([...toBytes(new Uint8Array(shared, 1))], [8]);
  });

  const wrong: readonly (readonly [unknown, string])[] = [
    [5, "5 (number)"],
    [undefined, "undefined"],
    [function named(): void {}, "the function named"],
    [(() => () => {})(), "a function"],
    [null, "null"],
    [true, "true (boolean)"],
    [10n, "10 (bigint)"],
    [Symbol("x"), "Symbol(x) (symbol)"],
    [{}, "an object of type Object"],
    [Object.create(null), "an object of type null"],
    [[1, 2], "an object of type Array"],
    [new Date(0), "an object of type Date"],
    [new Blob([]), "an object of type Blob"],
  ];
  for (const [value, shown] of wrong) {
    test(`must not be ${shown}, and the error says what may be`, () => {
      assert.throws(
        () => toBytes(value as MessageLike),
        spError("EINVAL", `Cannot send ${shown}`, "a string, an ArrayBuffer or a view"),
      );
    });
  }
});

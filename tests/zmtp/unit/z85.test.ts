/** Z85: the vector of RFC 32 and that of CURVE, and what is not Z85. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeZ85, encodeZ85 } from "../../../zmtp/curve/z85.ts";
import { hex, pattern } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";
import { PUBLIC, SERVER_TEXT } from "../helpers/vectors.ts";

const VECTORS: readonly (readonly [string, Uint8Array<ArrayBuffer>])[] = [
  ["", hex("")],
  ["HelloWorld", hex("864fd26fb559f75b")],
  ["00000", hex("00000000")],
  ["%nSc0", hex("ffffffff")],
  [SERVER_TEXT, PUBLIC.server],
];

test("bytes and text are those of the vectors, both ways", () => {
  for (const [text, bytes] of VECTORS) {
    assert.equal(encodeZ85(bytes), text);
    assert.deepEqual(decodeZ85(text), bytes);
  }
});

test("any bytes come back, and a view is not read beyond its ends", () => {
  const bytes = pattern(1024);
  assert.deepEqual(decodeZ85(encodeZ85(bytes)), bytes);
  assert.equal(encodeZ85(bytes.subarray(8, 12)), encodeZ85(bytes.slice(8, 12)));
});

test("a length that does not fit is refused", () => {
  for (const length of [1, 2, 3, 5]) {
    assert.throws(() => encodeZ85(new Uint8Array(length)), spError("EINVAL", `${length} bytes`));
  }
  assert.throws(() => decodeZ85("0000"), spError("EINVAL", "4 characters", "multiple of 5"));
});

test("characters outside of the alphabet, and more than 32 bits, are refused without being shown", () => {
  for (const wrong of [" ", '"', "'", "~", ",", "|", "ä", "\0"]) {
    assert.throws(() => decodeZ85(`00000000${wrong}0`), spError("EINVAL", "character 9"));
  }
  for (const wrong of ["%nSc1", "#####"]) {
    assert.throws(() => decodeZ85(`00000${wrong}`), (error) => {
      spError("EINVAL", "characters 6 to 10", "32 bits")(error);
      return !String(error).includes(wrong);
    });
  }
});

/** The SP header (sp-tcp-mapping-01, 2). */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeSPHeader, encodeSPHeader } from "../../src/sp/header.ts";
import { concat, hex, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";

const GOOD = hex("00 53 50 00 00 31 00 00");

describe("the SP header", () => {
  test("is 00 53 50 00, the protocol's number, 00 00", () => {
    assert.deepEqual(encodeSPHeader(0x31), GOOD);
    assert.deepEqual(encodeSPHeader(0x1234), hex("00 53 50 00 12 34 00 00"));
  });

  test("gives the peer's protocol", () => {
    assert.equal(decodeSPHeader(GOOD), 0x31);
    assert.equal(decodeSPHeader(hex("00 53 50 00 12 34 00 00")), 0x1234);
  });

  test("may have messages behind it", () => {
    assert.equal(decodeSPHeader(concat([GOOD, utf8("whatever")])), 0x31);
  });

  test("is waited for as long as bytes are missing", () => {
    for (let length = 0; length < 8; length++) {
      assert.equal(decodeSPHeader(GOOD.subarray(0, length)), undefined, `${length} bytes`);
    }
  });

  for (const place of [0, 1, 2, 3, 6, 7]) {
    test(`is refused at a wrong byte in place ${place}, whatever it is, and as soon as it is there`, () => {
      for (let byte = 0; byte < 256; byte++) {
        if (byte === GOOD[place]) continue;
        const wrong = GOOD.slice();
        wrong[place] = byte;
        const shown = byte.toString(16).padStart(2, "0");
        for (const seen of [wrong, wrong.subarray(0, place + 1)]) {
          assert.throws(() => decodeSPHeader(seen), spError("EPROTO", shown, "00 53 50 00"));
        }
      }
    });
  }

  test("is told from HTTP, and the error shows what came", () => {
    assert.throws(() => decodeSPHeader(utf8("GET / HTTP/1.1")), spError("EPROTO", "47 45 54 20"));
  });
});

/** Texts and bytes. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "node:test";
import { bytes, text } from "../../codecs/mod.ts";
import { SPError } from "../../mod.ts";
import { asReceived, carry, TEXT, utf8 } from "../helpers/codecs.ts";

test("text comes as it was sent, whatever it is", () => {
  fc.assert(fc.property(TEXT, (value) => assert.equal(carry(text(), value), value)));
  for (const value of ["", "zwölf", "🙂", "\ufeffwith a mark", "\0"]) {
    assert.equal(carry(text(), value), value);
  }
});

test("text leaves the making of bytes to the socket", () => {
  assert.equal(text().encode("zwölf"), "zwölf");
});

test("text refuses a message that is not UTF-8, and says where", () => {
  assert.throws(() => text().decode(asReceived(new Uint8Array([0x61, 0x62, 0xff]))), (error) => {
    assert.ok(error instanceof SPError);
    assert.equal(error.code, "EPROTO");
    assert.equal(
      error.message,
      "Cannot decode a message of 3 bytes as UTF-8: byte 0xff at offset 2",
    );
    return true;
  });
});

test("a message that text has refused does no harm to the next", () => {
  const codec = text();
  assert.throws(() => codec.decode(new Uint8Array([0xc3])), /it ends inside a character/);
  assert.equal(codec.decode(utf8("ö")), "ö");
});

test("text with fatal: false replaces bad bytes", () => {
  assert.equal(text({ fatal: false }).decode(new Uint8Array([0x61, 0xff])), "a\ufffd");
});

test("text refuses to encode what is no string", () => {
  assert.throws(() => text().encode(5 as unknown as string), {
    code: "EINVAL",
    message: "Cannot encode 5 (number) as text: expected a string",
  });
});

test("text refuses an option that there is not, or of a wrong type", () => {
  assert.throws(() => text({ fatale: true } as object), {
    code: "EINVAL",
    message: /Unknown option "fatale" in the options of text/,
  });
  assert.throws(() => text({ fatal: 1 as unknown as boolean }), { code: "EINVAL" });
});

test("bytes hands on what it is given, and copies nothing", () => {
  const message = asReceived(utf8("message"));
  assert.equal(bytes().decode(message), message);
  assert.equal(bytes().encode(message), message);
  assert.equal(bytes().encode("text"), "text");
});

/** Metadata in READY and INITIATE. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeCommand } from "../../../zmtp/wire/commands.ts";
import { encodeMetadata, parseMetadata } from "../../../zmtp/wire/metadata.ts";
import { concat, hex, pattern, utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";

const DEALER = "04 2c 05 5245414459 0b 536f636b65742d54797065 00000006 4445414c4552 " +
  "08 4964656e74697479 00000003 616263";

test("READY of a DEALER with an identity is what libzmq sends", () => {
  const metadata = encodeMetadata([["Socket-Type", "DEALER"], ["Identity", utf8("abc")]]);
  assert.deepEqual(encodeCommand("READY", metadata), hex(DEALER).subarray(2));
});

test("properties come back, whatever their case", () => {
  const metadata = parseMetadata(
    encodeMetadata([["socket-TYPE", "PUSH"], ["X-Empty", ""], ["X-Long", pattern(70_000)]]),
  );
  assert.equal(metadata.size, 3);
  assert.equal(metadata.text("Socket-Type"), "PUSH");
  assert.deepEqual(metadata.get("x-empty"), new Uint8Array(0));
  assert.deepEqual(metadata.get("X-LONG"), pattern(70_000));
  assert.equal(metadata.get("Identity"), undefined);
  assert.equal(metadata.text("Identity"), undefined);
});

test("as a record, ZMTP's own names are spelled as it does, others as the peer does", () => {
  const metadata = parseMetadata(
    encodeMetadata([["SOCKET-TYPE", "PUB"], ["identity", "i"], ["x-Mine", "ü"], [
      "__proto__",
      "p",
    ]]),
  );
  assert.deepEqual(Object.entries(metadata.toRecord()), [
    ["Socket-Type", "PUB"],
    ["Identity", "i"],
    ["x-Mine", "ü"],
    ["__proto__", "p"],
  ]);
});

test("of two properties with one name the first counts", () => {
  const metadata = parseMetadata(encodeMetadata([["X-A", "1"], ["x-a", "2"]]));
  assert.equal(metadata.text("x-A"), "1");
  assert.deepEqual(metadata.toRecord(), { "X-A": "1" });
});

test("no metadata is none", () => {
  assert.equal(parseMetadata(new Uint8Array(0)).size, 0);
});

test("values are copied", () => {
  const bytes = encodeMetadata([["Identity", "abc"]]);
  const metadata = parseMetadata(bytes);
  bytes.fill(0);
  assert.equal(metadata.text("Identity"), "abc");
});

test("metadata cut off anywhere but between properties is refused", () => {
  const one = encodeMetadata([["Socket-Type", "PULL"]]);
  const two = concat([one, encodeMetadata([["Identity", ""]])]);
  for (let length = 1; length < two.length; length++) {
    if (length === one.length) continue;
    assert.throws(() => parseMetadata(two.slice(0, length)), spError("EPROTO", "ends within"));
  }
});

test("an invalid name is refused, and shown escaped", () => {
  assert.throws(() => parseMetadata(hex("00 00000000")), spError("EPROTO", '""'));
  assert.throws(() => parseMetadata(hex("02 610a 00000000")), spError("EPROTO", '"a\\n"'));
  assert.throws(() => parseMetadata(hex("01 e4 00000000")), spError("EPROTO", '"ä"'));
});

test("a value of 4 GiB that does not come is refused", () => {
  assert.throws(
    () => parseMetadata(hex("01 61 ffffffff 00")),
    spError("EPROTO", "1 of 4294967295 bytes"),
  );
});

test("more than 256 properties are refused", () => {
  const many = (count: number) =>
    encodeMetadata(Array.from({ length: count }, (_, i) => [`X-${i}`, ""] as const));
  assert.equal(parseMetadata(many(256)).size, 256);
  assert.throws(() => parseMetadata(many(257)), spError("EPROTO", "256"));
});

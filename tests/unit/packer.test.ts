/** How messages are laid out for the wire. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { COPY_LIMIT, Packer } from "../../src/memory/packer.ts";
import { encoder } from "../helpers/encoders.ts";
import { concat, hex, pattern, utf8 } from "../helpers/bytes.ts";

/** What the last call of `pack` laid out. */
function laidOut(packer: Packer): Uint8Array {
  const piece = packer.buffer.subarray(packer.start, packer.end);
  return packer.rest[0] === undefined ? piece.slice() : concat([piece, packer.rest[0]]);
}

describe("a packer", () => {
  test("lays small messages one behind the other in one slab", () => {
    const packer = new Packer(encoder(8));
    const { buffer, start, end } = packer.pack(utf8("abc"));
    assert.equal(end - start, 11);
    packer.pack(utf8("de"));
    assert.equal(packer.buffer, buffer);
    assert.equal(packer.start, end);
    assert.deepEqual(
      buffer.subarray(start, packer.end),
      hex("00 00 00 00 00 00 00 03 61 62 63 00 00 00 00 00 00 00 02 64 65"),
    );
  });

  test("puts the byte 1 before the length on ipc", () => {
    assert.deepEqual(
      laidOut(new Packer(encoder(9)).pack(utf8("a"))),
      hex("01 00 00 00 00 00 00 00 01 61"),
    );
  });

  test("puts a header between prefix and body, and counts it in the length", () => {
    const message = { header: hex("80 00 00 07"), body: utf8("a") };
    const packer = new Packer(encoder(8)).pack(message);
    assert.deepEqual(laidOut(packer), hex("00 00 00 00 00 00 00 05 80 00 00 07 61"));
    assert.equal(packer.payload, 5);
  });

  test(`copies a body of ${COPY_LIMIT} bytes, and refers to a larger one`, () => {
    const packer = new Packer(encoder(8));
    assert.equal(packer.pack(pattern(COPY_LIMIT)).rest[0], undefined);
    const large = pattern(COPY_LIMIT + 1);
    assert.equal(packer.pack(large).rest[0], large);
    assert.equal(packer.end - packer.start, 8);
    assert.equal(packer.payload, COPY_LIMIT + 1);
    const framed = packer.pack({ header: hex("80 00 00 01"), body: large });
    assert.equal(framed.rest[0], large);
    assert.equal(framed.end - framed.start, 12);
    assert.equal(framed.payload, COPY_LIMIT + 5);
  });

  test("forgets the body that it referred to with the next message", () => {
    const packer = new Packer(encoder(8)).pack(pattern(COPY_LIMIT + 1));
    assert.equal(packer.pack(utf8("a")).rest[0], undefined);
  });

  test("writes the length of a message beyond 4 GiB", () => {
    // Nobody looks at the bytes of a body that goes by reference.
    const body = Object.create(Uint8Array.prototype, { length: { value: 0x2_0000_0003 } });
    const packer = new Packer(encoder(8)).pack(body);
    assert.deepEqual(
      packer.buffer.subarray(packer.start, packer.end),
      hex("00 00 00 02 00 00 00 03"),
    );
  });

  test("takes a new slab when one is used up, and leaves the old one as it is", () => {
    const packer = new Packer(encoder(8));
    const first = packer.pack(pattern(900, 1));
    const { buffer } = first;
    const copy = buffer.slice();
    packer.pack(pattern(900, 2));
    assert.notEqual(packer.buffer, buffer);
    assert.deepEqual(buffer, copy);
    assert.deepEqual(laidOut(packer).subarray(8), pattern(900, 2));
  });

  test("begins the slab again once all is written, unless memory is kept", () => {
    const packer = new Packer(encoder(8), false);
    packer.pack(utf8("abc"));
    packer.written(packer.buffer);
    assert.equal(packer.pack(utf8("de")).start, 11);
    packer.written(undefined);
    assert.equal(packer.pack(utf8("de")).start, 0);
    const keeper = new Packer(encoder(8));
    keeper.pack(utf8("abc"));
    keeper.written(undefined);
    assert.equal(keeper.pack(utf8("de")).start, 11);
  });

  test("keeps a message in one piece where the connection keeps messages apart", () => {
    const packer = new Packer(encoder(0));
    assert.deepEqual(laidOut(packer.pack(new Uint8Array(0))), new Uint8Array(0));
    assert.deepEqual(laidOut(packer.pack(utf8("abc"))), utf8("abc"));
    const whole = packer.pack({ header: hex("80 00 00 01"), body: pattern(COPY_LIMIT + 1) });
    assert.equal(whole.rest[0], undefined);
    assert.deepEqual(laidOut(whole), concat([hex("80 00 00 01"), pattern(COPY_LIMIT + 1)]));
  });

  test("copies no large message that has no header where the connection keeps messages apart", () => {
    const large = pattern(COPY_LIMIT + 1);
    const packer = new Packer(encoder(0)).pack(large);
    assert.equal(packer.buffer, large);
    assert.deepEqual([packer.start, packer.end], [0, large.length]);
  });

  test("uses slabs that are written again, and none that is not", () => {
    const packer = new Packer(encoder(8), false);
    const fill = (count: number): Uint8Array[] => {
      const slabs = new Set<Uint8Array>();
      while (slabs.size < count) slabs.add(packer.pack(pattern(16_000)).buffer);
      return [...slabs];
    };
    const slabs = fill(8);
    packer.written(slabs[5]);
    const later = fill(8);
    assert.ok(later.some((slab) => slabs.indexOf(slab) >= 0 && slabs.indexOf(slab) < 5));
    assert.ok(!later.includes(slabs[5]!) && !later.includes(slabs[6]!));
    packer.written(undefined);
    assert.ok(fill(8).some((slab) => later.includes(slab)));
  });
});

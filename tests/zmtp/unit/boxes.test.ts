/** Boxes: the vectors, and what does not open. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Boxes, loadBoxes, OPEN_SCRATCH, SEAL_SCRATCH } from "../../../zmtp/curve/boxes.ts";
import { nonceOf } from "../../../zmtp/curve/nonces.ts";
import { concat, pattern, utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";
import { COOKIE, HELLO_BOX, NONCE, PUBLIC, SECRET, SHARED, times } from "../helpers/vectors.ts";

const boxes: Boxes = await loadBoxes();

test("public keys are those of the vectors", () => {
  for (const who of ["client", "server", "clientFresh", "serverFresh"] as const) {
    assert.deepEqual(boxes.publicKey(SECRET[who]), PUBLIC[who], who);
  }
});

test("both ends compute the shared key of the vectors", () => {
  assert.deepEqual(boxes.sharedKey(SECRET.clientFresh, PUBLIC.serverFresh), SHARED);
  assert.deepEqual(boxes.sharedKey(SECRET.serverFresh, PUBLIC.clientFresh), SHARED);
});

test("a sealed box is the one of the vectors: HELLO and cookie", () => {
  const key = boxes.sharedKey(SECRET.clientFresh, PUBLIC.server);
  const nonce = nonceOf("CurveZMQHELLO---", Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1));
  assert.deepEqual(boxes.seal(key, nonce, times(0, 64)), HELLO_BOX);
  const content = concat([PUBLIC.clientFresh, SECRET.serverFresh]);
  const cookie = boxes.seal(SECRET.cookie, nonceOf("COOKIE--", NONCE.cookie), content);
  assert.deepEqual(concat([NONCE.cookie, cookie]), COOKIE);
});

test("a box of any size opens to what was sealed", () => {
  const nonce = nonceOf("CurveZMQMESSAGEC", times(9, 8));
  for (const size of [0, 1, 31, 32, 33, 63, 64, 65, 255, 256, 1000, 70_000]) {
    const content = pattern(size);
    const box = boxes.seal(SHARED, nonce, content);
    assert.equal(box.length, size + 16);
    assert.deepEqual(boxes.open(SHARED, nonce, box), content, `${size} bytes`);
  }
});

test("a box is sealed and opened in memory that is given", () => {
  const nonce = nonceOf("CurveZMQMESSAGEC", times(9, 8));
  const content = pattern(300);
  const memory = concat([times(0xee, SEAL_SCRATCH + 16), content]);
  boxes.sealInto(SHARED, nonce, memory);
  const box = memory.subarray(SEAL_SCRATCH);
  assert.deepEqual(box, boxes.seal(SHARED, nonce, content));
  const opened = times(0xee, OPEN_SCRATCH + 300);
  assert.equal(boxes.openInto(SHARED, nonce, box, opened), true);
  assert.deepEqual(opened.subarray(OPEN_SCRATCH), content);
});

test("a box with a flipped bit, another nonce, another key, or cut off does not open", () => {
  const nonce = nonceOf("CurveZMQMESSAGEC", times(9, 8));
  const box = boxes.seal(SHARED, nonce, utf8("secret"));
  for (let at = 0; at < box.length; at++) {
    const flipped = box.slice();
    flipped[at]! ^= 0x10;
    assert.equal(boxes.open(SHARED, nonce, flipped), undefined, `flipped at ${at}`);
  }
  assert.equal(boxes.open(SHARED, nonceOf("CurveZMQMESSAGES", times(9, 8)), box), undefined);
  assert.equal(boxes.open(SECRET.client, nonce, box), undefined);
  assert.equal(boxes.open(SHARED, nonce, box.subarray(0, 15)), undefined);
  assert.equal(boxes.open(SHARED, nonce, new Uint8Array(0)), undefined);
});

test("a public key of low order is refused", () => {
  assert.throws(() => boxes.sharedKey(SECRET.client, times(0, 32)), spError("EPROTO", "low order"));
  const one = times(0, 32);
  one[0] = 1;
  assert.throws(() => boxes.sharedKey(SECRET.client, one), spError("EPROTO", "low order"));
});

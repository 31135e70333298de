/** Keys: text and bytes, what is computed and what is made. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadBoxes } from "../../../zmtp/curve/boxes.ts";
import {
  type CurveKey,
  curveKeyPair,
  curvePublicKey,
  OwnKeys,
  parseKey,
} from "../../../zmtp/curve/keys.ts";
import { encodeZ85 } from "../../../zmtp/curve/z85.ts";
import { spError } from "../../helpers/errors.ts";
import { PUBLIC, SECRET, SERVER_TEXT, times } from "../helpers/vectors.ts";

const boxes = await loadBoxes();

test("a key is read from text and from bytes, which are copied", () => {
  assert.deepEqual(parseKey(SERVER_TEXT, "serverKey"), PUBLIC.server);
  const bytes = PUBLIC.server.slice();
  const key = parseKey(bytes, "serverKey");
  bytes.fill(0);
  assert.deepEqual(key, PUBLIC.server);
});

test("what is no key is refused, by name, and not shown", () => {
  const wrong: readonly [unknown, string][] = [
    ["short", "5 characters"],
    [SERVER_TEXT.replace("w", " "), "not Z85"],
    [`${SERVER_TEXT}0`, "41 characters"],
    [new Uint8Array(31), "31 bytes"],
    [17, "type number"],
    [undefined, "type undefined"],
  ];
  for (const [key, why] of wrong) {
    assert.throws(() => parseKey(key as CurveKey, "serverKey"), (error) => {
      spError("EINVAL", "serverKey", why, "40 characters", "32 bytes")(error);
      return typeof key !== "string" || !String(error).includes(key);
    });
  }
});

test("the public key is computed from the secret one", () => {
  const pair = new OwnKeys({ secretKey: SECRET.server }).pair(boxes);
  assert.deepEqual(pair, { publicKey: PUBLIC.server, secretKey: SECRET.server });
  const given = { secretKey: SECRET.server, publicKey: SERVER_TEXT };
  assert.deepEqual(new OwnKeys(given).pair(boxes), pair);
});

test("keys that do not belong together are refused, and so is a public one alone", () => {
  const keys = new OwnKeys({ secretKey: SECRET.client, publicKey: SERVER_TEXT });
  assert.throws(() => keys.pair(boxes), spError("EINVAL", "publicKey", "secretKey"));
  assert.throws(() => new OwnKeys({ publicKey: SERVER_TEXT }), spError("EINVAL", "secretKey"));
});

test("without keys a pair is made, once", () => {
  const keys = new OwnKeys({}, () => times(1, 32));
  const pair = keys.pair(boxes);
  assert.deepEqual(pair, { publicKey: PUBLIC.client, secretKey: SECRET.client });
  assert.equal(keys.pair(boxes), pair);
});

test("curveKeyPair makes another pair each time, and curvePublicKey computes its public key", async () => {
  const [one, other] = await Promise.all([curveKeyPair(), curveKeyPair()]);
  assert.notEqual(one.secretKey, other.secretKey);
  assert.equal(one.publicKey.length, 40);
  assert.equal(await curvePublicKey(one.secretKey), one.publicKey);
  assert.equal(await curvePublicKey(SECRET.server), SERVER_TEXT);
  assert.equal(await curvePublicKey(encodeZ85(SECRET.server)), SERVER_TEXT);
  await assert.rejects(curvePublicKey("?"), spError("EINVAL", "secretKey"));
});

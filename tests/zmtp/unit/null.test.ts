/** NULL: READY both ways, and who decides. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SPError } from "../../../src/base/errors.ts";
import type { Verdict } from "../../../zmtp/mechanisms/mechanism.ts";
import { NullMechanism } from "../../../zmtp/mechanisms/null.ts";
import { hex, utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";

const METADATA = utf8("metadata");
const READY = utf8("\x05READYmetadata");

function decided(verdict: Verdict): { mechanism: NullMechanism; asked: unknown[] } {
  const asked: unknown[] = [];
  const mechanism = new NullMechanism({
    metadata: METADATA,
    authenticate: (credentials) => {
      asked.push(credentials);
      return Promise.resolve(verdict);
    },
  });
  return { mechanism, asked };
}

test("NULL says READY at once, and is done with the peer's", () => {
  const mechanism = new NullMechanism({ metadata: METADATA });
  assert.equal(mechanism.name, "NULL");
  assert.equal(mechanism.isServer, false);
  assert.deepEqual(mechanism.begin(), READY);
  assert.deepEqual(mechanism.receive(utf8("\x05READYtheirs")), {
    isDone: true,
    metadata: utf8("theirs"),
  });
  assert.equal(mechanism.farewell(), undefined);
});

test("NULL says READY only when somebody has let the peer in", async () => {
  const { mechanism, asked } = decided({ status: 200 });
  const ready = mechanism.begin();
  assert.ok(ready instanceof Promise);
  assert.deepEqual(await ready, READY);
  assert.deepEqual(asked, [[]]);
});

test("a peer that is refused for good is told so", async () => {
  for (const status of [400, 500] as const) {
    const { mechanism } = decided({ status });
    await assert.rejects(async () => await mechanism.begin(), spError("EREJECTED", `${status}`));
    assert.deepEqual(mechanism.farewell(), utf8(`\x05ERROR\x03${status}`));
  }
});

test("a peer that may try again later is told nothing", async () => {
  const { mechanism } = decided({ status: 300 });
  await assert.rejects(async () => await mechanism.begin(), spError("EREJECTED", "300"));
  assert.equal(mechanism.farewell(), undefined);
});

test("the reason of a verdict is the error", async () => {
  const reason = new SPError("EREJECTED", "Refused the peer: on Sundays");
  const { mechanism } = decided({ status: 400, reason });
  await assert.rejects(async () => await mechanism.begin(), (error) => error === reason);
});

test("a peer's ERROR tells that it refuses us, and why", () => {
  const mechanism = new NullMechanism({ metadata: METADATA });
  mechanism.begin();
  const error = hex("05 4552524f52 03 343030");
  assert.throws(() => mechanism.receive(error), spError("EAUTH", '"400"'));
  const cut = hex("05 4552524f52 04 343030");
  assert.throws(() => mechanism.receive(cut), spError("EPROTO", "announced were 4"));
});

test("anything but READY or ERROR breaks the protocol", () => {
  const mechanism = new NullMechanism({ metadata: METADATA });
  mechanism.begin();
  assert.throws(() => mechanism.receive(utf8("\x05HELLO")), spError("EPROTO", '"HELLO"', "READY"));
  assert.throws(() => mechanism.receive(utf8("")), spError("EPROTO"));
  assert.throws(() => mechanism.receive(utf8("\x05REA")), spError("EPROTO", "name of 5"));
  assert.throws(() => mechanism.receive(utf8("\x05ready")), spError("EPROTO", '"ready"'));
});

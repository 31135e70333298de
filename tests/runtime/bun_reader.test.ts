/** What can be read of a descriptor, besides of a socket's: `adapter.test.ts` has those. */

import assert from "node:assert/strict";
import fs from "node:fs";
import { test } from "node:test";
import { readNow } from "../../transports/runtime/bun_reader.ts";

test("a socket without a descriptor, or with one that is none, has nothing to read", () => {
  for (const fd of [undefined, "5", 2 ** 30]) {
    assert.equal(readNow({ fd }, new Uint8Array(10)), 0);
  }
});

test("an error that a read meets is thrown, since no other read would meet it", () => {
  const fd = fs.openSync(import.meta.dirname!, "r");
  try {
    assert.throws(() => readNow({ fd }, new Uint8Array(10)), { code: "EISDIR" });
  } finally {
    fs.closeSync(fd);
  }
});

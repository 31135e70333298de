import assert from "node:assert/strict";
import { test } from "node:test";
import { XSub } from "../../../zmtp/mod.ts";

test("an XSUB refuses the options of publishers", () => {
  for (const options of [{ overflow: "block" }, { subscriptionBuffer: 1 }]) {
    assert.throws(() => new XSub(options as never), { code: "EINVAL" });
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DenoApi } from "../../transports/runtime/deno/api.ts";
import { isDeno } from "../../transports/runtime/deno/deno.ts";

/** What is written down of Deno's API is what it is: the type checker makes this test. */
const DENO: DenoApi | undefined = isDeno ? Deno : undefined;

test("what is written down of Deno's API is there in Deno, and nowhere else", () => {
  assert.equal(typeof DENO?.connect, isDeno ? "function" : "undefined");
  assert.equal(typeof DENO?.listen, isDeno ? "function" : "undefined");
});

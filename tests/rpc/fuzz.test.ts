/** Whatever comes, a service answers by JSON-RPC 2.0, and goes on. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openStage, type Stage } from "./service.ts";

const methods = {
  add: (a: number, b: number) => a + b,
  echo: (value: unknown) => value,
  fail: () => {
    throw new Error("always");
  },
};

/** What comes back for one call, checked by the words of the standard, not by what the client does. */
function assertResponse(response: unknown): void {
  assert.ok(typeof response === "object" && response !== null && !Array.isArray(response));
  const { jsonrpc, id, error, ...rest } = response as Record<string, unknown>;
  assert.equal(jsonrpc, "2.0");
  assert.ok(id === null || typeof id === "string" || typeof id === "number");
  if (error === undefined) {
    assert.deepEqual(Object.keys(rest), ["result"]);
    return;
  }
  assert.deepEqual(Object.keys(rest), []);
  const { code, message, data: _, ...others } = error as Record<string, unknown>;
  assert.ok([-32700, -32600, -32601, -32603].includes(code as number), String(code));
  assert.equal(typeof message, "string");
  assert.deepEqual(Object.keys(others), []);
}

function isNotification(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { jsonrpc, method, params } = value as Record<string, unknown>;
  return jsonrpc === "2.0" && typeof method === "string" && !Object.hasOwn(value, "id") &&
    (params === undefined || typeof params === "object" && params !== null);
}

/** Whether it is to be answered with nothing. */
function isSilent(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length > 0 && value.every(isNotification)
    : isNotification(value);
}

async function check(stage: Stage<typeof methods>, message: string | Uint8Array): Promise<void> {
  const reply = await stage.ask(message);
  if (reply === "") {
    const text = typeof message === "string" ? message : new TextDecoder().decode(message);
    assert.ok(isSilent(JSON.parse(text)), text);
    return;
  }
  const response: unknown = JSON.parse(reply);
  if (!Array.isArray(response)) return assertResponse(response);
  assert.ok(response.length > 0);
  response.forEach(assertResponse);
}

/** Something like a call: each part as it should be, or anything. */
const callLike = fc.record({
  jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant("2.0") }, fc.jsonValue()),
  method: fc.oneof(
    fc.constantFrom("add", "echo", "fail", "constructor", "__proto__", "toString", ""),
    fc.string(),
    fc.jsonValue(),
  ),
  params: fc.oneof(
    fc.array(fc.jsonValue()),
    fc.dictionary(fc.string(), fc.jsonValue()),
    fc.jsonValue(),
  ),
  id: fc.oneof(fc.string(), fc.double(), fc.constant(null), fc.jsonValue()),
}, { requiredKeys: [] });

const RUNS = { numRuns: 300 };

const MESSAGES: Record<string, fc.Arbitrary<string | Uint8Array>> = {
  "any bytes": fc.uint8Array({ maxLength: 200 }),
  "any JSON": fc.json(),
  "what is like a call": callLike.map((value) => JSON.stringify(value)),
  "what is like a batch": fc.array(fc.oneof(callLike, fc.jsonValue()), { maxLength: 8 })
    .map((value) => JSON.stringify(value)),
  "a call with a byte changed": fc.tuple(callLike, fc.nat(), fc.nat(255)).map(
    ([value, at, byte]) => {
      const bytes = new TextEncoder().encode(JSON.stringify(value));
      bytes[at % bytes.length] = byte;
      return bytes;
    },
  ),
};

for (const [what, messages] of Object.entries(MESSAGES)) {
  test(`${what} is answered by JSON-RPC, and the service goes on`, async () => {
    await using stage = await openStage(methods);
    await fc.assert(fc.asyncProperty(messages, (message) => check(stage, message)), RUNS);
    assert.equal(await stage.client.add(1, 2), 3);
    assert.equal(({} as { a?: 1 }).a, undefined);
  });
}

test("whatever JSON can hold comes back as it was sent", async () => {
  await using stage = await openStage(methods);
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      // JSON has no negative zero.
      const wanted = JSON.parse(JSON.stringify(value));
      if (JSON.stringify(value).includes('"__proto__"')) return;
      assert.deepEqual(await stage.client.$call("echo", [value]), wanted);
    }),
    RUNS,
  );
});

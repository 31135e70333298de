/** Batches: as JSON-RPC 2.0 has them (section 6), and as a client makes them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RpcError } from "../../rpc/mod.ts";
import { spError } from "../helpers/errors.ts";
import { call, errorOf, openStage, result } from "./service.ts";

const methods = {
  sum: (...numbers: number[]) => numbers.reduce((a, b) => a + b, 0),
  subtract: (a: number, b: number) => a - b,
  notify_hello: (_n: number) => {},
  get_data: () => ["hello", 5],
  fail: () => Promise.reject(new RpcError(7, "no", [1])),
  echo: (text: string) => text,
};

const byId = (a: { id: unknown }, b: { id: unknown }): number =>
  String(a.id) < String(b.id) ? -1 : 1;

test("the batch of the standard has the responses of the standard", async () => {
  await using stage = await openStage(methods);
  const responses = await stage.say([
    call("1", "sum", [1, 2, 4]),
    { jsonrpc: "2.0", method: "notify_hello", params: [7] },
    call("2", "subtract", [42, 23]),
    { foo: "boo" },
    call("5", "foo.get", { name: "myself" }),
    call("9", "get_data"),
  ]) as { id: unknown; error?: { code: number } }[];
  assert.deepEqual(
    responses.map((one) => one.error === undefined ? one : errorOf(one)).sort(byId),
    [
      result("1", 7),
      result("2", 19),
      { code: -32601, id: "5" },
      result("9", ["hello", 5]),
      { code: -32600, id: null },
    ],
  );
});

test("an empty batch is an invalid request, and one of nonsense has as many errors", async () => {
  await using stage = await openStage(methods);
  assert.deepEqual(errorOf(await stage.say([])), { code: -32600, id: null });
  const responses = await stage.say([1, 2, []]) as unknown[];
  assert.deepEqual(responses.map(errorOf), Array(3).fill({ code: -32600, id: null }));
  assert.deepEqual(errorOf(JSON.parse(await stage.ask("[1,"))), { code: -32700, id: null });
});

test("a batch of notifications is answered with nothing", async () => {
  await using stage = await openStage(methods);
  const notifications = ["notify_hello", "fail", "unknown"].map((method) => ({
    jsonrpc: "2.0",
    method,
  }));
  assert.equal(await stage.ask(JSON.stringify(notifications)), "");
});

test("a batch over maxBatch is refused as a whole, and none of it executed", async () => {
  let executed = 0;
  await using stage = await openStage({ count: () => ++executed }, { maxBatch: 3 });
  const calls = [1, 2, 3, 4].map((id) => call(id, "count"));
  assert.deepEqual(errorOf(await stage.say(calls)), { code: -32600, id: null });
  assert.equal(executed, 0);
  assert.equal((await stage.say(calls.slice(1)) as unknown[]).length, 3);
});

test("batchConcurrency bounds how many calls of a batch are at work", async () => {
  let working = 0;
  let most = 0;
  await using stage = await openStage({
    work: async () => {
      most = Math.max(most, ++working);
      await new Promise((next) => setTimeout(next));
      working--;
    },
  }, { batchConcurrency: 3 });
  const results = await stage.client.$batch((call) =>
    Array.from({ length: 20 }, () => call.work())
  );
  assert.equal(results.length, 20);
  assert.equal(most, 3);
});

test("a batch holds up no other message", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using stage = await openStage({ slow: () => promise, fast: () => 1 });
  const slow = stage.client.$batch((call) => Array.from({ length: 50 }, () => call.slow()));
  assert.equal(await stage.client.fast(), 1);
  resolve();
  assert.equal((await slow).length, 50);
});

test("maxResponseSize is for a whole batch: what has no place is an internal error", async () => {
  await using stage = await openStage(methods, { maxResponseSize: 1000, batchConcurrency: 1 });
  const long = "x".repeat(400);
  const results = await stage.client.$batch((call) => [
    call.echo(long),
    call.echo(long),
    call.echo(long),
    call.echo("short"),
  ]);
  assert.deepEqual(results.map(({ status }) => status), [
    "fulfilled",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
});

test("a client's batch is one message, and has the outcome of each call", async () => {
  await using stage = await openStage(methods);
  const [sum, failed, noted, unknown, none] = await stage.client.$batch((call) => [
    call.sum(1, 2, 4),
    call.fail(),
    call.$notify("notify_hello", [1]),
    call.$call("unknown" as "get_data"),
    call.subtract(1, undefined as never),
  ], { timeout: 10_000 });
  assert.deepEqual(sum, { status: "fulfilled", value: 7 });
  assert.equal(failed.status, "rejected");
  const { reason } = failed as PromiseRejectedResult;
  assert.ok(reason instanceof RpcError);
  assert.deepEqual([reason.code, reason.message, reason.data], [7, "no", [1]]);
  assert.deepEqual(noted, { status: "fulfilled", value: undefined });
  assert.equal((unknown as PromiseRejectedResult).reason.code, -32601);
  // NaN is null in JSON.
  assert.deepEqual(none, { status: "fulfilled", value: null });
  assert.equal(stage.req.stats().messagesSent, 1);
});

test("a batch of nothing is not sent, and one of notifications has no value", async () => {
  await using stage = await openStage(methods);
  assert.deepEqual(await stage.client.$batch(() => []), []);
  assert.equal(stage.req.stats().messagesSent, 0);
  assert.deepEqual(
    await stage.client.$batch((call) => [call.$notify("fail"), call.$notify("sum")]),
    [
      { status: "fulfilled", value: undefined },
      { status: "fulfilled", value: undefined },
    ],
  );
});

test("a batch that is refused as a whole rejects, as does one that cannot be written", async () => {
  await using stage = await openStage(methods, { maxBatch: 1 });
  await assert.rejects(
    stage.client.$batch((call) => [call.sum(1), call.sum(2)]),
    (error) => error instanceof RpcError && error.code === -32600,
  );
  await assert.rejects(
    stage.client.$batch((call) => [call.sum(1n as never)]),
    spError("EINVAL", '"sum"', "JSON cannot hold its parameters"),
  );
  await assert.rejects(
    stage.client.$batch(() => {
      throw new Error("mine");
    }),
    /mine/,
  );
});

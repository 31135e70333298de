/** `withContext`: what a handler knows of its call. And schemas of parameters. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod";
import { Req } from "../../mod.ts";
import { rpcClient, type RpcContext, withContext } from "../../rpc/mod.ts";
import { spError } from "../helpers/errors.ts";
import { call, errorOf, openStage, result } from "./service.ts";

test("a handler gets the context before its parameters, and nobody else can put one there", async () => {
  await using stage = await openStage({
    who: withContext(({ method, id, peer }, ...params: unknown[]) => [
      method,
      id ?? null,
      peer.protocol,
      params,
    ]),
    plain: (...params: unknown[]) => params.length,
  });
  assert.deepEqual(await stage.client.who(1, 2), ["who", 1, "req", [1, 2]]);
  assert.deepEqual(await stage.client.who(), ["who", 2, "req", []]);
  assert.deepEqual(
    await stage.say(call("x", "who", { method: "me", id: 7 })),
    result("x", [
      "who",
      "x",
      "req",
      [{ method: "me", id: 7 }],
    ]),
  );
  assert.equal(await stage.client.plain(), 0);
});

test("a notification's context has no id", async () => {
  const seen: RpcContext[] = [];
  await using stage = await openStage({ note: withContext((context) => void seen.push(context)) });
  await stage.client.$notify("note");
  await stage.client.note();
  assert.deepEqual(seen.map(({ id }) => id), [undefined, 1]);
});

test("methods of a class may have a context and their object", async () => {
  class Greeter {
    readonly #greeting = "Hello";
    readonly greet = withContext(({ method }, name: string) =>
      `${this.#greeting} ${name}: ${method}`
    );
  }
  await using stage = await openStage(new Greeter());
  assert.equal(await stage.client.greet("Ada"), "Hello Ada: greet");
});

test("a method with a context cannot be called without one", () => {
  const method = withContext((_context, a: number) => a);
  assert.throws(() => method(1), spError("ESTATE", "context"));
});

test("the signal is aborted when the caller is gone, and what fails for that alone is not told", async () => {
  const told: unknown[] = [];
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: aborted, resolve: abort } = Promise.withResolvers<unknown>();
  await using stage = await openStage({
    wait: withContext(({ signal }) => {
      begin();
      return new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => {
          reject(signal.reason);
          abort(signal.reason);
        })
      );
    }),
    fast: () => 1,
  }, { onError: (error) => void told.push(error) });
  const req = new Req();
  req.connect(stage.rep.stats().endpoints[0]!.address);
  const waiting = rpcClient(req).$call("wait");
  waiting.catch(() => {});
  await begun;
  await req.close({ linger: 0 });
  spError("ECONNRESET")(await aborted);
  assert.equal(await stage.client.fast(), 1);
  assert.deepEqual(told, []);
});

const SCHEMAS = {
  zod: z.tuple([z.number(), z.coerce.number()]),
  valibot: v.tuple([v.number(), v.pipe(v.union([v.string(), v.number()]), v.transform(Number))]),
  arktype: type(["number", "number | string.numeric.parse"]),
};

for (const [library, schema] of Object.entries(SCHEMAS)) {
  test(`parameters are checked, and made, by a schema of ${library}`, async () => {
    await using stage = await openStage(
      { add: (a: number, b: number) => a + b, free: (a: unknown) => a },
      { params: { add: schema } },
    );
    assert.equal(await stage.client.add(1, 2), 3);
    assert.equal(await stage.client.add(1, "2" as never), 3);
    assert.equal(await stage.client.free("x"), "x");
    for (const params of [["1", 2], [1], [], undefined, { a: 1 }]) {
      const response = await stage.say(call(1, "add", params)) as {
        error: { message: string; data: { message: string; path: unknown[] }[] };
      };
      assert.deepEqual(errorOf(response), { code: -32602, id: 1 }, library);
      assert.match(response.error.message, /^Invalid params/);
      assert.equal(typeof response.error.data[0]!.message, "string");
      assert.ok(Array.isArray(response.error.data[0]!.path));
    }
    const issue = await stage.client.add("1" as never, 2).catch((error) => error);
    assert.deepEqual(issue.data[0].path, [0]);
  });
}

test("a schema may be of parameters by name, and take its time; one that fails is an internal error", async () => {
  await using stage = await openStage({
    find: ({ item }: { item: string }) => item,
    broken: () => 1,
  }, {
    params: {
      find: z.object({ item: z.string().refine((item) => Promise.resolve(item !== "none")) }),
      broken: {
        "~standard": {
          version: 1,
          validate: () => {
            throw new Error("broken");
          },
        },
      },
    },
  });
  assert.deepEqual(await stage.say(call(1, "find", { item: "tea" })), result(1, "tea"));
  const refused = await stage.say(call(1, "find", { item: "none" }));
  assert.deepEqual(errorOf(refused), { code: -32602, id: 1 });
  assert.deepEqual(errorOf(await stage.say(call(1, "find", ["tea"]))), { code: -32602, id: 1 });
  assert.deepEqual(errorOf(await stage.say(call(1, "broken"))), { code: -32603, id: 1 });
});

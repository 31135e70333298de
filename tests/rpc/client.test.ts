/** `rpcClient`: the proxy, options of calls, and replies that are none. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Rep, Req } from "../../mod.ts";
import {
  type RpcClient,
  rpcClient,
  RpcError,
  type UnknownApi,
  withContext,
} from "../../rpc/mod.ts";
import { spError } from "../helpers/errors.ts";
import { openStage } from "./service.ts";

/** A client whose replies are made by hand, from what it sent. */
function scripted(
  reply: (sent: { id?: number; method: string; params?: unknown }) => unknown,
  options: object = {},
): { client: RpcClient<UnknownApi>; sent: string[]; asked: object[] } {
  const sent: string[] = [];
  const asked: object[] = [];
  const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  const client = rpcClient({
    request: (message, options) => {
      sent.push(message as string);
      asked.push(options!);
      const made = reply(JSON.parse(message as string));
      return Promise.resolve(
        made instanceof Uint8Array
          ? made as Uint8Array<ArrayBuffer>
          : encode(typeof made === "string" ? made : JSON.stringify(made)),
      );
    },
  }, options);
  return { client, sent, asked };
}

const fine = ({ id }: { id?: number }): object => ({ jsonrpc: "2.0", result: 1, id });

test("a call has its result, and options of its own as the last argument", async () => {
  await using stage = await openStage({ add: async (a: number, b: number) => await a + b });
  assert.equal(await stage.client.add(1, 2), 3);
  assert.equal(await stage.client.add(1, 2, { timeout: 10_000 }), 3);
  const many = Array.from({ length: 1000 }, (_, i) => stage.client.add(i, i));
  assert.deepEqual(await Promise.all(many), Array.from({ length: 1000 }, (_, i) => 2 * i));
});

test("an object of options alone, at the end, is no parameter; every other object is one", async () => {
  const { client, sent, asked } = scripted(fine);
  const { signal } = new AbortController();
  const call = async (...params: unknown[]): Promise<unknown> => {
    await client["method"]!(...params);
    const { timeout, signal, attempts } = asked.at(-1) as Record<string, unknown>;
    return [JSON.parse(sent.at(-1)!).params, { timeout, signal, attempts }];
  };
  const none = { timeout: 30_000, signal: undefined, attempts: undefined };
  assert.deepEqual(await call(1, { timeout: 5 }), [[1], { ...none, timeout: 5 }]);
  assert.deepEqual(await call({ signal, attempts: 1 }), [undefined, {
    ...none,
    signal,
    attempts: 1,
  }]);
  assert.deepEqual(await call(1, { signal: undefined }), [[1], none]);
  assert.deepEqual(await call(1, Object.assign(Object.create(null), { timeout: 5 })), [
    [1],
    { ...none, timeout: 5 },
  ]);
  for (
    const param of [{}, { timeout: 5, b: 1 }, [{ timeout: 5 }], null, "timeout", { b: 1 }]
  ) assert.deepEqual(await call(1, param), [[1, param], none]);
  assert.deepEqual(await call({ timeout: 5 }, 1), [[{ timeout: 5 }, 1], none]);
  class Limits {
    timeout = 5;
  }
  assert.deepEqual(await call(new Limits()), [[{ timeout: 5 }], none]);
  // What was left out at the end is not sent.
  assert.deepEqual(await call(1, undefined, undefined), [[1], none]);
  assert.deepEqual(await call(1, undefined, { timeout: 5 }), [[1], { ...none, timeout: 5 }]);
  assert.deepEqual(await call(undefined, 1), [[null, 1], none]);
});

test("$call takes any name and any parameters", async () => {
  const { client, sent } = scripted(fine);
  await client.$call("then", [{ timeout: 5 }]);
  await client.$call("$call", { a: 1 } as never, { timeout: 5 });
  await client.$call("rpc.discover");
  assert.deepEqual(sent.map((text) => JSON.parse(text)), [
    { jsonrpc: "2.0", method: "then", params: [{ timeout: 5 }], id: 1 },
    { jsonrpc: "2.0", method: "$call", params: { a: 1 }, id: 2 },
    { jsonrpc: "2.0", method: "rpc.discover", id: 3 },
  ]);
});

test("a client is no promise, and nothing that JavaScript does with objects calls anybody", async () => {
  const { client, sent } = scripted(fine);
  assert.equal(await client, client);
  assert.equal(JSON.stringify({ client }), '{"client":{}}');
  assert.throws(() => `${client}`, TypeError);
  assert.equal(client[Symbol.iterator as never], undefined);
  assert.equal(Object.keys(client).length, 0);
  assert.equal((client as { constructor?: unknown }).constructor, undefined);
  assert.equal((client as { __proto__?: unknown }).__proto__, undefined);
  assert.throws(() => Object.assign(client, { add: 1 }), TypeError);
  console.assert(client !== undefined, client);
  assert.deepEqual(sent, []);
});

test("an error of the service is an RpcError with its code, message and data", async () => {
  await using stage = await openStage({
    fail: () => Promise.reject(new RpcError(7, "No such user", { user: "Ada" })),
    plain: () => Promise.reject(new RpcError(8, "plain", undefined, { cause: "secret" })),
  });
  const error = await stage.client.fail().catch((error) => error);
  assert.ok(error instanceof RpcError && error instanceof Error);
  assert.deepEqual([error.name, error.code, error.message, error.data], [
    "RpcError",
    7,
    "No such user",
    { user: "Ada" },
  ]);
  const plain = await stage.client.plain().catch((error) => error);
  assert.deepEqual([plain.code, plain.data, plain.cause], [8, undefined, undefined]);
  await assert.rejects(
    rpcClient(stage.req).$call("unknown"),
    (error) => error instanceof RpcError && error.code === -32601,
  );
});

test("a reply that is no response to the call fails that call alone", async () => {
  const bad: [string, unknown][] = [
    ["empty", ""],
    ["not JSON", "{"],
    ["not UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
    ["a number", 1],
    ["null", null],
    ["an array", []],
    ["without a version", { result: 1, id: 1 }],
    ["without an id", { jsonrpc: "2.0", result: 1 }],
    ["another id", { jsonrpc: "2.0", result: 1, id: 7 }],
    ["the id as text", { jsonrpc: "2.0", result: 1, id: "1" }],
    ["no id", { jsonrpc: "2.0", result: 1, id: null }],
    ["an error of another id", { jsonrpc: "2.0", error: { code: 1, message: "" }, id: 7 }],
    ["both", { jsonrpc: "2.0", result: 1, error: { code: 1, message: "" }, id: 1 }],
    ["neither", { jsonrpc: "2.0", id: 1 }],
    ["an error that is none", { jsonrpc: "2.0", error: "no", id: 1 }],
    ["an error without a message", { jsonrpc: "2.0", error: { code: 1 }, id: 1 }],
    ["an error with a text as code", { jsonrpc: "2.0", error: { code: "1", message: "" }, id: 1 }],
    ["too deep", `{"jsonrpc":"2.0","result":${"[".repeat(200)}${"]".repeat(200)},"id":1}`],
    ["with __proto__", '{"jsonrpc":"2.0","result":{"__proto__":1},"id":1}'],
  ];
  for (const [what, reply] of bad) {
    const { client } = scripted((sent) => sent.id === 1 ? reply : fine(sent));
    const [first, second] = [client.$call("m"), client.$call("m")];
    await assert.rejects(first, spError("EPROTO", '"m"'), what);
    assert.equal(await second, 1);
  }
});

test("an error without an id, which had none to be told, is that of the call", async () => {
  const { client } = scripted(() => ({
    jsonrpc: "2.0",
    error: { code: -32700, message: "Parse error" },
    id: null,
  }));
  await assert.rejects(client.$call("m"), (error) => (error as RpcError).code === -32700);
  await assert.rejects(client.$notify("m"), (error) => (error as RpcError).code === -32700);
  await assert.rejects(
    client.$batch((call) => [call.$call("m")]),
    (error) => (error as RpcError).code === -32700,
  );
});

test("a batch's reply must have one response for each call", async () => {
  const one = (id: number): object => ({ jsonrpc: "2.0", result: id, id });
  const bad: unknown[] = [
    "",
    [],
    [one(1)],
    [one(1), one(1)],
    [one(1), one(3)],
    [one(1), one(2), one(3)],
    [one(1), 2],
    one(1),
    1,
  ];
  for (const reply of bad) {
    const { client } = scripted(() => reply);
    await assert.rejects(
      client.$batch((call) => [call.$call("m"), call.$call("m")]),
      spError("EPROTO", "a batch"),
    );
  }
  const { client } = scripted(() => [one(2), one(1)]);
  assert.deepEqual(await client.$batch((call) => [call.$call("m"), call.$call("m")]), [
    { status: "fulfilled", value: 1 },
    { status: "fulfilled", value: 2 },
  ]);
});

test("a notification has no id, and an empty message as its answer", async () => {
  const { client, sent } = scripted(({ method }) => method === "odd" ? "1" : "");
  assert.equal(await client.$notify("note", [1]), undefined);
  await assert.rejects(client.$notify("odd"), spError("EPROTO", '"odd"'));
  assert.equal(sent[0], '{"jsonrpc":"2.0","method":"note","params":[1]}');
  const fit = scripted((sent) => ({ ...fine(sent), id: 1 }));
  await assert.rejects(fit.client.$notify("note"), spError("EPROTO", "empty message"));
});

test("parameters that JSON cannot hold are refused, and not sent", async () => {
  const { client, sent } = scripted(fine);
  const loop: unknown[] = [];
  loop.push(loop);
  for (const param of [1n, loop]) {
    await assert.rejects(client.$call("m", [param]), spError("EINVAL", '"m"', "JSON"));
    await assert.rejects(client.$notify("m", [param]), spError("EINVAL", '"m"', "JSON"));
  }
  assert.deepEqual(sent, []);
});

test("errors of the socket come as they are", async () => {
  const req = new Req();
  const client = rpcClient(req, { timeout: 20 });
  await assert.rejects(client.$call("m"), spError("ETIMEDOUT", "20 ms"));
  await assert.rejects(client.$call("m", [], { timeout: 10 }), spError("ETIMEDOUT", "10 ms"));
  await assert.rejects(client.$call("m", [], { timeout: -1 }), spError("EINVAL", "timeout"));
  const unknown = client.$call("m", [], { time: 1 } as object);
  await assert.rejects(unknown, spError("EINVAL", '"time"', "attempts, signal, timeout"));
  const reason = new Error("mine");
  await assert.rejects(
    client.$call("m", [], { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  const waiting = client.$call("m", [], { timeout: Infinity });
  await req.close();
  await assert.rejects(waiting, spError("ECLOSED"));
  await assert.rejects(client.$call("m"), spError("ECLOSED"));
});

test("the answer to a call that was cancelled, or ran out, is dropped and counted as late", async () => {
  const gates: (() => void)[] = [];
  await using stage = await openStage({
    slow: () => new Promise<number>((resolve) => gates.push(() => resolve(1))),
    fast: () => 2,
  });
  const controller = new AbortController();
  const cancelled = stage.client.slow({ signal: controller.signal });
  const timed = stage.client.slow({ timeout: 50 });
  await assert.rejects(timed, spError("ETIMEDOUT"));
  controller.abort();
  await assert.rejects(cancelled, (error) => error === controller.signal.reason);
  assert.equal(gates.length, 2);
  for (const open of gates) open();
  assert.equal(await stage.client.fast(), 2);
  assert.deepEqual(stage.req.stats().drops, { late: 2 });
});

test("with attempts 1 a call whose peer is lost fails, and is not executed again", async () => {
  let executed = 0;
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  await using stage = await openStage({
    pay: withContext(({ signal }) => {
      executed++;
      begin();
      return new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    }),
  });
  const paid = stage.client.pay({ attempts: 1 });
  await begun;
  void stage.rep.close({ linger: 0 });
  await assert.rejects(paid, spError("EATTEMPTS"));
  assert.equal(executed, 1);
});

test("what is wrong with an option is said at once", async () => {
  await using req = new Req();
  for (
    const [options, ...parts] of [
      [{ timeOut: 1 }, '"timeOut"', "maxDepth, timeout"],
      [{ timeout: "1" }, "timeout", '"1"'],
      [{ timeout: NaN }, "timeout", "NaN"],
      [{ maxDepth: 0 }, "maxDepth"],
      [null, "null", "an object"],
    ] as const
  ) {
    assert.throws(() => rpcClient(req, options as never), spError("EINVAL", ...parts as string[]));
  }
});

test("what is no REQ is refused at once, by name", async () => {
  await using rep = new Rep();
  for (
    const [wrong, shown] of [[rep, "Rep"], [undefined, "undefined"], [
      "tcp://a:1",
      "String",
    ]] as const
  ) {
    assert.throws(
      () => rpcClient(wrong as never),
      spError("EINVAL", `Cannot make a client of ${shown}: expected a Req`),
    );
  }
});

test("a client of another REP that answers nonsense goes on with the next call", async () => {
  await using rep = new Rep();
  await rep.bind("inproc://rpc-nonsense");
  let count = 0;
  void rep.serve((question) =>
    ++count === 1 ? "nonsense" : JSON.stringify({
      jsonrpc: "2.0",
      result: "fine",
      id: JSON.parse(new TextDecoder().decode(question)).id,
    })
  );
  await using req = new Req();
  req.connect("inproc://rpc-nonsense");
  const client = rpcClient(req);
  await assert.rejects(client.$call("m"), spError("EPROTO", "Parse error"));
  assert.equal(await client.$call("m"), "fine");
});

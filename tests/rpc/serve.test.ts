/** `serveRpc`, message by message, as JSON-RPC 2.0 has them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RpcError, serveRpc } from "../../rpc/mod.ts";
import { Rep, Req } from "../../mod.ts";
import { spError } from "../helpers/errors.ts";
import { call, errorOf, openStage, result } from "./service.ts";

const loop: unknown[] = [];
loop.push(loop);

const methods = {
  subtract: (minuend: number, subtrahend: number) => minuend - subtrahend,
  named: ({ minuend, subtrahend }: Record<string, number>) => minuend! - subtrahend!,
  count: (...params: unknown[]) => params.length,
  echo: (value: unknown) => value,
  later: (value: unknown) => Promise.resolve(value),
  nothing: () => {},
  fail: () => {
    throw new Error("the password is swordfish");
  },
  reject: () => Promise.reject(new RpcError(7, "No such user", { user: "Ada" })),
  big: () => 10n,
  loop: () => loop,
  fn: () => () => {},
  symbol: () => Symbol("odd"),
  unjson: () => ({
    toJSON(): never {
      throw new Error("never");
    },
  }),
  async *stream() {
    yield 1;
  },
  readable: () => new ReadableStream(),
  badData: () => {
    throw new RpcError(1, "bad data", 10n);
  },
  badCode: () => {
    throw new RpcError(1.5, "bad code");
  },
};

test("parameters by position are arguments, and those by name are one object", async () => {
  await using stage = await openStage(methods);
  assert.deepEqual(await stage.say(call(1, "subtract", [42, 23])), result(1, 19));
  const named = call(2, "named", { subtrahend: 23, minuend: 42 });
  assert.deepEqual(await stage.say(named), result(2, 19));
  assert.deepEqual(await stage.say(call(3, "count")), result(3, 0));
  assert.deepEqual(await stage.say(call(3, "count", [])), result(3, 0));
  assert.deepEqual(await stage.say(call(3, "count", {})), result(3, 1));
});

test("a response has the id of its call, whatever JSON it is", async () => {
  await using stage = await openStage(methods);
  for (const id of [0, -1, 1.5, 2 ** 53 - 1, "", 'a\u2028"\ud83d\ude00', "1", null]) {
    assert.deepEqual(await stage.say(call(id, "later", ["x"])), result(id, "x"));
  }
});

test("an id that JavaScript cannot give back as it came is refused", async () => {
  await using stage = await openStage(methods);
  for (const id of ["9007199254740993", "1e400", "-1e400", "1e22", "true", "[]", "{}"]) {
    const text = `{"jsonrpc":"2.0","method":"count","id":${id}}`;
    assert.deepEqual(errorOf(JSON.parse(await stage.ask(text))), { code: -32600, id: null }, id);
  }
});

test("what has no result has null", async () => {
  await using stage = await openStage(methods);
  assert.deepEqual(await stage.say(call(1, "nothing")), result(1, null));
  assert.deepEqual(await stage.say(call(1, "echo")), result(1, null));
});

test("what is not JSON is a parse error, and what is no request an invalid one", async () => {
  await using stage = await openStage(methods);
  for (
    const bad of ["", "{", '{"jsonrpc":"2.0","method":"foobar,"params":"bar","baz]', "\0", "1 2"]
  ) {
    assert.deepEqual(errorOf(JSON.parse(await stage.ask(bad))), { code: -32700, id: null }, bad);
  }
  const bytes = new TextEncoder().encode(JSON.stringify(call(1, "echo", ["é"])));
  bytes[bytes.indexOf(0xc3)] = 0xff;
  assert.deepEqual(errorOf(JSON.parse(await stage.ask(bytes))), { code: -32700, id: null });

  const invalid: [unknown, unknown][] = [
    [1, null],
    ["text", null],
    [null, null],
    [{}, null],
    [{ jsonrpc: "1.0", method: "count", id: 5 }, 5],
    [{ method: "count", id: 5 }, 5],
    [{ jsonrpc: "2.0", method: 1, params: "bar" }, null],
    [{ jsonrpc: "2.0", method: "count", params: "bar", id: "x" }, "x"],
    [{ jsonrpc: "2.0", method: "count", params: null, id: "x" }, "x"],
    [{ jsonrpc: "2.0", id: 1 }, 1],
  ];
  for (const [message, id] of invalid) {
    assert.deepEqual(errorOf(await stage.say(message)), { code: -32600, id });
  }
});

test("an unknown method is not found, and its name is not repeated at length", async () => {
  await using stage = await openStage(methods);
  assert.deepEqual(errorOf(await stage.say(call(1, "foobar"))), { code: -32601, id: 1 });
  const long = await stage.ask(JSON.stringify(call(1, "x".repeat(100_000))));
  assert.ok(long.length < 300, `${long.length}`);
});

test("an RpcError is told with its code, message and data", async () => {
  await using stage = await openStage(methods);
  assert.deepEqual(await stage.say(call(1, "reject")), {
    jsonrpc: "2.0",
    error: { code: 7, message: "No such user", data: { user: "Ada" } },
    id: 1,
  });
});

test("another error is told by its code alone, and to the hook in full", async () => {
  const seen: unknown[] = [];
  await using stage = await openStage(methods, {
    onError: (error, { method, id, peer }) => {
      seen.push([String(error), method, id, peer.protocol]);
    },
  });
  const text = await stage.ask(JSON.stringify(call(1, "fail")));
  assert.deepEqual(JSON.parse(text), {
    jsonrpc: "2.0",
    error: { code: -32603, message: "Internal error" },
    id: 1,
  });
  assert.deepEqual(seen, [["Error: the password is swordfish", "fail", 1, "req"]]);
});

test("the hook decides what is told", async () => {
  await using stage = await openStage(methods, {
    onError: (error) => Promise.resolve({ code: 99, message: (error as Error).message, data: [1] }),
  });
  assert.deepEqual(await stage.say(call(1, "fail")), {
    jsonrpc: "2.0",
    error: { code: 99, message: "the password is swordfish", data: [1] },
    id: 1,
  });
});

test("a hook that fails, or answers nonsense, tells nothing", async (t) => {
  const shown = t.mock.method(console, "error", () => {});
  const hooks = [
    () => {
      throw new Error("swordfish");
    },
    () => Promise.reject(new Error("swordfish")),
    () => ({ code: "ENOENT", message: "swordfish" }) as never,
    () => ({ code: 1 }) as never,
    () => ({ code: 1, message: "swordfish", data: 1n }),
    () => null as never,
  ];
  for (const onError of hooks) {
    await using stage = await openStage(methods, { onError });
    const text = await stage.ask(JSON.stringify(call(1, "fail")));
    assert.deepEqual(errorOf(JSON.parse(text)), { code: -32603, id: 1 });
    assert.ok(!text.includes("swordfish"));
  }
  assert.equal(shown.mock.callCount(), 10);
});

test("without a hook a failure goes to the console", async (t) => {
  const shown = t.mock.method(console, "error", () => {});
  await using rep = new Rep();
  await rep.bind("inproc://rpc-console");
  const served = serveRpc(rep, methods);
  await using stage = await openStage({ ask: () => 1 });
  stage.req.connect("inproc://rpc-console");
  await stage.req.peers(2);
  // One of two peers in turn has the method.
  const replies = await Promise.all([1, 2].map((id) => stage.say(call(id, "fail"))));
  assert.deepEqual(replies.map((reply) => errorOf(reply).code).sort(), [-32601, -32603]);
  assert.equal(shown.mock.callCount(), 1);
  assert.match(String(shown.mock.calls[0]!.arguments[0]), /The method "fail" failed/);
  await rep.close();
  await served;
});

test("a result that JSON cannot hold is an internal error", async () => {
  const seen: string[] = [];
  await using stage = await openStage(methods, {
    onError: (error, { method }) => {
      assert.ok(error instanceof Error);
      seen.push(method);
    },
  });
  const names = ["big", "loop", "fn", "symbol", "unjson", "badData", "badCode"];
  for (const name of names) {
    assert.deepEqual(errorOf(await stage.say(call(1, name))), { code: -32603, id: 1 }, name);
  }
  assert.deepEqual(seen, names);
});

test("a stream is no result, and the hook is told what to use instead", async () => {
  const seen: string[] = [];
  await using stage = await openStage(methods, {
    onError: (error) => {
      seen.push((error as Error).message);
    },
  });
  for (const name of ["stream", "readable"]) {
    assert.deepEqual(errorOf(await stage.say(call(1, name))), { code: -32603, id: 1 });
  }
  for (const message of seen) assert.match(message, /AsyncIterable.* PUB.* SURVEYOR/);
  assert.equal(seen.length, 2);
});

test("a result over maxResponseSize is an internal error, and its caller stays connected", async () => {
  const seen: string[] = [];
  await using stage = await openStage(methods, {
    maxResponseSize: 200,
    onError: (error) => {
      seen.push((error as Error).message);
    },
  });
  const long = "é".repeat(100);
  assert.deepEqual(errorOf(await stage.say(call(1, "echo", [long]))), { code: -32603, id: 1 });
  assert.deepEqual(await stage.say(call(1, "echo", ["short"])), result(1, "short"));
  assert.deepEqual(seen, ["Cannot send a response of 236 bytes: maxResponseSize leaves 200"]);
});

test("a notification is answered with nothing once it is handled, whatever comes of it", async () => {
  const seen: unknown[] = [];
  await using stage = await openStage({
    note: (text: string) => void seen.push(text),
    fail: () => Promise.reject(new Error("no")),
    refuse: () => Promise.reject(new RpcError(1, "no")),
  }, { onError: (_error, { method, id }) => void seen.push([method, id]) });
  for (const method of ["note", "fail", "refuse", "unknown"]) {
    const reply = await stage.ask(JSON.stringify({ jsonrpc: "2.0", method, params: ["a"] }));
    assert.equal(reply, "", method);
  }
  assert.deepEqual(seen, ["a", ["fail", undefined]]);
});

test("a slow call holds up no other one", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  await using stage = await openStage({ slow: () => promise, fast: () => "fast" });
  const slow = stage.client.slow();
  assert.equal(await stage.client.fast(), "fast");
  resolve("slow");
  assert.equal(await slow, "slow");
});

test("concurrency bounds how many messages are at work", async () => {
  let working = 0;
  let most = 0;
  const { promise: full, resolve } = Promise.withResolvers<void>();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  await using stage = await openStage({
    work: async () => {
      most = Math.max(most, ++working);
      if (working === 2) resolve();
      await gate;
      working--;
    },
  }, { concurrency: 2 });
  const calls = Array.from({ length: 6 }, () => stage.client.work());
  await full;
  // More would begin in these turns.
  for (let turn = 0; turn < 10; turn++) await new Promise((next) => setTimeout(next));
  open();
  await Promise.all(calls);
  assert.equal(most, 2);
});

test("a signal ends the service, and what is at work is finished", async () => {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<string>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const rep = new Rep();
  await rep.bind("inproc://rpc-signal");
  const implementation = {
    slow: () => {
      begin();
      return promise;
    },
  };
  const served = serveRpc(rep, implementation, { signal: controller.signal });
  await using stage = await openStage({ other: () => 1 });
  await stage.rep.close();
  stage.req.connect("inproc://rpc-signal");
  const slow = stage.say(call(1, "slow"));
  await begun;
  controller.abort();
  resolve("done");
  assert.deepEqual(await slow, result(1, "done"));
  await served;
  await rep.close();
});

test("what is wrong with an option is said at once", async () => {
  await using rep = new Rep();
  const refused: [object, string[]][] = [
    [{ maxBatches: 1 }, ['"maxBatches"', "there are: batchConcurrency"]],
    [{ maxBatch: 0 }, ["maxBatch", "0", "1 or more"]],
    [{ maxDepth: "deep" }, ["maxDepth", '"deep"']],
    [{ onError: true }, ["onError", "a function"]],
    [{ methods: "count" }, ["methods", "an array of names"]],
    [{ methods: ["nope"] }, ['"nope"', "no such method"]],
    [{ params: { nope: {} } }, ['"nope"', "not served"]],
    [{ concurrency: 0 }, ["concurrency"]],
    [{ signal: "now" }, ["signal"]],
  ];
  for (const [options, parts] of refused) {
    await assert.rejects(serveRpc(rep, methods, options as never), spError("EINVAL", ...parts));
  }
  for (const none of [{}, { a: 1 }, Object.create(null)]) {
    await assert.rejects(serveRpc(rep, none), spError("EINVAL", "no methods"));
  }
  for (const none of [null, undefined, 1, () => {}]) {
    await assert.rejects(serveRpc(rep, none as never), spError("EINVAL", "an object"));
  }
});

test("what is no REP is refused at once, by name", async () => {
  await using req = new Req();
  for (
    const [wrong, shown] of [[req, "Req"], [undefined, "undefined"], [methods, "Object"]] as const
  ) {
    await assert.rejects(
      serveRpc(wrong as never, methods),
      spError("EINVAL", `Cannot serve by ${shown}: expected a Rep`),
    );
  }
});

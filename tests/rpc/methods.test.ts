/** Which functions of an implementation are served, and what hostile names and parameters reach. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Rep } from "../../mod.ts";
import { serveRpc } from "../../rpc/mod.ts";
import { spError } from "../helpers/errors.ts";
import { call, errorOf, openStage, result } from "./service.ts";

/** What every object has, or what JavaScript makes something of. */
const HOSTILE = [
  "constructor",
  "__proto__",
  "prototype",
  "toString",
  "toLocaleString",
  "valueOf",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "__defineGetter__",
  "__defineSetter__",
  "__lookupGetter__",
  "__lookupSetter__",
  "apply",
  "call",
  "bind",
  "then",
  "",
  "add.constructor",
  "0",
];

class Base {
  inherited(): string {
    return "inherited";
  }
}

class Calculator extends Base {
  static of(): Calculator {
    return new Calculator();
  }
  readonly precision = 3;
  readonly field = (): number => this.precision;
  #secret(): string {
    return "secret";
  }
  get accessor(): () => string {
    throw new Error(`an accessor was read by a stranger: ${this.#secret()}`);
  }
  add(a: number, b: number): number {
    return a + b + 0 * this.precision;
  }
}

test("own functions and those of the class are served, with their object as this", async () => {
  await using stage = await openStage(new Calculator());
  assert.equal(await stage.client.add(1, 2), 3);
  assert.equal(await stage.client.field(), 3);
});

test("neither accessors, values and statics, nor anything that a class inherits is served", async () => {
  await using stage = await openStage(new Calculator());
  for (const name of ["accessor", "precision", "of", "inherited", "#secret", ...HOSTILE]) {
    assert.deepEqual(errorOf(await stage.say(call(1, name))), { code: -32601, id: 1 }, name);
  }
});

test("what a class inherits is served if it is named, and nothing else is then", async () => {
  await using stage = await openStage(new Calculator(), { methods: ["inherited"] });
  assert.equal(await stage.client.inherited(), "inherited");
  assert.deepEqual(errorOf(await stage.say(call(1, "add", [1, 2]))), { code: -32601, id: 1 });
});

test("nothing of Object.prototype is served, not even if it is named", async () => {
  for (
    const implementation of [
      { add: () => 1 },
      Object.create(null, {
        add: { value: () => 1, enumerable: true },
      }),
    ]
  ) {
    await using stage = await openStage(implementation);
    for (const name of HOSTILE) {
      assert.deepEqual(errorOf(await stage.say(call(1, name))), { code: -32601, id: 1 }, name);
    }
  }
  await using rep = new Rep();
  for (const name of ["constructor", "toString", "__proto__"]) {
    await assert.rejects(
      serveRpc(rep, new Calculator(), { methods: [name as "add"] }),
      spError("EINVAL", name, "no such method"),
    );
  }
});

test("names of Object.prototype that an implementation has itself are served", async () => {
  await using stage = await openStage({ toString: () => "mine", then: () => "later" });
  assert.deepEqual(await stage.say(call(1, "toString")), result(1, "mine"));
  assert.deepEqual(await stage.say(call(1, "then")), result(1, "later"));
  assert.equal(await stage.client.$call("then"), "later");
});

test("a member __proto__ is refused, however it is spelled, and pollutes nothing", async () => {
  const seen: unknown[] = [];
  await using stage = await openStage({
    merge(value: object) {
      seen.push(value);
      return Object.assign({}, value);
    },
  });
  const names = ["__proto__", "\\u005f_proto__", "__\\u0070roto__", "__proto\\u005F\\u005f"];
  for (const name of names) {
    const member = `{"${name}":{"isAdmin":true}}`;
    for (
      const text of [
        `{"jsonrpc":"2.0","method":"merge","params":[${member}],"id":1}`,
        `{"jsonrpc":"2.0","method":"merge","params":[{"a":[${member}]}],"id":1}`,
        `{"jsonrpc":"2.0","method":"merge","params":${member},"id":1}`,
        `{"${name}":{"jsonrpc":"2.0"},"method":"merge","params":[{}],"id":1}`,
      ]
    ) {
      assert.deepEqual(errorOf(JSON.parse(await stage.ask(text))), { code: -32600, id: null });
    }
  }
  assert.deepEqual(seen, []);
  assert.equal(({} as { isAdmin?: boolean }).isAdmin, undefined);
  // It is a word like any other.
  assert.deepEqual(await stage.client.merge({ a: "\\u005f__proto__\u0001" }), {
    a: "\\u005f__proto__\u0001",
  });
});

test("members of Object.prototype do not make a request", async () => {
  await using stage = await openStage({ add: () => 1 });
  Object.assign(Object.prototype, { params: [1], id: 5, result: 1 });
  try {
    const reply = await stage.ask('{"jsonrpc":"2.0","method":"add"}');
    assert.equal(reply, "");
    assert.equal(await stage.client.add(), 1);
  } finally {
    for (const name of ["params", "id", "result"]) {
      delete (Object.prototype as unknown as Record<string, unknown>)[name];
    }
  }
});

test("what is nested deeper than maxDepth is refused before it is parsed", async () => {
  await using stage = await openStage({ echo: (value: unknown) => value });
  const nested = (depth: number, open: string, close: string): string =>
    `{"jsonrpc":"2.0","method":"echo","params":[${open.repeat(depth)}1${
      close.repeat(depth)
    }],"id":1}`;
  assert.deepEqual(JSON.parse(await stage.ask(nested(97, "[", "]"))).id, 1);
  for (const [open, close] of [["[", "]"], ['{"a":', "}"]] as const) {
    for (const depth of [99, 1000, 50_000]) {
      const reply = JSON.parse(await stage.ask(nested(depth, open, close)));
      assert.deepEqual(errorOf(reply), { code: -32600, id: null }, `${depth}`);
    }
  }
  // Brackets in texts are none.
  const text = `${"[{".repeat(200)}"\\`;
  assert.equal(await stage.client.echo(text), text);
  assert.deepEqual(errorOf(JSON.parse(await stage.ask("[".repeat(90_000)))).code, -32600);
});

test("the methods are those that were there when it was served", async () => {
  const implementation: Record<string, () => number> = { one: () => 1 };
  await using stage = await openStage(implementation);
  implementation["two"] = () => 2;
  assert.deepEqual(errorOf(await stage.say(call(1, "two"))), { code: -32601, id: 1 });
  assert.equal(await stage.client.$call("one"), 1);
});

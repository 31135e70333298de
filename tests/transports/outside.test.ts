/** Transports that are registered from outside: their options, their errors, and what others see of them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as door from "../../mod.ts";
import * as pages from "../../browser.ts";
import type { BindOptions, ConnectOptions, PushOptions, SocketEvent } from "../../mod.ts";
import { text } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import type { MemoryOptions } from "../helpers/memory_transport.ts";
import "../helpers/memory_transport.ts";
import { nextEvent } from "../helpers/next_event.ts";
import { PROJECT } from "../helpers/runtimes.ts";

const { Pull, Push, registerTransport } = door;

function freshAddress(): string {
  return `memory://${crypto.randomUUID()}`;
}

test("a transport is made of what mod.ts exports, in less than 100 lines", () => {
  const code = readFileSync(join(PROJECT, "tests", "helpers", "memory_transport.ts"), "utf8");
  const modules = [...code.matchAll(/from "([^"]+)"/g)].map(([, name]) => name);
  assert.deepEqual(modules, ["../../mod.ts"]);
  assert.ok(code.split("\n").length < 100);
});

test("both doors can register a transport", () => {
  assert.equal(typeof pages.registerTransport, "function");
  assert.equal(typeof pages.StreamConnection, "function");
  assert.equal(typeof registerTransport, "function");
});

test("a transport's options are taken by sockets, bind and connect, and reach it", async () => {
  const options: PushOptions & MemoryOptions = { memory: { chunkSize: 3 } };
  await using push = new Push(options);
  await using pull = new Pull();
  const address = freshAddress();
  const bindOptions: BindOptions & MemoryOptions = { memory: { chunkSize: 5 } };
  await pull.bind(address, bindOptions);
  const connectOptions: ConnectOptions & MemoryOptions = { memory: {} };
  push.connect(address, connectOptions);
  await push.send("a message in chunks of three bytes");
  assert.equal(text(await pull.receive()), "a message in chunks of three bytes");
});

test("a transport's own rules refuse a wrong option, by name and value", async () => {
  const wrong: PushOptions & MemoryOptions = { memory: { chunkSize: 0 } };
  const refuses = spError(
    "EINVAL",
    "Cannot set memory.chunkSize to 0",
    "a whole number, 1 or more",
  );
  await using push = new Push();
  assert.throws(() => new Push(wrong), refuses);
  assert.throws(() => push.connect(freshAddress(), wrong), refuses);
  await assert.rejects(push.bind(freshAddress(), wrong), refuses);
  const unknown = { memory: { chunks: 1 } } as PushOptions;
  assert.throws(() => new Push(unknown), spError("EINVAL", "there are: memory.chunkSize"));
});

test("an unknown option is refused with those of the transports that are registered", () => {
  const unknown = { memories: 1 } as PushOptions;
  assert.throws(() => new Push(unknown), spError("EINVAL", "memory", "noDelay", "webSocket"));
});

test("a transport's own errors reach who binds and who connects", async () => {
  await using pull = new Pull();
  await using push = new Push({ reconnectMin: 1 });
  const address = freshAddress();
  await pull.bind(address);
  await assert.rejects(pull.bind(address), spError("EADDRINUSE", "it is bound already"));
  const events: ReadableStreamDefaultReader<SocketEvent> = push.events().getReader();
  push.connect(freshAddress());
  const { reason } = await nextEvent(events, "connect-failed");
  spError("ECONNREFUSED", "nothing is bound to it")(reason);
});

test("what a transport throws that is no SPError is wrapped, and its code kept if there is such", async () => {
  const errors = [
    Object.assign(new Error("no way"), { code: "EHOSTUNREACH" }),
    Object.assign(new Error("no idea"), { code: "ESTRANGE" }),
    new Error("nothing at all"),
  ];
  registerTransport({
    schemes: ["throwing"],
    connect: (_address, rest) => ({ dial: () => Promise.reject(errors[Number(rest)]) }),
    bind: (_address, rest) => ({ listen: () => Promise.reject(errors[Number(rest)]) }),
  });
  await using push = new Push();
  for (
    const [i, code, said] of [
      [0, "EHOSTUNREACH", "no way (EHOSTUNREACH)"],
      [1, "EIO", "no idea (ESTRANGE)"],
      [2, "EIO", "nothing at all (EIO)"],
    ] as const
  ) {
    const address = `throwing://${i}`;
    const { opened } = push.connect(address, { failFast: true });
    await assert.rejects(opened, spError(code, `Cannot connect to "${address}": ${said}`));
    await assert.rejects(push.bind(address), spError(code, `Cannot bind to "${address}": ${said}`));
  }
});

test("two transports may share an option: each adds its own part of it", async () => {
  const dialled: unknown[] = [];
  for (const [scheme, option] of [["first", "one"], ["second", "two"]] as const) {
    registerTransport({
      schemes: [scheme],
      rules: { endpoint: { shared: { [option]: () => undefined } } },
      connect: (
        _address,
        _rest,
        { shared }: door.ResolvedEndpointOptions & { shared?: unknown },
      ) => {
        dialled.push(shared);
        return { dial: () => new Promise(() => {}) };
      },
      bind: () => ({ listen: () => new Promise(() => {}) }),
    });
  }
  const options: PushOptions & { shared: object } = { shared: { one: 1 } };
  await using push = new Push(options);
  const more: ConnectOptions & { shared: object } = { shared: { two: 2 } };
  push.connect("second://x", more);
  assert.deepEqual(dialled, [{ one: 1, two: 2 }]);
});

test("the code of the core names no scheme, no transport's option, and no text of an operating system's", () => {
  const names = /\b(tls|wss?|inproc|unix|webSocket|noDelay|keepAlive|backlog|SSL|EPERM)\b/;
  for (
    const file of [
      "base/errors.ts",
      "base/rules.ts",
      "contracts/transport.ts",
      "surface/options.ts",
      "surface/transports.ts",
    ]
  ) {
    const code = readFileSync(join(PROJECT, "src", file), "utf8").replaceAll(/\/\*[^]*?\*\//g, "");
    assert.deepEqual(code.split("\n").filter((line) => names.test(line)), [], file);
  }
});

test("loading the door for pages leaves the other one's transports as they are", async () => {
  await import("../../browser.ts");
  await using pull = new Pull();
  await using push = new Push();
  const { address } = await pull.bind("ws://127.0.0.1:0");
  push.connect(address, { webSocket: { headers: { "x-word": "hello" } } });
  const events = pull.events().getReader();
  const { peer } = await nextEvent(events, "attached");
  assert.equal(peer.headers?.get("x-word"), "hello");
});

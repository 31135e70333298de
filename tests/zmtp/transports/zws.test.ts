/** What WebSockets do for ZWS 2.0: the names of subprotocols, against libzmq and against bytes. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { WebSocketMount } from "../../../mod.ts";
import { registerTransport } from "../../../src/surface/transports.ts";
import { PageWebSocketTransport } from "../../../transports/ws/page.ts";
import { EventLog } from "../../conformance/events_log.ts";
import { text } from "../../helpers/bytes.ts";
import { type Child, start } from "../../helpers/process.ts";
import { listenRaw, RawWebSocket } from "../../helpers/raw_web_socket.ts";
import { RUNTIMES } from "../../helpers/runtimes.ts";
import { SERVERS } from "../../transports/mounts.ts";
import { BARE, type Names, NULL, ZwsPair } from "./zws_pair.ts";

const ANYWHERE = "ws://127.0.0.1:0";
const SOON = { reconnectMin: 5, reconnectMax: 20 };
const BOTH: Names = { connect: [NULL, BARE], bind: [NULL, BARE] };
const BARE_ONLY: Names = { connect: [BARE], bind: [BARE] };
const NONE: Names = { connect: [], bind: [], missing: "CURVE over WebSocket is not supported" };

// `page://` is `ws://` as a page has it, next to the usual one.
const page = new PageWebSocketTransport();
const paged = (address: string): string => address.replace(/^page/, "ws");
registerTransport({
  schemes: ["page"],
  connect: (address, ...rest) => page.connect(paged(address), ...rest),
  bind: (address) => page.bind(paged(address)),
});

/** libzmq, which sends back what it receives. */
async function zeromq(role: "bind" | "connect", address: string): Promise<[Child, string]> {
  const { command, args } = RUNTIMES.find(({ name }) => name === "node")!;
  const file = join(import.meta.dirname!, "workers", "zeromq_pair.ts");
  const child = start(command, [...args, file, role, address]);
  return [child, (await child.line(/^at /)).slice(3)];
}

/** Sends, and receives the same, whatever its size. */
async function exchange(pair: ZwsPair): Promise<void> {
  for (const message of ["hello", "", "x".repeat(200), "y".repeat(70_000)]) {
    await pair.send(message);
    assert.equal(text(await pair.receive()), message);
  }
}

for (
  const [names, agreed] of [
    [BOTH, NULL],
    [{ connect: [BARE, NULL], bind: [BARE, NULL] }, undefined],
    [BARE_ONLY, BARE],
  ] as const
) {
  test(`libzmq's server takes a client that asks for ${names.connect}`, async () => {
    const [child, address] = await zeromq("bind", "ws://127.0.0.1:*");
    await using _ = child;
    await using pair = new ZwsPair(names);
    pair.connect(address);
    await exchange(pair);
    assert.deepEqual(pair.agreed, [agreed ?? names.connect[0]]);
  });

  test(`libzmq's client is taken by a server that knows ${names.bind}`, async () => {
    await using pair = new ZwsPair(names);
    const { address } = await pair.bind(ANYWHERE);
    const [child] = await zeromq("connect", address);
    await using _ = child;
    await exchange(pair);
    // It asks for `ZWS2.0/NULL,ZWS2.0`, and the first of its own that the server knows is taken.
    assert.deepEqual(pair.agreed, [agreed ?? NULL]);
  });
}

for (const { name, start: startServer } of SERVERS.filter(({ isHere }) => isHere)) {
  test(`libzmq's client is taken in ${name}`, async () => {
    const mount = new WebSocketMount();
    await using pair = new ZwsPair(BOTH);
    await pair.bind(mount);
    await using server = await startServer(mount);
    const [child] = await zeromq("connect", `${server.address}/`);
    await using _ = child;
    await exchange(pair);
    assert.deepEqual(pair.agreed, [NULL]);
  });

  test(`in ${name} a client is answered with its first name that is known, and no other`, async () => {
    const mount = new WebSocketMount();
    await using pair = new ZwsPair(BARE_ONLY);
    await pair.bind(mount);
    await using server = await startServer(mount);
    for (const protocol of ["ZWS2.0/NULL,ZWS2.0", "chat, ZWS2.0", BARE]) {
      const { peer, answer } = await RawWebSocket.open(`${server.address}/`, { protocol });
      using _ = peer;
      assert.match(answer, /^HTTP\/1\.1 101 /);
      const echoed = answer.match(/^sec-websocket-protocol: .*$/gim) ?? [];
      assert.deepEqual(echoed.map((line) => line.split(": ")[1]), [BARE]);
    }
  });
}

test("a page asks libzmq for names without a slash", async () => {
  const [child, address] = await zeromq("bind", "ws://127.0.0.1:*");
  await using _ = child;
  await using pair = new ZwsPair(BOTH);
  pair.connect(address.replace("ws", "page"));
  await exchange(pair);
  assert.deepEqual(pair.agreed, [BARE]);
});

test("two sockets agree on the client's first name that the server knows", async () => {
  await using server = new ZwsPair({ connect: [], bind: [NULL, BARE] });
  const { address } = await server.bind(ANYWHERE);
  await using client = new ZwsPair({ connect: ["ZWS2.0/PLAIN", BARE, NULL], bind: [] });
  client.connect(address);
  await client.send("hello");
  assert.equal(text(await server.receive()), "hello");
  assert.deepEqual([client.agreed, server.agreed], [[BARE], [BARE]]);
});

test("a server refuses other names and another spelling, and whoever names none in any case", async () => {
  await using pair = new ZwsPair(BOTH, { webSocket: { allowMissingProtocol: true } });
  const log = new EventLog(pair);
  const { address } = await pair.bind(ANYWHERE);
  for (const protocol of ["ZWS2.0/PLAIN", "zws2.0", "pair.sp.nanomsg.org", undefined]) {
    const { peer, answer } = await RawWebSocket.open(address, { protocol });
    using _ = peer;
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.match(answer, /expected "ZWS2\.0\/NULL,ZWS2\.0"\n$/);
  }
  assert.deepEqual(log.of("rejected").map(({ reason }) => reason.code), Array(4).fill("EPROTO"));
});

test("a client asks for its names in order", async () => {
  const asked = Promise.withResolvers<string>();
  await using server = await listenRaw(async (peer) => asked.resolve(await peer.agree(BARE)));
  await using pair = new ZwsPair({ connect: [BARE, "ZWS2.0/PLAIN", NULL], bind: [] });
  pair.connect(server.address);
  const lines = (await asked.promise).match(/^sec-websocket-protocol: .*$/gim);
  assert.deepEqual(lines, ["Sec-WebSocket-Protocol: ZWS2.0,ZWS2.0/PLAIN,ZWS2.0/NULL"]);
});

for (const scheme of ["ws", "page"]) {
  test(`${scheme}: an answer that was not asked for, or none, is a failed try`, async () => {
    for (const answer of ["ZWS2.0/PLAIN", "ZWS2.0,ZWS2.0/NULL", "shown", undefined]) {
      await using server = await listenRaw((peer) => peer.agree(answer));
      await using pair = new ZwsPair(BOTH, SOON);
      const log = new EventLog(pair);
      pair.connect(server.address.replace("ws", scheme));
      const { reason } = await log.next("connect-failed");
      assert.match(reason.code, scheme === "ws" ? /^EPROTO$/ : /^EPROTO$|^ECONNREFUSED$/);
      assert.match(reason.message, /subprotocol|browsers do not say which/);
      assert.deepEqual(pair.agreed, []);
    }
  });
}

test("where no name is possible, connect and bind say so at once", async () => {
  await using pair = new ZwsPair(NONE);
  const told = (what: string): object => ({
    code: "ENOTSUP",
    message: `Cannot ${what}: CURVE over WebSocket is not supported`,
  });
  assert.throws(() => pair.connect("ws://127.0.0.1:1"), told('connect to "ws://127.0.0.1:1"'));
  assert.throws(() => pair.connect("page://h"), told('connect to "ws://h"'));
  await assert.rejects(pair.bind(ANYWHERE), told(`bind to "${ANYWHERE}"`));
  await assert.rejects(pair.bind(new WebSocketMount()), told('bind to "mount:ws"'));

  const missing = "PLAIN over WebSocket is not possible in a page";
  await using plain = new ZwsPair({ connect: ["ZWS2.0/PLAIN"], bind: [], missing });
  assert.throws(() => plain.connect("page://h"), { code: "ENOTSUP", message: /in a page$/ });
});

/** The adapter for browsers, with the WebSockets that Deno, Bun and Node have of their own. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Pair, Pub, Pull, Push, Rep, Req, Sub } from "../../mod.ts";
import { registerTransport } from "../../src/surface/transports.ts";
import { MainPageWebSocketTransport } from "../../transports/ws/page.ts";
import { EventLog } from "../conformance/events_log.ts";
import { text } from "../helpers/bytes.ts";
import { listenRaw, OPCODE, rawFrame } from "../helpers/raw_web_socket.ts";

const ANYWHERE = "ws://127.0.0.1:0";
const SOON = { reconnectMin: 5, reconnectMax: 20 };
const MIB = 1024 * 1024;

// `web://` and `webs://` are `ws://` and `wss://` as a page would have them, next to the usual ones.
const transport = new MainPageWebSocketTransport();
const secured = (address: string): string => address.replace(/^web/, "ws");
registerTransport({
  schemes: ["web", "webs"],
  connect: (address, ...rest) => transport.connect(secured(address), ...rest),
  bind: (address) => transport.bind(secured(address)),
});
const web = (address: string): string => address.replace("ws:", "web:");

test("a page talks to a server in both directions, in every size", async () => {
  await using a = new Pair();
  await using b = new Pair();
  const { address } = await a.bind(`${ANYWHERE}/feed`);
  const peer = await b.connect(`${web(address)}?x`).opened;
  assert.equal(peer.remoteAddress, `${address}?x`);
  for (const size of [0, 1, 125, 126, 65_535, 65_536, MIB]) {
    await b.send(new Uint8Array(size).fill(7));
    const received = await a.receive();
    assert.equal(received.length, size);
    assert.ok(received.every((byte) => byte === 7));
    await a.send(received);
    const back = await b.receive();
    assert.equal(back.length, size);
    assert.equal(back.constructor, Uint8Array);
  }
});

test("thousands of small messages arrive in order, and what was accepted goes out before the end", async () => {
  const push = new Push({ linger: 10_000 });
  await using pull = new Pull();
  const { address } = await pull.bind(ANYWHERE);
  push.connect(web(address));
  const sent = (async () => {
    for (let i = 0; i < 10_000; i++) await push.send(`${i}`);
    await push.close();
  })();
  for (let i = 0; i < 10_000; i++) assert.equal(text(await pull.receive()), `${i}`);
  await sent;
});

test("requests and replies go through it, many at once", async () => {
  await using rep = new Rep();
  await using req = new Req();
  const { address } = await rep.bind(ANYWHERE);
  rep.serve((asked) => asked);
  req.connect(web(address));
  const asked = Array.from({ length: 500 }, (_, i) => `${i}`);
  const replies = await Promise.all(asked.map((one) => req.request(one)));
  assert.deepEqual(replies.map(text), asked);
});

test("text and fragments are taken, and text is sent where that is wanted", async () => {
  const got = Promise.withResolvers<unknown>();
  await using server = await listenRaw(async (peer) => {
    await peer.agree("pair.sp.nanomsg.org");
    peer.send(rawFrame(OPCODE.text, "žluť", { masked: false }));
    peer.send(rawFrame(OPCODE.binary, "frag", { masked: false, fin: false }));
    peer.send(rawFrame(0, "ment", { masked: false }));
    const { opcode, payload } = await peer.frame();
    got.resolve([opcode, payload.toString()]);
    await peer.closeCode();
    peer.end();
  });
  await using pair = new Pair({ webSocket: { sendText: true } });
  pair.connect(web(server.address));
  assert.equal(text(await pair.receive()), "žluť");
  assert.equal(text(await pair.receive()), "fragment");
  await pair.send("\ufeffkůň");
  assert.deepEqual(await got.promise, [OPCODE.text, "\ufeffkůň"]);
});

test("a server that refuses, is not there, or echoes another subprotocol is a failed try, and another follows", async () => {
  await using pull = new Pull();
  const bound = await pull.bind(ANYWHERE);
  await using req = new Req(SOON);
  const log = new EventLog(req);
  req.connect(web(bound.address));
  const { reason } = await log.next("connect-failed");
  assert.equal(reason.code, "ECONNREFUSED");
  assert.match(reason.message, /none that speaks "rep\.sp\.nanomsg\.org"/);
  await log.next("connect-failed", (event) => event !== log.of("connect-failed")[0]);

  for (const echoed of ["push.sp.nanomsg.org", undefined]) {
    await using server = await listenRaw((peer) => peer.agree(echoed));
    await using push = new Push();
    const { opened } = push.connect(web(server.address), { failFast: true });
    // Deno takes any answer, and leaves it to the adapter.
    await assert.rejects(opened, ({ code }) => code === "ECONNREFUSED" || code === "EPROTO");
  }
});

test("a server that says nothing is given up after handshakeTimeout", async () => {
  await using server = await listenRaw(() => {});
  await using push = new Push({ handshakeTimeout: 50 });
  const { opened } = push.connect(web(server.address), { failFast: true });
  await assert.rejects(opened, { code: "ETIMEDOUT", message: /no WebSocket handshake in 50 ms/ });
});

test("a page's pair that has its peer neither takes another nor comes to one", async () => {
  await using bound = new Pair();
  const { address } = await bound.bind(ANYWHERE);
  await using other = new Pair();
  const elsewhere = await other.bind(ANYWHERE);
  await using page = new Pair(SOON);
  const first = page.connect(web(address));
  await first.opened;
  const [told, heard] = [new EventLog(page), new EventLog(other)];
  page.connect(web(elsewhere.address));
  assert.equal((await told.next("connect-failed")).reason.code, "EBUSY");
  await using second = new Pair(SOON);
  const refused = new EventLog(second);
  second.connect(web(address));
  await refused.next("connect-failed");
  assert.deepEqual([heard.all, refused.of("attached")], [[], []]);
  await first.close();
  await heard.next("attached");
  await refused.next("attached");
});

test("it connects again when the server comes back", async () => {
  await using sub = new Sub({ subscribe: "", ...SOON });
  const log = new EventLog(sub);
  let address = ANYWHERE;
  for (const word of ["first", "second"]) {
    await using pub = new Pub();
    ({ address } = await pub.bind(address));
    if (word === "first") sub.connect(web(address));
    await pub.peers(1);
    await pub.send(word);
    assert.equal(text(await sub.receive()), word);
  }
  assert.equal((await log.next("detached")).reason, undefined);
});

test("a message over maxMessageSize closes it, and the server is told", async () => {
  await using push = new Push();
  await using pull = new Pull({ maxMessageSize: 1000, reconnectMin: 60_000 });
  const { address } = await push.bind(ANYWHERE);
  const [here, there] = [new EventLog(pull), new EventLog(push)];
  pull.connect(web(address));
  await push.send(new Uint8Array(1000));
  assert.equal((await pull.receive()).length, 1000);
  await push.send(new Uint8Array(1001));
  assert.equal((await here.next("detached")).reason?.code, "EMSGSIZE");
  const { reason } = await there.next("detached");
  assert.equal(reason?.code, "EMSGSIZE");
  assert.match(reason?.message ?? "", /too large for it \(4009\)/);
});

test("a server that is faster than the page reads is let go, with ENOBUFS, and held memory is bounded", async () => {
  await using pub = new Pub({ sendBuffer: MIB });
  await using sub = new Sub({
    subscribe: "",
    reconnectMin: 60_000,
    webSocket: { maxBacklog: 4 * MIB },
  });
  const log = new EventLog(sub);
  const { address } = await pub.bind(ANYWHERE);
  sub.connect(web(address));
  await Promise.all([pub.peers(1), sub.peers(1)]);
  const body = new Uint8Array(64 * 1024);
  while (log.of("detached").length === 0) {
    await pub.send(body);
    await setImmediate();
  }
  const [{ reason } = {}] = log.of("detached");
  assert.equal(reason?.code, "ENOBUFS");
  assert.match(reason?.message ?? "", /webSocket\.maxBacklog/);
  assert.ok(sub.stats().queuedMessages * body.length <= 5 * MIB);
});

test("a server that does not read makes the page wait", async () => {
  await using pull = new Pull();
  await using push = new Push({ linger: 0 });
  const { address } = await pull.bind(ANYWHERE);
  push.connect(web(address));
  await Promise.all([push.peers(1), pull.peers(1)]);
  const body = new Uint8Array(256 * 1024);
  const full = Promise.withResolvers<void>();
  let sent = 0;
  (async () => {
    while (sent < 400) {
      const sending = push.send(body);
      // A send that takes so long waits for room.
      const timer = globalThis.setTimeout(full.resolve, 500);
      await sending;
      clearTimeout(timer);
      sent++;
    }
    full.resolve();
  })().catch(() => {});
  await full.promise;
  assert.ok(sent < 200, `${sent} messages were taken`);
  assert.ok((push.stats().peers[0]?.queuedBytes ?? 0) <= MIB);
});

test("what a page cannot do is refused at once", async () => {
  await using push = new Push();
  for (
    const [address, options, message] of [
      ["web://host", { webSocket: { headers: { a: "b" } } }, /certificates or headers/],
      ["webs://host", { tls: { insecure: true } }, /certificates or headers/],
    ] as const
  ) assert.throws(() => push.connect(address, options), { code: "ENOTSUP", message });
  assert.throws(() => push.connect("web://host", { webSocket: { ping: 1000 } }), {
    code: "EINVAL",
    message: /a page cannot ping/,
  });
  await assert.rejects(push.bind("web://127.0.0.1:0"), {
    code: "ENOTSUP",
    message: /can only connect/,
  });
});

test("a page's address is a URL with a host to connect to, and nothing that only URLs have", async () => {
  await using push = new Push({ reconnectMin: 1000 });
  for (
    const rest of [
      ...["", "/", "one two", "*:80", "host:x", "host:70000", "host:0", "host:00/x", "[::1", ":80"],
      ...["127.0.0.1;host:80", "user@host", "user:word@host:80", "host/#top", "host?x#top", "a%zz"],
      ...["/host:1", "\\\\host:1", "host\n:1"],
    ]
  ) {
    const address = `web://${rest}`;
    assert.throws(() => push.connect(address), {
      code: "EINVAL",
      message: `Cannot connect to ${JSON.stringify(secured(address))}: ` +
        "expected ws://host:port/path or wss://host:port/path",
    });
  }
  for (
    const rest of [
      "127.0.0.1:1",
      "localhost:1/feed?a=b@c;d*",
      "[::1]:1",
      "127.0.0.1:1?x=y:0",
      "host.invalid",
    ]
  ) push.connect(`web://${rest}`);
});

test("a dialer that is closed while it connects lets go", async () => {
  const connected = Promise.withResolvers<{ readonly closed: Promise<void> }>();
  await using server = await listenRaw((peer) => connected.resolve(peer));
  await using push = new Push();
  const dialer = push.connect(web(server.address));
  const { closed } = await connected.promise;
  await dialer.close();
  await closed;
});

/** The WebSocket mapping, against bytes that no library of WebSockets would send. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Pair, Pull, Push, Rep, Req, type SocketEvent, type UpgradeRequest } from "../../mod.ts";
import type { ProtocolId } from "../../src/protocol.ts";
import { EventLog } from "../conformance/events_log.ts";
import { text } from "../helpers/bytes.ts";
import { listenRaw, OPCODE, rawFrame, RawWebSocket, request } from "../helpers/raw_web_socket.ts";

const ANYWHERE = "ws://127.0.0.1:0";
const PULL = "pull.sp.nanomsg.org";
const PAIR = "pair.sp.nanomsg.org";
const SOON = { reconnectMin: 5, reconnectMax: 20 };

describe("a server", () => {
  test("takes who names its subprotocol, and echoes that and nothing else", async () => {
    await using pull = new Pull();
    const { address } = await pull.bind(ANYWHERE);
    for (const protocol of [PULL, "Pull.SP.nanomsg.org", `chat, ${PULL}`]) {
      const { peer, answer } = await RawWebSocket.open(address, { protocol });
      using _ = peer;
      assert.match(answer, /^HTTP\/1\.1 101 /);
      const echoed = answer.match(/^sec-websocket-protocol: .*$/gim);
      assert.deepEqual(echoed, [`Sec-WebSocket-Protocol: ${protocol.split(", ").at(-1)}`]);
      assert.doesNotMatch(answer, /sec-websocket-extensions/i);
      peer.send(rawFrame(OPCODE.binary, "hello"));
      assert.equal(text(await pull.receive()), "hello");
    }
  });

  test("refuses another subprotocol, and none, with 400, a body that says why, and an event", async () => {
    await using pull = new Pull();
    const log = new EventLog(pull);
    const { address } = await pull.bind(ANYWHERE);
    for (const protocol of ["push.sp.nanomsg.org", "chat", undefined]) {
      const { peer, answer } = await RawWebSocket.open(address, { protocol });
      using _ = peer;
      assert.match(answer, /^HTTP\/1\.1 400 /);
      assert.match(answer, new RegExp(`wanted "${PULL}"\n$`));
      await peer.closed;
    }
    const rejected = log.of("rejected");
    assert.deepEqual(rejected.map(({ reason }) => reason.code), ["EPROTO", "EPROTO", "EPROTO"]);
    assert.match(rejected[0]!.reason.message, /is "push\.sp\.nanomsg\.org", wanted "pull\./);
    assert.match(rejected[0]!.remoteAddress, /^ws:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(pull.stats().endpoints[0]?.rejected, 3);
  });

  test("takes who names no subprotocol where it is told to, and then echoes none", async () => {
    await using pull = new Pull({ webSocket: { allowMissingProtocol: true } });
    const { address } = await pull.bind(ANYWHERE);
    const { peer, answer } = await RawWebSocket.open(address, {});
    using _ = peer;
    assert.match(answer, /^HTTP\/1\.1 101 /);
    assert.doesNotMatch(answer, /sec-websocket-protocol/i);
    peer.send(rawFrame(OPCODE.binary, "hello"));
    assert.equal(text(await pull.receive()), "hello");
  });

  test("serves every path, or with the option path exactly one", async () => {
    await using pull = new Pull();
    const any = await pull.bind("ws://127.0.0.1:0/feed");
    assert.match(any.address, /^ws:\/\/127\.0\.0\.1:\d+\/feed$/);
    const one = await pull.bind(ANYWHERE, { webSocket: { path: "/feed" } });
    for (
      const [address, path, status] of [
        [any.address, "/elsewhere", 101],
        [one.address, "/feed?x=1", 101],
        [one.address, "/elsewhere", 404],
      ] as const
    ) {
      const { peer, answer } = await RawWebSocket.open(address, { path, protocol: PULL });
      using _ = peer;
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), path);
    }
  });

  test("refuses a web page that is not welcome with 403", async () => {
    await using pull = new Pull();
    const log = new EventLog(pull);
    const { address } = await pull.bind(ANYWHERE, { webSocket: { origin: "https://a.example" } });
    for (const [origin, status] of [["https://a.example", 101], ["https://b.example", 403]] as const) {
      const asked = { protocol: PULL, headers: { Origin: origin } };
      const { peer, answer } = await RawWebSocket.open(address, asked);
      using _ = peer;
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), origin);
    }
    const { reason } = await log.next("rejected");
    assert.equal(reason.code, "EREJECTED");
    assert.match(reason.message, /https:\/\/b\.example is not welcome/);
  });

  test("shows the accept hook path, headers, address and protocol, before the peer joins", async () => {
    const seen: unknown[] = [];
    await using pull = new Pull({
      accept: ({ path, headers, protocol, endpoint, remoteAddress }) => {
        seen.push([path, headers?.get("authorization"), protocol, endpoint]);
        assert.match(remoteAddress, /^ws:\/\/127\.0\.0\.1:\d+$/);
        return headers?.get("authorization") === "Bearer right";
      },
    });
    const log = new EventLog(pull);
    const { address } = await pull.bind(ANYWHERE);
    await using wrong = new Push(SOON);
    const told = new EventLog(wrong);
    wrong.connect(`${address}/a`, { webSocket: { headers: { Authorization: "Bearer wrong" } } });
    assert.equal((await log.next("rejected")).reason.code, "EREJECTED");
    // The upgrade is over by then, so the peer is told by a closing frame.
    const { reason } = await told.next("detached");
    assert.equal(reason?.code, "EREJECTED");
    assert.match(reason?.message ?? "", /it refused us \(1008\): "Refused"/);
    await wrong.close();
    assert.equal(log.of("attached").length, 0);

    await using right = new Push();
    const headers = new Headers({ Authorization: "Bearer right" });
    right.connect(`${address}/b?c`, { webSocket: { headers } });
    await right.send("hello");
    assert.equal(text(await pull.receive()), "hello");
    assert.deepEqual(seen[0], ["/a", "Bearer wrong", "push", ANYWHERE]);
    assert.deepEqual(seen.at(-1), ["/b?c", "Bearer right", "push", ANYWHERE]);
  });

  test("holds what a peer says while the accept hook thinks", async () => {
    let decide: ((accepted: boolean) => void) | undefined;
    const asked = Promise.withResolvers<void>();
    await using pull = new Pull({
      accept: () => {
        asked.resolve();
        return new Promise((resolve) => decide = resolve);
      },
    });
    const { address } = await pull.bind(ANYWHERE);
    using peer = await RawWebSocket.connect(address);
    peer.send(Buffer.concat([
      Buffer.from(request({ protocol: PULL })),
      rawFrame(OPCODE.binary, "early"),
      rawFrame(OPCODE.binary, "birds"),
    ]));
    await asked.promise;
    decide?.(true);
    assert.equal(text(await pull.receive()), "early");
    assert.equal(text(await pull.receive()), "birds");
  });

  test("takes a request without a path, as nng 1.x makes it, in one piece or several", async () => {
    await using pull = new Pull();
    const log = new EventLog(pull);
    const { address } = await pull.bind(ANYWHERE);
    const asked = request({ path: "", protocol: PULL });
    assert.match(asked, /^GET {2}HTTP/);
    for (const cut of [asked.length, 2, 4, 5]) {
      using peer = await RawWebSocket.connect(address);
      peer.send(asked.slice(0, cut));
      // Nothing tells that the first piece has arrived; the answer comes either way.
      await new Promise((resolve) => setTimeout(resolve, 10));
      peer.send(asked.slice(cut));
      assert.match(await peer.head(), /^HTTP\/1\.1 101 /);
    }
    assert.equal((await log.next("attached")).peer.path, "/");
  });

  test("answers what is no upgrade, or no HTTP, tells of it, and goes on", async () => {
    await using pull = new Pull({ handshakeTimeout: 100 });
    const log = new EventLog(pull);
    const { address } = await pull.bind(ANYWHERE);
    const cases = [
      ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 426 /, undefined],
      ["\0SP\0\0\x50\0\0", /^HTTP\/1\.1 400 /, "EPROTO"],
      [request({ protocol: PULL, headers: { "Sec-WebSocket-Key": "x" } }), /^HTTP\/1\.1 400 /, "EPROTO"],
      [request({ protocol: PULL, headers: { "Sec-WebSocket-Version": "7" } }), /^HTTP\/1\.1 400 /, "EPROTO"],
      [request({ protocol: `${PULL},,` }), /^HTTP\/1\.1 400 /, "EPROTO"],
    ] as const;
    for (const [said, expected, code] of cases) {
      const before = log.of("rejected").length;
      using peer = await RawWebSocket.connect(address);
      peer.send(said);
      assert.match(await peer.head(), expected);
      await peer.closed;
      const rejected = log.of("rejected").slice(before).map(({ reason }) => reason.code);
      assert.deepEqual(rejected, code === undefined ? [] : [code], said);
    }
    using silent = await RawWebSocket.connect(address);
    await silent.closed;
    using half = await RawWebSocket.connect(address);
    half.send("GET / HTTP/1.1\r\nHost:");
    await half.closed;
    const late = log.of("rejected").filter(({ reason }) => reason.code === "ETIMEDOUT");
    assert.equal(late.length, 2);
    assert.match(late[0]!.reason.message, /no WebSocket handshake in 100 ms/);

    await using push = new Push();
    push.connect(address);
    await push.send("still here");
    assert.equal(text(await pull.receive()), "still here");
  });

  test("that is closed lets go of who has not said what he wants", async () => {
    await using pull = new Pull();
    const listener = await pull.bind(ANYWHERE);
    using silent = await RawWebSocket.connect(listener.address);
    using proof = await RawWebSocket.connect(listener.address);
    // Connections are accepted in order: with the second's answer the first is known.
    proof.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await proof.head();
    await listener.close();
    await silent.closed;
  });
});

describe("a client", () => {
  test("asks for exactly one subprotocol, that of its peer, and for no extension", async () => {
    const asked = Promise.withResolvers<string>();
    await using server = await listenRaw(async (peer) => asked.resolve(await peer.agree(PULL)));
    await using push = new Push();
    push.connect(`${server.address}/feed?from=7`, {
      webSocket: { headers: { "X-Token": "abc", Origin: "https://a.example" } },
    });
    await push.peers(1);
    const head = await asked.promise;
    assert.match(head, /^GET \/feed\?from=7 HTTP\/1\.1\r\n/);
    assert.deepEqual(head.match(/^sec-websocket-protocol: .*$/gim), [
      `Sec-WebSocket-Protocol: ${PULL}`,
    ]);
    assert.match(head, /^x-token: abc\r$/im);
    assert.match(head, /^origin: https:\/\/a\.example\r$/im);
    assert.doesNotMatch(head, /extensions/i);
  });

  for (
    const [what, serve, code, message] of [
      ["refuses with 400", 400, "EPROTO", /the server answered 400 .*: Incompatible Socket Type/],
      ["refuses with 403", 403, "EREJECTED", /the server answered 403 /],
      ["echoes no subprotocol", undefined, "EPROTO", /no subprotocol/i],
      ["echoes another subprotocol", "push.sp.nanomsg.org", "EPROTO", /invalid subprotocol/i],
      ["speaks no HTTP", "\0SP\0\0\x51\0\0", "EPROTO", /no WebSocket handshake/],
      ["hangs up", "", "ECONNRESET", /hung up on the WebSocket handshake/],
    ] as const
  ) {
    test(`of a server that ${what} says so, and tries again`, async () => {
      await using server = await listenRaw(async (peer) => {
        if (serve === undefined || serve === "push.sp.nanomsg.org") {
          await peer.agree(serve);
          return;
        }
        await peer.head();
        if (typeof serve === "string") peer.send(serve);
        else {
          const body = "Incompatible Socket Type";
          peer.send(`HTTP/1.1 ${serve} Refused\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
        }
        peer.end();
      });
      await using push = new Push(SOON);
      const log = new EventLog(push);
      push.connect(server.address);
      const { reason } = await log.next("connect-failed");
      assert.equal(reason.code, code, reason.message);
      assert.match(reason.message, message);
      assert.ok(reason.message.includes(server.address), reason.message);
      await log.next("connect-failed", (event) => event !== log.of("connect-failed")[0]);
      assert.deepEqual(log.of("attached"), []);
    });
  }

  test("of a server that says nothing says so after handshakeTimeout", async () => {
    await using server = await listenRaw(() => {});
    await using push = new Push({ handshakeTimeout: 50 });
    const { opened } = push.connect(server.address, { failFast: true });
    await assert.rejects(opened, { code: "ETIMEDOUT", message: /no WebSocket handshake in 50 ms/ });
  });

  test("that is closed while it connects lets go at once", async () => {
    const connected = Promise.withResolvers<RawWebSocket>();
    await using server = await listenRaw((peer) => connected.resolve(peer));
    const push = new Push();
    const dialer = push.connect(server.address);
    const peer = await connected.promise;
    await dialer.close();
    await peer.closed;
    await push.close();
  });

  test("connects again after a clean close", async () => {
    let connections = 0;
    await using server = await listenRaw(async (peer) => {
      connections++;
      await peer.agree(PULL);
      if (connections > 1) return;
      peer.send(rawFrame(OPCODE.close, Buffer.of(0x03, 0xe8), { masked: false }));
      assert.equal(await peer.closeCode(), 1000);
      peer.end();
    });
    await using push = new Push(SOON);
    const log = new EventLog(push);
    push.connect(server.address);
    const { reason } = await log.next("detached");
    assert.equal(reason, undefined);
    await log.next("attached", (event) => event !== log.of("attached")[0]);
    assert.equal(connections, 2);
  });

  test("tells why the server closed", async () => {
    const codes = [1002, 1009, 1008, 4000];
    await using server = await listenRaw(async (peer) => {
      await peer.agree(PULL);
      const payload = Buffer.alloc(4, "no");
      payload.writeUInt16BE(codes.shift() ?? 1000);
      peer.send(rawFrame(OPCODE.close, payload, { masked: false }));
      await peer.closeCode();
      peer.end();
    });
    await using push = new Push(SOON);
    const log = new EventLog(push);
    push.connect(server.address);
    await log.next("detached", () => log.of("detached").length === 4);
    assert.deepEqual(log.of("detached").map(({ reason }) => reason?.code), [
      "EPROTO",
      "EMSGSIZE",
      "EREJECTED",
      "ECONNRESET",
    ]);
    assert.match(log.of("detached")[3]!.reason!.message, /\(4000\): "no"/);
  });

  test("refuses an address that is none", () => {
    const push = new Push();
    for (
      const [address, message] of [
        ["ws://", /no host/],
        ["ws://*:80", /can only be bound/],
        ["ws://host:0", /no port/],
        ["ws://host:80/#a", /no fragment/],
        ["ws://user@host", /no host/],
        ["ws://[fe80::1%eth0]:80", /URL/],
      ] as const
    ) assert.throws(() => push.connect(address), { code: "EINVAL", message });
    return push.close();
  });
});

describe("messages", () => {
  test("are taken as text and as binary, whole and in fragments, and sent as binary", async () => {
    await using pair = new Pair();
    const { address } = await pair.bind(ANYWHERE);
    const { peer } = await RawWebSocket.open(address, { protocol: PAIR });
    using _ = peer;
    peer.send(rawFrame(OPCODE.text, "žluť"));
    assert.equal(text(await pair.receive()), "žluť");
    peer.send(Buffer.concat([
      rawFrame(OPCODE.binary, "frag", { fin: false }),
      rawFrame(OPCODE.ping, "between"),
      rawFrame(0, "", { fin: false }),
      rawFrame(0, "ments"),
    ]));
    const received = await pair.receive();
    assert.equal(text(received), "fragments");
    assert.equal(received.constructor, Uint8Array);
    assert.deepEqual(await peer.frame(), { opcode: OPCODE.pong, fin: true, payload: Buffer.from("between") });
    await pair.send("ok");
    assert.deepEqual(await peer.frame(), { opcode: OPCODE.binary, fin: true, payload: Buffer.from("ok") });
  });

  test("are sent as text where that is wanted", async () => {
    await using pair = new Pair({ webSocket: { sendText: true } });
    const { address } = await pair.bind(ANYWHERE);
    const { peer } = await RawWebSocket.open(address, { protocol: PAIR });
    using _ = peer;
    await pair.send("žluť");
    assert.deepEqual(await peer.frame(), { opcode: OPCODE.text, fin: true, payload: Buffer.from("žluť") });
  });

  test("have no header of their own, and an empty one is one", async () => {
    await using pair = new Pair();
    const { address } = await pair.bind(ANYWHERE);
    const { peer } = await RawWebSocket.open(address, { protocol: PAIR });
    using _ = peer;
    peer.send(Buffer.concat([rawFrame(OPCODE.binary), rawFrame(OPCODE.binary, "x")]));
    assert.equal((await pair.receive()).length, 0);
    assert.equal(text(await pair.receive()), "x");
    await pair.send("");
    await pair.send("y");
    assert.equal((await peer.frame()).payload.length, 0);
    assert.equal((await peer.frame()).payload.toString(), "y");
  });

  test("carry the pattern's own header", async () => {
    await using rep = new Rep();
    const { address } = await rep.bind(ANYWHERE);
    rep.serve((request) => request);
    const { peer } = await RawWebSocket.open(address, { protocol: "rep.sp.nanomsg.org" });
    using _ = peer;
    const asked = Buffer.of(0x80, 1, 2, 3, 65);
    peer.send(rawFrame(OPCODE.binary, asked));
    assert.deepEqual((await peer.frame()).payload, asked);
  });

  test("come in order, thousands of them, and nobody is pinged", async () => {
    await using push = new Push();
    const { address } = await push.bind(ANYWHERE);
    const { peer } = await RawWebSocket.open(address, { protocol: "push.sp.nanomsg.org" });
    using _ = peer;
    const sent = (async () => {
      for (let i = 0; i < 5000; i++) await push.send(`${i}`);
    })();
    for (let i = 0; i < 5000; i++) {
      const { opcode, payload } = await peer.frame();
      assert.equal(opcode, OPCODE.binary);
      assert.equal(payload.toString(), `${i}`);
    }
    await sent;
  });
});

describe("a peer that breaks the rules is closed with the code that says so, and only it:", () => {
  for (
    const [what, bytes, closeCode, code] of [
      ["an unmasked frame", rawFrame(OPCODE.binary, "x", { masked: false }), 1002, "EPROTO"],
      ["an unknown opcode", rawFrame(3, "x"), 1002, "EPROTO"],
      ["text that is no UTF-8", rawFrame(OPCODE.text, Buffer.of(0xff)), 1007, "EPROTO"],
      ["a long ping", rawFrame(OPCODE.ping, Buffer.alloc(126)), 1002, "EPROTO"],
      ["a continuation of nothing", rawFrame(0, "x"), 1002, "EPROTO"],
      ["a message of 1 GiB, announced", rawFrame(OPCODE.binary, "x", { length: 2 ** 30 }), 1009, "EMSGSIZE"],
      ["a message of 2^63 bytes, announced", hugeFrame(), 1009, undefined],
      ["fragments that are too large together", fragments(), 1009, "EMSGSIZE"],
    ] as const
  ) {
    test(what, async () => {
      await using pull = new Pull({ maxMessageSize: 1000 });
      const log = new EventLog(pull);
      const { address } = await pull.bind(ANYWHERE);
      await using other = new Push();
      other.connect(address);
      await other.peers(1);
      const { peer } = await RawWebSocket.open(address, { protocol: PULL });
      using _ = peer;
      peer.send(Buffer.concat([rawFrame(OPCODE.binary, "good"), bytes]));
      assert.equal(await peer.closeCode(), closeCode);
      const { reason } = await log.next("detached");
      if (code !== undefined) assert.equal(reason?.code, code, reason?.message);
      assert.ok(reason !== undefined);
      assert.equal(text(await pull.receive()), "good");
      await other.send("undisturbed");
      assert.equal(text(await pull.receive()), "undisturbed");
    });
  }

  test("a reset", async () => {
    await using pull = new Pull();
    const log = new EventLog(pull);
    const { address } = await pull.bind(ANYWHERE);
    const { peer } = await RawWebSocket.open(address, { protocol: PULL });
    await pull.peers(1);
    peer.reset();
    const { reason } = await log.next("detached");
    assert.equal(reason?.code, "ECONNRESET");
  });

  test("who leaves without a goodbye, as nanomsg does, is no error", async () => {
    await using pull = new Pull();
    const log = new EventLog(pull);
    const { address } = await pull.bind(ANYWHERE);
    const { peer } = await RawWebSocket.open(address, { protocol: PULL });
    await pull.peers(1);
    peer.send(rawFrame(OPCODE.binary, "last words"));
    peer.end();
    assert.equal((await log.next("detached")).reason, undefined);
    assert.equal(text(await pull.receive()), "last words");
  });

  test("who sends pings and never reads is let go, and costs no memory", async () => {
    await using pull = new Pull();
    const log = new EventLog(pull);
    const { address } = await pull.bind(ANYWHERE);
    const { peer } = await RawWebSocket.open(address, { protocol: PULL });
    using _ = peer;
    await pull.peers(1);
    peer.pause();
    const pings = Buffer.concat(Array(4096).fill(rawFrame(OPCODE.ping, Buffer.alloc(100))));
    let gone = false;
    const detached = log.next("detached").then(() => gone = true);
    while (!gone) {
      peer.send(pings);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await detached;
  });
});

function hugeFrame(): Buffer {
  const frame = rawFrame(OPCODE.binary, "x", { length: 2 ** 31 });
  frame.fill(0xff, 2, 10);
  return frame;
}

function fragments(): Buffer {
  const part = Buffer.alloc(400);
  return Buffer.concat([
    rawFrame(OPCODE.binary, part, { fin: false }),
    rawFrame(0, part, { fin: false }),
    rawFrame(0, part, { fin: false }),
  ]);
}

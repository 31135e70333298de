/** The server of the WebSocket mapping, against bytes that no library of WebSockets would send. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers";
import { Pull, Push } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { text } from "../helpers/bytes.ts";
import { OPCODE, rawFrame, RawWebSocket, request } from "../helpers/raw_web_socket.ts";

const ANYWHERE = "ws://127.0.0.1:0";
const PULL = "pull.sp.nanomsg.org";
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
      assert.match(answer, new RegExp(`expected "${PULL}"\n$`));
      await peer.closed;
    }
    const rejected = log.of("rejected");
    assert.deepEqual(rejected.map(({ reason }) => reason.code), ["EPROTO", "EPROTO", "EPROTO"]);
    assert.match(rejected[0]!.reason.message, /is "push\.sp\.nanomsg\.org", expected "pull\./);
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
    for (
      const [origin, status] of [["https://a.example", 101], ["https://b.example", 403]] as const
    ) {
      const asked = { protocol: PULL, headers: { Origin: origin } };
      const { peer, answer } = await RawWebSocket.open(address, asked);
      using _ = peer;
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), origin);
    }
    const { reason } = await log.next("rejected");
    assert.equal(reason.code, "EREJECTED");
    assert.match(reason.message, /Origin "https:\/\/b\.example" is not allowed/);
  });

  test("refuses web pages of other origins unless told, and says how to allow them", async () => {
    await using pull = new Pull();
    const log = new EventLog(pull);
    const { address } = await pull.bind(ANYWHERE);
    const all = await pull.bind(ANYWHERE, { webSocket: { origin: "*" } });
    const ask = async (address: string, headers: Record<string, string>): Promise<string> => {
      const { peer, answer } = await RawWebSocket.open(address, { protocol: PULL, headers });
      using _ = peer;
      return answer;
    };
    const host = address.slice("ws://".length);
    const own = { Host: host, Origin: `http://${host}` };
    const evil = { Host: host, Origin: "https://evil.example" };
    assert.match(await ask(address, { Host: host }), /^HTTP\/1\.1 101 /);
    assert.match(await ask(address, own), /^HTTP\/1\.1 101 /);
    assert.match(await ask(all.address, evil), /^HTTP\/1\.1 101 /);
    const answer = await ask(address, evil);
    const hint = 'bind with webSocket: { origin: "https://evil.example" } or origin: "*"';
    assert.match(answer, /^HTTP\/1\.1 403 /);
    assert.ok(answer.endsWith(`Origin "https://evil.example" is not allowed: ${hint}\n`), answer);
    const { reason } = await log.next("rejected");
    assert.equal(reason.code, "EREJECTED");
    assert.ok(reason.message.endsWith(`is not allowed: ${hint}`), reason.message);
    assert.equal(log.of("rejected").length, 1);
  });

  test("takes the runtime's own WebSocket, which is no page", {
    skip: globalThis.WebSocket === undefined && "this runtime has no WebSocket",
  }, async () => {
    await using pull = new Pull();
    const { address } = await pull.bind(ANYWHERE);
    const peer = new WebSocket(address, PULL);
    await new Promise((resolve, reject) => {
      peer.onopen = resolve;
      peer.onerror = reject;
    });
    peer.send(new TextEncoder().encode("hello"));
    assert.equal(text(await pull.receive()), "hello");
    peer.close();
    await new Promise((resolve) => peer.onclose = resolve);
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
      [
        request({ protocol: PULL, headers: { "Sec-WebSocket-Key": "x" } }),
        /^HTTP\/1\.1 400 /,
        "EPROTO",
      ],
      [
        request({ protocol: PULL, headers: { "Sec-WebSocket-Version": "7" } }),
        /^HTTP\/1\.1 400 /,
        "EPROTO",
      ],
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

/** Sockets within servers that are there already: the same for each of them, as far as it goes. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { test } from "node:test";
import { setImmediate, setTimeout } from "node:timers/promises";
import { Pair, Pub, Pull, Push, Rep, Req, Sub, WebSocketMount } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { text } from "../helpers/bytes.ts";
import { certificates } from "../helpers/certificates.ts";
import { OPCODE, rawFrame, RawWebSocket } from "../helpers/raw_web_socket.ts";
import { SERVERS } from "./mounts.ts";

const PULL = "pull.sp.nanomsg.org";
const PAIR = "pair.sp.nanomsg.org";
const MIB = 1024 * 1024;

for (const { name, pushesBack, start: startServer } of SERVERS.filter(({ isHere }) => isHere)) {
  test(
    `in ${name} a socket talks to ours, and the server's pages are as before`,
    async () => {
      const mount = new WebSocketMount();
      await using rep = new Rep();
      const listener = await rep.bind(mount);
      await using server = await startServer(mount);
      rep.serve((asked) => `re: ${text(asked)}`);
      await using req = new Req();
      req.connect(`${server.address}/service`);
      assert.equal(text(await req.request("hello")), "re: hello");
      const page = await fetch(`${server.address.replace("ws", "http")}/`);
      assert.equal(await page.text(), "A page");
      assert.equal(listener.address, "mount:ws");
      assert.deepEqual(
        rep.stats().endpoints.map(({ address, accepted, peers }) => [address, accepted, peers]),
        [
          ["mount:ws", 1, 1],
        ],
      );
    },
  );

  test(`in ${name} a limit on peers holds, and a client is told by status 503`, async () => {
    const mount = new WebSocketMount();
    await using pull = new Pull();
    await pull.bind(mount, { maxPeers: 1 });
    const heard = new EventLog(pull);
    await using server = await startServer(mount);
    const crowd = Array.from({ length: 5 }, () => new Push({ reconnectMin: 60_000 }));
    try {
      for (const push of crowd) push.connect(`${server.address}/`);
      await heard.next("rejected", () => heard.of("rejected").length === 4);
      for (const { reason } of heard.of("rejected")) assert.equal(reason.code, "EMAXPEERS");
      assert.equal(pull.stats().peers.length, 1);
      await using late = new Push();
      const told = new EventLog(late);
      late.connect(`${server.address}/`);
      assert.match((await told.next("connect-failed")).reason.message, /503/);
    } finally {
      await Promise.all(crowd.map((push) => push.close()));
    }
  });

  test(`in ${name} a message goes out as text with all that is in it`, async () => {
    const mount = new WebSocketMount();
    await using pair = new Pair();
    await pair.bind(mount, { webSocket: { sendText: true } });
    await using server = await startServer(mount);
    const { peer } = await RawWebSocket.open(`${server.address}/`, { protocol: PAIR });
    using _ = peer;
    for (const message of ["žluť", "\ufeffmarked", ""]) {
      await pair.send(message);
      const { opcode, payload } = await peer.frame();
      assert.deepEqual([opcode, payload], [OPCODE.text, Buffer.from(message)]);
    }
  });

  test(
    `in ${name} the accept hook sees path, headers and address, and may say no`,
    async () => {
      const seen: unknown[] = [];
      const mount = new WebSocketMount();
      await using pull = new Pull({
        accept: ({ path, headers, remoteAddress, endpoint, role }) => {
          seen.push([path, endpoint, role]);
          assert.match(remoteAddress, /^ws:\/\/127\.0\.0\.1:\d+$/);
          return headers?.get("x-token") === "right";
        },
      });
      await pull.bind(mount);
      const log = new EventLog(pull);
      await using server = await startServer(mount);
      await using wrong = new Push();
      const told = new EventLog(wrong);
      wrong.connect(`${server.address}/a`);
      assert.equal((await log.next("rejected")).reason.code, "EREJECTED");
      assert.equal((await told.next("detached")).reason?.code, "EREJECTED");
      await wrong.close();
      await using right = new Push();
      right.connect(`${server.address}/b?c`, { webSocket: { headers: { "X-Token": "right" } } });
      await right.send("hello");
      assert.equal(text(await pull.receive()), "hello");
      assert.deepEqual(seen[0], ["/a", "mount:ws", "bind"]);
      assert.deepEqual(seen.at(-1), ["/b?c", "mount:ws", "bind"]);
    },
  );

  test(
    `in ${name} what may not be upgraded is told why, by status, body and event`,
    async () => {
      const mount = new WebSocketMount();
      await using pull = new Pull();
      await pull.bind(mount, { webSocket: { path: "/feed" } });
      const log = new EventLog(pull);
      await using server = await startServer(mount);
      const host = server.address.slice("ws://".length);
      for (
        const [asked, status, message] of [
          [
            { path: "/feed", protocol: "push.sp.nanomsg.org" },
            400,
            /expected "pull\.sp\.nanomsg\.org"/,
          ],
          [{ path: "/feed" }, 400, /is \(none\), expected/],
          [{ path: "/elsewhere", protocol: PULL }, 404, /expected "\/feed"/],
          [
            { path: "/feed", protocol: PULL, headers: { Origin: "http://evil.example" } },
            403,
            /bind with webSocket: \{ origin: "http:\/\/evil\.example" \} or origin: "\*"/,
          ],
        ] as const
      ) {
        const { peer, answer } = await RawWebSocket.open(server.address, asked);
        using _ = peer;
        assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), answer);
        assert.match(answer, message);
      }
      const rejected = log.of("rejected").map(({ reason }) => reason.code);
      assert.deepEqual(rejected, ["EPROTO", "EPROTO", "EREJECTED", "EREJECTED"]);

      const headers = { Host: host, Origin: `http://${host}` };
      const protocol = `chat, ${PULL}`;
      const asked = { path: "/feed?x", protocol, headers };
      const { peer, answer } = await RawWebSocket.open(server.address, asked);
      using _ = peer;
      assert.match(answer, /^HTTP\/1\.1 101 /);
      assert.deepEqual(
        answer.match(/^sec-websocket-protocol: .*$/gim)?.map((line) => line.toLowerCase()),
        [
          `sec-websocket-protocol: ${PULL}`,
        ],
      );
      assert.doesNotMatch(answer, /sec-websocket-extensions/i);
    },
  );

  test(`in ${name} an origin function that throws has its request refused, and no other`, async () => {
    const mount = new WebSocketMount();
    await using pull = new Pull();
    const origin = (from: string | undefined): boolean => {
      if (from === "http://trouble.example") throw new Error("no idea");
      return true;
    };
    await pull.bind(mount, { webSocket: { origin } });
    const log = new EventLog(pull);
    await using server = await startServer(mount);
    const headers = { Origin: "http://trouble.example" };
    const asked = { path: "/x", protocol: PULL, headers };
    const { peer, answer } = await RawWebSocket.open(server.address, asked);
    using _ = peer;
    assert.match(answer, /^HTTP\/1\.1 500 /);
    assert.doesNotMatch(answer, /no idea/);
    const { reason } = await log.next("rejected");
    assert.equal(reason.code, "EREJECTED");
    assert.match(reason.message, /webSocket\.origin threw: no idea/);
    assert.equal((reason.cause as Error).message, "no idea");
    await using push = new Push();
    push.connect(`${server.address}/x`);
    await push.send("undisturbed");
    assert.equal(text(await pull.receive()), "undisturbed");
  });

  test(
    `in ${name} text and binary are taken, binary is sent, pings are answered`,
    async () => {
      const mount = new WebSocketMount();
      await using pair = new Pair();
      await pair.bind(mount);
      await using server = await startServer(mount);
      const { peer } = await RawWebSocket.open(server.address, { path: "/x", protocol: PAIR });
      using _ = peer;
      peer.send(rawFrame(OPCODE.text, "žluť"));
      assert.equal(text(await pair.receive()), "žluť");
      peer.send(Buffer.concat([
        rawFrame(OPCODE.binary, "frag", { fin: false }),
        rawFrame(0, "ment"),
        rawFrame(OPCODE.binary),
      ]));
      const received = await pair.receive();
      assert.equal(text(received), "fragment");
      assert.equal(received.constructor, Uint8Array);
      assert.equal((await pair.receive()).length, 0);
      peer.send(rawFrame(OPCODE.ping, "still there?"));
      assert.deepEqual(await peer.frame(), {
        opcode: OPCODE.pong,
        fin: true,
        masked: false,
        payload: Buffer.from("still there?"),
      });
      for (const body of ["ok", "", "again"]) {
        await pair.send(body);
        assert.deepEqual(await peer.frame(), {
          opcode: OPCODE.binary,
          fin: true,
          masked: false,
          payload: Buffer.from(body),
        });
      }
    },
  );

  test(
    `in ${name} a message over maxMessageSize closes its WebSocket, and only that`,
    async () => {
      const mount = new WebSocketMount();
      await using pull = new Pull({ maxMessageSize: 1000 });
      await pull.bind(mount);
      const log = new EventLog(pull);
      await using server = await startServer(mount);
      await using good = new Push();
      good.connect(`${server.address}/x`);
      await good.peers(1);
      const { peer } = await RawWebSocket.open(server.address, { path: "/x", protocol: PULL });
      using _ = peer;
      peer.send(rawFrame(OPCODE.binary, Buffer.alloc(1000, "x")));
      assert.equal((await pull.receive()).length, 1000);
      peer.send(rawFrame(OPCODE.binary, Buffer.alloc(1001)));
      const { reason } = await log.next("detached");
      assert.equal(reason?.code, "EMSGSIZE", reason?.message);
      // Deno lets nobody say 1009, and waits for the peer to hang up.
      assert.equal(await peer.closeCode(), name === "Deno.serve" ? 4009 : 1009);
      peer.end();
      await peer.closed;
      await good.send("undisturbed");
      assert.equal(text(await pull.receive()), "undisturbed");
    },
  );

  test(`in ${name} a subscriber that stops reading holds memory flat`, async () => {
    const mount = new WebSocketMount();
    await using pub = new Pub({ sendBuffer: MIB });
    await pub.bind(mount);
    await using server = await startServer(mount);
    await using sub = new Sub({ subscribe: "" });
    sub.connect(`${server.address}/x`);
    await pub.peers(1);
    await sub.peers(1);
    const body = new Uint8Array(64 * 1024);
    for (let i = 0; i < 2000; i++) {
      await pub.send(body);
      if (i % 16 === 0) await setImmediate();
    }
    const [peer] = pub.stats().peers;
    assert.ok((peer?.drops.overflow ?? 0) > 1000, JSON.stringify(peer?.drops));
    assert.ok((peer?.queuedBytes ?? 0) <= 2 * MIB);
  });

  test(
    `in ${name} a writer that nobody reads ${pushesBack ? "waits" : "is let go"}`,
    async () => {
      const mount = new WebSocketMount();
      await using pull = new Pull({ webSocket: { maxBacklog: 4 * MIB } });
      await pull.bind(mount);
      const log = new EventLog(pull);
      await using server = await startServer(mount);
      await using push = new Push({ linger: 0, reconnectMin: 60_000, reconnectMax: 60_000 });
      push.connect(`${server.address}/x`);
      await Promise.all([push.peers(1), pull.peers(1)]);
      const stop = new AbortController();
      const body = new Uint8Array(256 * 1024);
      let sent = 0;
      let last = -1;
      const sending = (async () => {
        while (sent < 400) {
          await push.send(body, { signal: stop.signal });
          sent++;
        }
      })().catch(() => {});
      if (pushesBack) {
        // Longer and longer pauses, until one passes without a message.
        for (let pause = 20; last !== sent; pause *= 2) {
          last = sent;
          await setTimeout(pause);
        }
        assert.ok(sent < 100, `${sent} messages were taken`);
        assert.deepEqual(log.of("detached"), []);
      } else {
        const { reason } = await log.next("detached");
        assert.equal(reason?.code, "ENOBUFS");
        assert.match(reason?.message ?? "", /maxBacklog/);
        assert.ok(pull.stats().queuedMessages * body.length <= 5 * MIB);
      }
      stop.abort();
      await sending;
      // Whoever does not read does not see that the other is gone, and the server would wait for him.
      await pull.close();
    },
  );

  test(
    `in ${name} a mount without a socket answers 503, and takes one socket at a time`,
    async () => {
      const mount = new WebSocketMount();
      await using first = new Pull();
      await using second = new Pull();
      const listener = await first.bind(mount);
      await assert.rejects(second.bind(mount), { code: "EADDRINUSE" });
      await using server = await startServer(mount);
      const { peer } = await RawWebSocket.open(server.address, { path: "/x", protocol: PULL });
      using _ = peer;
      await first.peers(1);
      const closed = listener.close();
      assert.equal(await peer.closeCode(), 1000);
      peer.end();
      await closed;
      const asked = { path: "/x", protocol: PULL };
      const { peer: early, answer } = await RawWebSocket.open(server.address, asked);
      using __ = early;
      assert.match(answer, /^HTTP\/1\.1 503 /);
      assert.match(answer, /No socket is bound here/);
      await second.bind(mount);
      await using push = new Push();
      push.connect(`${server.address}/x`);
      await push.send("to the second");
      assert.equal(text(await second.receive()), "to the second");
    },
  );
}

test("several sockets share a server, each with a mount of its own", async () => {
  const [a, b] = [new WebSocketMount(), new WebSocketMount()];
  await using pull = new Pull();
  await using rep = new Rep();
  await pull.bind(a);
  await rep.bind(b);
  rep.serve((asked) => asked);
  const server = createServer();
  server.on("upgrade", (request, socket, head) => {
    (request.url === "/a" ? a : b).upgrade(request, socket, head);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await using push = new Push();
  await using req = new Req();
  push.connect(`ws://127.0.0.1:${port}/a`);
  req.connect(`ws://127.0.0.1:${port}/b`);
  await push.send("a");
  assert.equal(text(await pull.receive()), "a");
  assert.equal(text(await req.request("b")), "b");
  server.close();
});

test("in node:https a socket is reached by wss", async () => {
  const { ca, server: { cert, key } } = await certificates();
  const mount = new WebSocketMount();
  await using pull = new Pull();
  await pull.bind(mount);
  const log = new EventLog(pull);
  const server = createSecureServer({ cert, key }, (_request, response) => response.end("A page"));
  server.on("upgrade", mount.upgrade);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await using push = new Push({ tls: { ca } });
  push.connect(`wss://localhost:${port}/x`);
  await push.send("secret");
  assert.equal(text(await pull.receive()), "secret");
  const { peer } = await log.next("attached");
  assert.match(peer.remoteAddress, /^wss:\/\/127\.0\.0\.1:\d+$/);
  await push.close();
  await new Promise((resolve) => server.close(resolve));
});

test("Bun's handlers are not to be had before a socket is bound, which has their limits", async () => {
  const mount = new WebSocketMount();
  assert.throws(() => mount.websocket, { code: "ESTATE" });
  await using pull = new Pull({ maxMessageSize: 5000 });
  await pull.bind(mount);
  const { maxPayloadLength, sendPings, idleTimeout, backpressureLimit } = mount.websocket;
  assert.deepEqual([maxPayloadLength, sendPings, idleTimeout, backpressureLimit], [
    5000,
    false,
    0,
    0,
  ]);
});

test("what is neither an address nor a mount cannot be bound to", async () => {
  await using pull = new Pull();
  for (const nothing of [undefined, null, {}, 5]) {
    await assert.rejects(pull.bind(nothing as unknown as string), { code: "EINVAL" });
  }
});

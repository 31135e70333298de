/** The client of the WebSocket mapping, and servers that are not what it looks for. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Push } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { listenRaw, OPCODE, rawFrame, type RawWebSocket } from "../helpers/raw_web_socket.ts";

const PULL = "pull.sp.nanomsg.org";
const SOON = { reconnectMin: 5, reconnectMax: 20 };

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

  test("asks for the host by its name, although it has looked up its address, and once", async () => {
    const asked = Promise.withResolvers<string>();
    await using server = await listenRaw(async (peer) => asked.resolve(await peer.agree(PULL)));
    const port = server.address.slice(server.address.lastIndexOf(":"));
    await using push = new Push();
    push.connect(`ws4://localhost${port}/feed`);
    await push.peers(1);
    assert.deepEqual((await asked.promise).match(/^host: .*$/gim)?.map((line) => line.slice(6)), [
      `localhost${port}`,
    ]);
  });

  for (
    const [what, serve, code, message] of [
      ["refuses with 400", 400, "EPROTO", /the server answered 400 .*: Incompatible Socket Type/],
      ["refuses with 403", 403, "EREJECTED", /the server answered 403 /],
      ["echoes no subprotocol", undefined, "EPROTO", /no subprotocol/i],
      ["echoes another subprotocol", "push.sp.nanomsg.org", "EPROTO", /invalid subprotocol/i],
      ["speaks no HTTP", "\0SP\0\0\x51\0\0", "EPROTO", /did not answer with a WebSocket handshake/],
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

  test("of a nanomsg of another protocol, whose answer has no end, says so at once", async () => {
    await using server = await listenRaw(async (peer) => {
      await peer.head();
      peer.send("HTTP/1.1 400 Incompatible ");
      await setImmediate();
      peer.send("Socket Type\r\nSec-WebSocket-Version: 13\r\n");
    });
    await using push = new Push();
    const { opened } = push.connect(server.address, { failFast: true });
    await assert.rejects(opened, {
      code: "EPROTO",
      message: /^Cannot connect to "ws:.*": the server answered 400 Incompatible Socket Type$/,
    });
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
        ["ws://host:0", /invalid port/],
        ["ws://host:80/#a", /takes no fragment/],
        ["ws://user@host", /invalid host/],
        ["ws://[fe80::1%eth0]:80", /URL/],
      ] as const
    ) assert.throws(() => push.connect(address), { code: "EINVAL", message });
    return push.close();
  });
});

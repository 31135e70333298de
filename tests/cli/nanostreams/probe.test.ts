/** `nanostreams probe` before our own sockets, and what is no socket of ours. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { Bus, Pair, Pub, Pull, Rep, type SocketEvent } from "../../../mod.ts";
import * as zmtp from "../../../zmtp/mod.ts";
import { certificates } from "../../helpers/certificates.ts";
import { text } from "../../helpers/bytes.ts";
import { runNanostreams, startNanostreams } from "../../helpers/nanostreams.ts";

const folder = mkdtempSync(join(tmpdir(), "probe-"));
after(() => rmSync(folder, { recursive: true }));

/** Longer than the default, for machines that are busy. */
const PATIENT = "6s";

/** What it prints, and how it ends. */
async function probe(...args: string[]): Promise<{ code: number | null; line: string }> {
  const { code, stdout, stderr } = await runNanostreams(["probe", "--timeout", PATIENT, ...args]);
  assert.equal(stderr, "");
  return { code, line: `${stdout}`.trimEnd() };
}

/** What it finds, as JSON, without the time. */
async function found(...args: string[]): Promise<Record<string, unknown>> {
  const { code, line } = await probe("--json", ...args);
  const { roundTrip, ...rest } = JSON.parse(line);
  if (rest.found === "nothing") {
    assert.equal(code, 1);
    assert.equal(roundTrip, undefined);
  } else {
    assert.equal(code, 0);
    assert.ok(roundTrip > 0, `${roundTrip}`);
  }
  return rest;
}

const PLACES: Record<string, () => string> = {
  tcp: () => "tcp://127.0.0.1:0",
  ipc: () => `ipc://${join(folder, "rep.ipc")}`,
  ...(process.platform === "linux" && { abstract: () => "abstract://" }),
};

for (const [name, place] of Object.entries(PLACES)) {
  test(`probe tells over ${name} that SP is there, and which protocol`, async () => {
    await using rep = new Rep();
    const { address } = await rep.bind(place());
    const expected = { url: address, found: "sp", protocol: "rep", number: 0x31, peer: "req" };
    assert.deepEqual(await found(address), expected);
  });
}

test("probe says it in one line", async () => {
  await using pull = new Pull();
  const { address } = await pull.bind("tcp://127.0.0.1:0");
  const { code, line } = await probe(address);
  assert.match(line, /^tcp:\S+: SP, PULL \(0x51\), for PUSH; round trip \d+(\.\d+)? ms$/);
  assert.equal(code, 0);
});

test("probe is nobody's peer, and takes no place of a PAIR, neither free nor taken", async () => {
  await using pair = new Pair();
  const { address } = await pair.bind("tcp://127.0.0.1:0");
  const events: SocketEvent[] = [];
  const reading = (async () => {
    for await (const event of pair.events()) events.push(event);
  })();
  const expected = { url: address, found: "sp", protocol: "pair", number: 0x10, peer: "pair" };
  assert.deepEqual(await found(address), expected);
  assert.deepEqual(events.filter(({ type }) => type === "attached"), []);
  await using peer = new Pair();
  peer.connect(address);
  await peer.send("one");
  assert.equal(text(await pair.receive()), "one");
  assert.deepEqual(await found(address), expected);
  await peer.send("two");
  assert.equal(text(await pair.receive()), "two");
  await pair.close();
  await reading;
  assert.equal(events.filter(({ type }) => type === "attached").length, 1);
});

test("probe tells ZMTP's version, type and mechanism", async () => {
  await using pub = new zmtp.Pub();
  const { address } = await pub.bind("tcp://127.0.0.1:0");
  const expected = { url: address, found: "zmtp", version: "3.1", mechanism: "NULL", type: "PUB" };
  assert.deepEqual(await found(address), expected);
  assert.match((await probe(address)).line, /: ZMTP 3\.1, PUB, mechanism NULL; round trip /);
});

test("probe tells ZMTP's mechanism where a password is wanted", async () => {
  await using pull = new zmtp.Pull({ plain: { server: true, users: { a: "b" } } });
  const { address } = await pull.bind("tcp://127.0.0.1:0");
  const expected = { url: address, found: "zmtp", version: "3.1", mechanism: "PLAIN" };
  assert.deepEqual(await found(address), expected);
});

test("probe takes no place of ZMTP's PAIR", async () => {
  await using pair = new zmtp.Pair();
  const { address } = await pair.bind("tcp://127.0.0.1:0");
  const events: SocketEvent[] = [];
  const reading = (async () => {
    for await (const event of pair.events()) events.push(event);
  })();
  const { note, ...rest } = await found(address);
  assert.deepEqual(rest, { url: address, found: "zmtp", version: "3.1", mechanism: "NULL" });
  assert.equal(note, "it tells its type only to peers, as PAIR does");
  await pair.close();
  await reading;
  assert.deepEqual(events.filter(({ type }) => type === "attached"), []);
});

test("probe looks into TLS, and tells whether the certificate is trusted", async () => {
  const { server, ca } = await certificates();
  await using bus = new Bus();
  const { address } = await bus.bind("tls+tcp://127.0.0.1:0", { tls: server });
  const path = join(folder, "ca.pem");
  writeFileSync(path, ca);
  const expected = { url: address, found: "sp", protocol: "bus", number: 0x70, peer: "bus" };
  assert.deepEqual(await found("--cacert", path, address), { ...expected, tls: { trusted: true } });
  assert.deepEqual(await found("--insecure", address), { ...expected, tls: { trusted: true } });
  const { tls, ...rest } = await found(address);
  assert.deepEqual(rest, expected);
  assert.equal((tls as { trusted: boolean }).trusted, false);
  assert.match((tls as { why: string }).why, /certificate is of no authority .*\(see --cacert\)/);
});

test("probe finds TLS behind tcp://, and says what to try; and no TLS behind tls+tcp://", async () => {
  const { server } = await certificates();
  await using bus = new Bus();
  const { address } = await bus.bind("tls+tcp://127.0.0.1:0", { tls: server });
  const bare = address.replace("tls+", "");
  const { tls, ...rest } = await found("--timeout", "10s", bare);
  assert.equal((tls as { trusted: boolean }).trusted, false);
  const sp = { found: "sp", protocol: "bus", number: 0x70, peer: "bus" };
  assert.deepEqual(rest, { url: bare, ...sp, note: `try ${address}` });
  const plain = await bus.bind("tcp://127.0.0.1:0");
  const { note, ...other } = await found(plain.address.replace("tcp", "tls+tcp"));
  assert.deepEqual(other, { url: plain.address.replace("tcp", "tls+tcp"), ...sp });
  assert.match(`${note}`, /^no TLS here: /);
});

test("probe tells which subprotocols a WebSocket takes", async () => {
  const { server } = await certificates();
  await using pub = new Pub();
  const { address } = await pub.bind("ws://127.0.0.1:0/feed");
  const expected = {
    found: "websocket",
    subprotocols: ["pub.sp.nanomsg.org"],
    protocol: "pub",
    peer: "sub",
  };
  assert.deepEqual(await found(address), { url: address, ...expected });
  assert.match((await probe(address)).line, /: WebSocket, SP PUB, accepts pub\.sp\.nanomsg\.org; /);
  const { address: secure } = await pub.bind("wss://127.0.0.1:0", { tls: server });
  const insecure = await found("--insecure", secure);
  assert.deepEqual(insecure, { url: secure, ...expected, tls: { trusted: true } });
  const { tls } = await found(secure);
  assert.equal((tls as { trusted: boolean }).trusted, false);
});

test("probe tells from wss:// that there is no TLS", async () => {
  await using pub = new Pub();
  const { address } = await pub.bind("ws://127.0.0.1:0");
  const { found: who, note } = await found(address.replace("ws", "wss"));
  assert.equal(who, "http");
  assert.match(`${note}`, /^no TLS here: /);
});

test("probe tells from a WebSocket's address that another wire is there", async () => {
  await using rep = new Rep();
  const { address } = await rep.bind("tcp://127.0.0.1:0");
  const url = address.replace("tcp", "ws");
  const { found: who, protocol, note } = await found(url);
  assert.deepEqual([who, protocol, note], ["sp", "rep", "no WebSocket: try tcp://"]);
});

test("probe tells over a WebSocket that a PAIR has its peer", async () => {
  await using pair = new Pair();
  const { address } = await pair.bind("ws://127.0.0.1:0");
  await using peer = new Pair();
  peer.connect(address);
  await peer.peers(1);
  const { protocol, note } = await found(address);
  assert.deepEqual([protocol, note], ["pair", "it has no room for another peer now"]);
  await peer.send("still there");
  assert.equal(text(await pair.receive()), "still there");
});

/** A server that greets its clients, or answers them, in its own way. */
async function strange(
  greet: (socket: Socket) => void,
): Promise<AsyncDisposable & { address: string; greeted: Promise<void> }> {
  let isGreeted = (): void => {};
  const greeted = new Promise<void>((resolve) => isGreeted = resolve);
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    greet(socket);
    isGreeted();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    greeted,
    address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("probe tells HTTP, and its server", async () => {
  const asked: string[] = [];
  const server = createHttpServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(404, { server: "toy" }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const finding = await found(url);
  const { line } = await probe(url);
  await new Promise((resolve) => server.close(resolve));
  assert.deepEqual(finding, { url, found: "http", status: "404 Not Found", server: "toy" });
  assert.match(line, /: HTTP, "404 Not Found", server "toy"; /);
  assert.deepEqual(asked, ["HEAD /", "HEAD /"]);
});

test("probe shows how something else begins, and no control character of it", async () => {
  await using ssh = await strange((socket) => void socket.write("SSH-2.0-toy\r\n"));
  assert.match(
    (await probe(ssh.address)).line,
    /: unknown server, it sends "SSH-2\.0-toy"; round trip /,
  );
  await using odd = await strange((socket) => void socket.write("\x1b[31m0123456789"));
  const { line } = await probe(odd.address);
  assert.match(line, /: unknown server, it sends 1b 5b 33 31 6d 30 31 /);
  const { said } = await found(odd.address);
  assert.equal(said, "1b5b33316d30313233343536373839");
});

test("probe tells a WebSocket that accepts any subprotocol from one of SP", async () => {
  await using echo = await strange((socket) => {
    socket.on("data", (request) => {
      const name = /^sec-websocket-protocol: (.*)\r$/im.exec(`${request}`)?.[1];
      const head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade";
      socket.write(`${head}\r\nSec-WebSocket-Protocol: ${name}\r\n\r\n`);
    });
  });
  const url = echo.address.replace("tcp", "ws");
  const expected = {
    url,
    found: "websocket",
    subprotocols: [],
    note: "it accepts any subprotocol",
  };
  assert.deepEqual(await found(url), expected);
});

test("probe is ended by a signal", async () => {
  await using mute = await strange(() => {});
  await using child = startNanostreams(["probe", "--timeout", "1h", mute.address]);
  await mute.greeted;
  child.kill("SIGINT");
  const { code, stdout } = await child.finished();
  assert.deepEqual([code, `${stdout}`], [130, ""]);
});

test("probe tells who says nothing, within its time", async () => {
  let count = 0;
  await using mute = await strange(() => count++);
  const url = mute.address;
  assert.deepEqual(await found("--timeout", "3s", url), { url, found: "unknown" });
  // Listening, SP, ZMTP, TLS, HTTP, and the round trip.
  assert.equal(count, 6);
});

test("probe tells who ends each connection at once", async () => {
  await using rude = await strange((socket) => socket.destroy());
  const { found: who, note } = await found(rude.address);
  assert.equal(who, "unknown");
  assert.equal(note, "it closes connections at once");
});

test("probe of ZMTP that never goes on ends in time", async () => {
  const signature = Uint8Array.of(0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f);
  await using stuck = await strange((socket) => void socket.write(signature));
  const url = stuck.address;
  assert.deepEqual(await found("--timeout", "2s", url), { url, found: "zmtp" });
  await using old = await strange((socket) => void socket.write(Uint8Array.of(...signature, 1, 5)));
  const expected = { url: old.address, found: "zmtp", version: "2.0", type: "DEALER" };
  assert.deepEqual(await found(old.address), expected);
});

test("probe finds nothing where nobody listens, and says why: exit status 1", async () => {
  const closed = await strange(() => {});
  const url = closed.address;
  await closed[Symbol.asyncDispose]();
  const { code, line } = await probe(url);
  assert.equal(line, `${url}: nothing; nobody listens there (ECONNREFUSED)`);
  assert.equal(code, 1);
  const file = `ipc://${join(folder, "none.ipc")}`;
  assert.deepEqual(await found(file), {
    url: file,
    found: "nothing",
    note: "no such file (ENOENT)",
  });
});

test("probe takes several addresses, a line each, and fails if nothing is at one of them", async () => {
  await using rep = new Rep();
  const { address } = await rep.bind("tcp://127.0.0.1:0");
  const { code, line } = await probe(address, `ipc://${join(folder, "none.ipc")}`, address);
  const words = line.split("\n").map((one) => one.replace(/^\S+: (\w+)[^]*/, "$1"));
  assert.deepEqual(words, ["SP", "nothing", "SP"]);
  assert.equal(code, 1);
});

const WRONG: readonly [name: string, args: readonly string[], RegExp][] = [
  ["no address", [], /no address: nanostreams probe tcp:\/\/127\.0\.0\.1:5555, say/],
  [
    "inproc",
    ["inproc://x"],
    /cannot probe "inproc:\/\/x": an inproc address is known within its own program only/,
  ],
  ["an unknown scheme", ["mqtt://x"], /cannot probe "mqtt:\/\/x": /],
  [
    "an address without a port",
    ["tcp://127.0.0.1"],
    /cannot probe "tcp:\/\/127\.0\.0\.1": no port/,
  ],
  ["a time that is none", ["--timeout", "soon", "tcp://127.0.0.1:1"], /Expected a time/],
  [
    "a time without an end",
    ["--timeout", "forever", "tcp://127.0.0.1:1"],
    /Expected a time up to 24h/,
  ],
];

for (const [name, args, sentence] of WRONG) {
  test(`probe refuses ${name}: exit status 2`, async () => {
    const { code, stderr, stdout } = await runNanostreams(["probe", ...args]);
    assert.match(stderr, sentence);
    assert.deepEqual([code, `${stdout}`], [2, ""]);
  });
}

test("probe sends the headers that it is given", async () => {
  const seen: unknown[] = [];
  const server = createHttpServer((request, response) => {
    response.end();
    seen.push(request.headers["x-toy"]);
  }).on("upgrade", (request, socket) => {
    seen.push(request.headers["x-toy"]);
    socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
  const finding = await found("--header", "X-Toy: yes", url);
  await new Promise((resolve) => server.close(resolve));
  assert.equal(finding["status"], "401 Unauthorized");
  assert.deepEqual([...new Set(seen)], ["yes"]);
});

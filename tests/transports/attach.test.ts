/** Streams that somebody else made, as peers. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket as NetSocket } from "node:net";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { Duplex, Readable, Writable } from "node:stream";
import { test } from "node:test";
import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";
import { type ByteDuplex, Pair, Pub, Pull, Push, Req, type SocketEvent, Sub } from "../../mod.ts";
import { type ByteStreams, duplexPair } from "../conformance/stream_place.ts";
import { patience, toText, watch } from "../conformance/stage.ts";
import { freePort, temporaryFolder } from "../conformance/transports.ts";
import { hex, pattern } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { NANOCAT, NNGCAT } from "../helpers/peers.ts";
import { start } from "../helpers/process.ts";
import { CURRENT } from "../helpers/runtimes.ts";

/** A stream of Node's as Web Streams. */
function toWeb(duplex: Duplex): ByteDuplex {
  return Duplex.toWeb(duplex);
}

test("two sockets with a pair of streams between them talk both ways", async () => {
  const [here, there] = duplexPair();
  await using left = new Pair();
  await using right = new Pair();
  const attachment = left.attach(here, { address: "stream://left" });
  right.attach(there);
  assert.equal(attachment.address, "stream://left");
  const { protocol, remoteAddress, endpoint, role } = await attachment.opened;
  assert.deepEqual([protocol, remoteAddress, endpoint, role], [
    ...["pair", "stream://left", "stream://left", "connect"],
  ]);
  await Promise.all([left.send("there"), right.send(pattern(300_000))]);
  assert.equal(toText(await right.receive()), "there");
  assert.deepEqual(new Uint8Array(await left.receive()), pattern(300_000));
  const [stats] = left.stats().endpoints;
  assert.deepEqual([stats!.address, stats!.established, stats!.peers], ["stream://left", 1, 1]);
});

test("streams have names of their own, and tell who made the connection if they are told", async () => {
  await using left = new Push();
  await using right = new Pull();
  const [a, b] = duplexPair();
  const one = left.attach(a);
  const two = right.attach(b, { role: "bind" });
  assert.match(one.address, /^stream:\/\/\d+$/);
  assert.notEqual(one.address, two.address);
  assert.equal((await two.opened).role, "bind");
  assert.equal(right.stats().endpoints[0]!.accepted, 1);
});

test("an attachment that is closed sends what it has, and ends both streams", async () => {
  const [here, there] = duplexPair();
  await using push = new Push();
  await using pull = new Pull();
  const log = watch(pull);
  const attachment = push.attach(here);
  const other = pull.attach(there);
  await attachment.opened;
  for (let i = 0; i < 100; i++) await push.send(pattern(1000, i));
  await attachment.close();
  await Promise.all([attachment.closed, other.closed]);
  for (let i = 0; i < 100; i++) {
    assert.deepEqual(new Uint8Array(await pull.receive()), pattern(1000, i));
  }
  assert.equal((await log.next("detached")).reason, undefined);
  assert.deepEqual([push.stats().endpoints, pull.stats().endpoints], [[], []]);
});

test("a socket that is closed ends its streams", async () => {
  const [here, there] = duplexPair();
  const pub = new Pub();
  await using sub = new Sub({ subscribe: "" });
  const { closed } = pub.attach(here);
  const other = sub.attach(there);
  await pub.peers(1);
  await pub.send("last words");
  await pub.close();
  await Promise.all([closed, other.closed]);
  assert.equal(toText(await sub.receive()), "last words");
});

test("a stream of another protocol, or of none, is refused, and says why", async () => {
  const strangers: [RegExp, (there: ByteStreams) => unknown][] = [
    [/speaks protocol 0x20/, (there) => new Pub().attach(there)],
    [/not speak SP/, (there) => there.writable.getWriter().write(hex("47 45 54 20 2f 20 48 54"))],
    [/header/, (there) => there.writable.close()],
  ];
  for (const [message, approach] of strangers) {
    const [here, there] = duplexPair();
    await using pair = new Pair();
    const log = watch(pair);
    const { opened, closed } = pair.attach(here);
    approach(there);
    const { reason } = await log.next("rejected");
    assert.equal(reason.code, "EPROTO");
    assert.match(reason.message, message);
    await assert.rejects(opened, reason);
    await assert.rejects(closed, reason);
    assert.deepEqual(pair.stats().endpoints, []);
  }
});

test("a stream that says nothing is given up after the time for a handshake", async () => {
  const [here] = duplexPair();
  await using pair = new Pair();
  const { opened } = pair.attach(here, { handshakeTimeout: 5 });
  await assert.rejects(opened, spError("ETIMEDOUT"));
});

test("an attachment that is closed before it is a peer lets go at once", async () => {
  const [here] = duplexPair();
  await using pair = new Pair();
  const attachment = pair.attach(here);
  await attachment.close();
  await attachment.closed;
  await assert.rejects(attachment.opened, spError("ECLOSED"));
  assert.deepEqual(pair.stats().endpoints, []);
});

test("a stream that breaks rejects closed, and is told with its reason", async () => {
  const cause = new Error("the cable is cut");
  let input!: ReadableStreamDefaultController<Uint8Array>;
  const readable = new ReadableStream<Uint8Array>({ start: (given) => void (input = given) });
  await using pair = new Pair();
  const log = watch(pair);
  const { opened, closed } = pair.attach({ readable, writable: new WritableStream() });
  input.enqueue(hex("00 53 50 00 00 10 00 00"));
  await opened;
  input.error(cause);
  await assert.rejects(closed, spError("EIO", "the cable is cut"));
  assert.equal((await log.next("detached")).reason?.cause, cause);
});

test("a message over the limit, and an end inside one, are errors", async () => {
  for (
    const [bytes, code] of [["00 00 00 00 00 00 00 65", "EMSGSIZE"], ["00", "EPROTO"]] as const
  ) {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    await using pull = new Pull();
    const { closed } = pull.attach({ readable, writable: new WritableStream() }, {
      maxMessageSize: 100,
    });
    const writer = writable.getWriter();
    writer.write(hex(`00 53 50 00 00 50 00 00 ${bytes}`)).catch(() => {});
    writer.close().catch(() => {});
    await assert.rejects(closed, spError(code));
  }
});

test("a reader that does not read stops the peer's stream", async () => {
  const [here, there] = duplexPair();
  await using push = new Push({ sendTimeout: 300 });
  await using pull = new Pull();
  push.attach(here);
  pull.attach(there);
  await push.peers(1);
  const body = pattern(64 * 1024);
  let sent = 0;
  await assert.rejects(async () => {
    for (; sent < 1000; sent++) await push.send(body);
  }, spError("ETIMEDOUT"));
  assert.ok(sent < 100, `${sent} messages were taken for a reader that does not read`);
  for (let i = 0; i < sent; i++) assert.equal((await pull.receive()).length, body.length);
});

test("what cannot be attached is said at once", async () => {
  const pair = new Pair();
  const [here] = duplexPair();
  assert.throws(() => pair.attach({} as never), spError("EINVAL", "two streams"));
  const wrong = { framing: "udp" } as never;
  assert.throws(() => pair.attach(here, wrong), spError("EINVAL", "framing", '"tcp" or "ipc"'));
  assert.throws(
    () => pair.attach(here, { failFast: true } as never),
    spError("EINVAL", "failFast"),
  );
  pair.attach(here);
  assert.throws(() => pair.attach(here), spError("EINVAL", "locked"));
  await pair.close();
  assert.throws(() => pair.attach(duplexPair()[0]), spError("ECLOSED"));
});

test("a child process is asked over its standard input and output, and ends with its input", async () => {
  const file = join(import.meta.dirname!, "workers", "stdio.ts");
  const child = spawn(CURRENT.command, [...CURRENT.args, file], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  await using req = new Req();
  const { closed, close } = req.attach({
    readable: Readable.toWeb(child.stdout),
    writable: Writable.toWeb(child.stdin),
  });
  const questions = Array.from({ length: 100 }, (_, i) => `question ${i}`.repeat(1 + i * 10));
  const answers = await Promise.all(questions.map((question) => req.request(question)));
  assert.deepEqual(answers.map(toText), questions.map((question) => question.toUpperCase()));
  await close();
  await closed;
  assert.deepEqual(await exit, [0, null]);
});

/** Streams that compress what they are given, and give it on chunk by chunk. */
const COMPRESSION: readonly [string, () => [Compressor, Compressor], string | false][] = [
  [
    "node:zlib that flushes",
    () => [
      Duplex.toWeb(createDeflateRaw({ flush: constants.Z_SYNC_FLUSH })) as Compressor,
      Duplex.toWeb(createInflateRaw({ flush: constants.Z_SYNC_FLUSH })) as Compressor,
    ],
    false,
  ],
  [
    "CompressionStream",
    () => [
      new CompressionStream("deflate-raw") as Compressor,
      new DecompressionStream("deflate-raw") as Compressor,
    ],
    CURRENT.name === "deno" ? false : "the CompressionStream of this runtime does not flush",
  ],
];

type Compressor = ReadableWritablePair<Uint8Array, Uint8Array>;

for (const [name, make, why] of COMPRESSION) {
  if (why !== false) continue;
  test(`a stream is compressed on its way, by ${name}`, async () => {
    const [here, there] = duplexPair();
    let carried = 0;
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        carried += chunk.length;
        controller.enqueue(chunk);
      },
    });
    const compressed = ({ readable, writable }: ByteStreams): ByteStreams => {
      const [deflate, inflate] = make();
      deflate.readable.pipeThrough(count).pipeTo(writable).catch(() => {});
      return { readable: readable.pipeThrough(inflate), writable: deflate.writable };
    };
    const plain = ({ readable, writable }: ByteStreams): ByteStreams => {
      const [deflate, inflate] = make();
      deflate.readable.pipeTo(writable).catch(() => {});
      return { readable: readable.pipeThrough(inflate), writable: deflate.writable };
    };
    await using left = new Pair();
    await using right = new Pair();
    left.attach(compressed(here));
    right.attach(plain(there));
    await left.send("small");
    assert.equal(toText(await right.receive()), "small");
    for (let i = 0; i < 10; i++) await left.send("again and ".repeat(10_000));
    for (let i = 0; i < 10; i++) assert.equal((await right.receive()).length, 100_000);
    await right.send("and back");
    assert.equal(toText(await left.receive()), "and back");
    assert.ok(carried > 0 && carried < 100_000, `${carried} bytes for a million`);
  });
}

test("nanomsg's nanocat is a peer by a bare TCP connection", { skip: NANOCAT.skip }, async () => {
  const { host, port } = await freePort();
  await using cat = start(NANOCAT.command, [
    ...["--pull", "--bind", `tcp://${host}:${port}`, "--format", "ascii"],
  ]);
  const socket = await dial(() => connect(port, host));
  await using push = new Push();
  const { opened } = push.attach(toWeb(socket));
  assert.equal((await opened).protocol, "pull");
  await push.send("by a stream of our own");
  await cat.line(/by a stream of our own/);
});

test("nanomsg's nanocat, which connects, is a peer by a bare TCP connection", {
  skip: NANOCAT.skip,
}, async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await using _cat = start(NANOCAT.command, [
    ...["--push", "--connect", `tcp://127.0.0.1:${port}`, "--data", "hello", "--interval", "0.05"],
  ]);
  const [socket] = await once(server, "connection") as [NetSocket];
  server.close();
  const pull = new Pull();
  const log = watch(pull);
  pull.attach(toWeb(socket), { role: "bind" });
  const { peer } = await log.next("attached", isPush);
  assert.equal(peer.role, "bind");
  assert.equal(toText(await pull.receive()), "hello");
  await pull.close();
});

function isPush({ peer }: Extract<SocketEvent, { type: "attached" }>): boolean {
  return peer.protocol === "push";
}

test(
  "nng's nngcat is a peer by a bare UNIX connection, in ipc's framing",
  { skip: NNGCAT.skip },
  async () => {
    const { folder, remove } = temporaryFolder();
    const path = join(folder, "socket");
    await using cat = start(NNGCAT.command, [
      ...["--pair0", "--listen", `ipc://${path}`, "--data", "from nng", "--quoted"],
    ]);
    const socket = await dial(() => connect({ path }));
    await using pair = new Pair();
    pair.attach(toWeb(socket), { framing: "ipc" });
    assert.equal(toText(await pair.receive({ signal: patience() })), "from nng");
    await pair.send("from us");
    await cat.line(/from us/);
    remove();
  },
);

/** Connects, as often as it takes until the process that it has to find listens. */
async function dial(open: () => NetSocket): Promise<NetSocket> {
  for (;;) {
    const socket = open();
    try {
      await once(socket, "connect");
      return socket;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** `nanostreams bench`: two ends, what is measured between them, and how it ends. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import process from "node:process";
import { after, test } from "node:test";
import { measureReceiving } from "../../../cli/nanostreams/bench/measure.ts";
import { type Result, resultOf, shown, Times } from "../../../cli/nanostreams/bench/result.ts";
import { stamper, stampOf } from "../../../cli/nanostreams/bench/stamps.ts";
import type { Arrived } from "../../../cli/nanostreams/messages.ts";
import type { AnySocket } from "../../../cli/nanostreams/sockets.ts";
import { Push, Rep } from "../../../mod.ts";
import { NANOCAT, NNGCAT } from "../../helpers/peers.ts";
import { PATIENCE, start } from "../../helpers/process.ts";
import { certificates } from "../../helpers/certificates.ts";
import { Folder, runNanostreams, startNanostreams } from "../../helpers/nanostreams.ts";

const folder = new Folder();
after(() => folder.remove());

/** Runs a bench that has to go well. Returns what it found out. */
async function bench(...args: string[]): Promise<Result> {
  const { code, stdout, stderr } = await runNanostreams(["bench", "--json", ...args]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return JSON.parse(stdout.toString());
}

/** Starts an end that serves. Returns its address as well. */
async function startServing(...args: string[]) {
  const child = startNanostreams(["bench", "--serve", "tcp://127.0.0.1:0", ...args]);
  const line = await child.line(/^serving /);
  return { child, address: line.split(" at ")[1]! };
}

for (const wire of ["sp", "zmtp"]) {
  for (const pattern of ["pushpull", "pubsub"]) {
    test(`${pattern} on ${wire} is measured one way`, async () => {
      const result = await bench("--wire", wire, "--pattern", pattern, "--count", "500");
      const { messages, bytes, size, seconds, lost, latency, url } = result;
      assert.deepEqual({ messages, bytes, size }, { messages: 500, bytes: 64_000, size: 128 });
      assert.equal(lost, pattern === "pubsub" ? 0 : undefined);
      assert.match(url, /^tcp:\/\/127\.0\.0\.1:\d+$/);
      assert.equal(result.wire, wire);
      assert.equal(result.pattern, pattern);
      assert.equal(result.messagesPerSecond, 500 / seconds);
      assert.equal(result.bytesPerSecond, 64_000 / seconds);
      assert.equal(latency!.kind, "one-way");
      assert.ok(latency!.p50 <= latency!.p99 && latency!.p99 <= latency!.max);
    });
  }

  test(`reqrep on ${wire} is measured there and back`, async () => {
    const args = ["--wire", wire, "--pattern", "reqrep", "--count", "50", "--size", "1k"];
    const { messages, bytes, latency } = await bench(...args);
    assert.deepEqual({ messages, bytes }, { messages: 50, bytes: 50 * 1024 });
    assert.equal(latency!.kind, "round-trip");
    assert.ok(latency!.p50 > 0 && latency!.p50 <= latency!.p99);
  });
}

test("messages larger than the library takes by itself are taken", async () => {
  const { messages, size } = await bench("--size", "2M", "--count", "5");
  assert.deepEqual({ messages, size }, { messages: 5, size: 2 ** 21 });
  const asked = await bench("--size", "2M", "--count", "5", "--pattern", "reqrep");
  assert.equal(asked.size, 2 ** 21);
});

test("--time ends it, and people are told in a few lines", async () => {
  const args = ["bench", "--time", "200ms", "--pattern", "reqrep", "--size", "7"];
  const { code, stdout } = await runNanostreams(args);
  assert.match(
    stdout.toString(),
    /^reqrep, sp, tcp:\S+, 7 B a message\n {2}round trips {2}[\d,]+ in .*\n {2}throughput {3}[\d,]+ msg\/s, .*B\/s\n {2}latency {6}p50 .*, p99 .*, max .*\n$/,
  );
  assert.equal(code, 0);
});

test("--concurrency has so many requests in flight", async () => {
  const [rep, waiting] = [new Rep(), [] as (() => void)[]];
  const { address } = await rep.bind("tcp://127.0.0.1:0");
  let most = 0;
  const stop = new AbortController();
  // The first is asked alone; of the others, all that can be there have to be there before one is answered.
  let isFirst = true;
  const serving = rep.serve(async (message) => {
    if (isFirst) {
      isFirst = false;
      return message;
    }
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      most = Math.max(most, waiting.length);
      if (waiting.length === 8) { for (const answer of waiting.splice(0)) answer(); }
    });
    return message;
  }, { concurrency: 100, signal: stop.signal });
  const args = ["--pattern", "reqrep", "--connect", address, "--count", "16"];
  assert.equal((await bench(...args, "--concurrency", "8")).messages, 16);
  assert.equal(most, 8);
  stop.abort();
  await serving.catch(() => {});
  await rep.close();
});

test("--serve is the other end for as many as come", async () => {
  const { child, address } = await startServing("--size", "64");
  await using server = child;
  for (let times = 0; times < 2; times++) {
    const { messages, size, latency } = await bench("--connect", address, "--count", "100");
    // Elsewhere there is another clock.
    assert.deepEqual({ messages, size, latency }, { messages: 100, size: 64, latency: undefined });
  }
  server.kill("SIGTERM");
  assert.equal((await server.finished()).code, 143);
});

test("--until-eof ends the end that serves with its standard input", async () => {
  const args = ["bench", "--serve", "--until-eof", "--json"];
  const { code, stdout } = await runNanostreams(args, { input: "" });
  assert.match(JSON.parse(stdout.toString()).serving, /^tcp:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(code, 0);
});

test("what another implementation pushes is counted as well", async () => {
  const push = new Push();
  const { address } = await push.bind("tcp://127.0.0.1:0");
  const running = bench("--connect", address, "--count", "100");
  const sending = (async () => {
    try {
      for (;;) await push.send("without a stamp");
    } catch {
      // It is closed.
    }
  })();
  const { messages, bytes, lost, latency } = await running;
  assert.deepEqual({ messages, bytes, lost, latency }, {
    messages: 100,
    bytes: 1500,
    lost: undefined,
    latency: undefined,
  });
  await push.close({ linger: 0 });
  await sending;
});

for (
  const { peer: { command, skip }, args } of [
    { peer: NANOCAT, args: ["--rep", "--bind"] },
    { peer: NNGCAT, args: ["--rep", "--listen"] },
  ]
) {
  test(`${command} answers as well as an end of ours`, { skip }, async () => {
    const address = folder.address();
    await using _ = start(command, [...args, address, "--data", "reply"]);
    const result = await bench("--pattern", "reqrep", "--connect", address, "--count", "20");
    assert.deepEqual([result.messages, result.bytes], [20, 100]);
  });
}

test("both ends have the flags of the connection: TLS", async () => {
  const { ca, server } = await certificates();
  const files = { cert: server.cert, key: server.key, cacert: ca };
  const flags = Object.entries(files).flatMap(([name, text]) => {
    const file = folder.file(name);
    writeFileSync(file, text);
    return [`--${name}`, file];
  });
  const { messages, url } = await bench("tls+tcp://127.0.0.1:0", ...flags, "--count", "10");
  assert.equal(messages, 10);
  assert.match(url, /^tls\+tcp:/);
});

test("both ends have the flags of the queues: --max-size", async () => {
  const sizes = ["--size", "4k", "--max-size", "1k"];
  const args = ["bench", ...sizes, "--events", "--timeout", "500ms"];
  const { code, stderr } = await runNanostreams(args);
  assert.match(stderr, /EMSGSIZE|1024/);
  assert.equal(code, 4);
});

test("--overflow says what a publisher does with a slow peer", async () => {
  const { child, address } = await startServing(
    ...["--pattern", "pubsub", "--size", "100k", "--overflow", "drop-oldest", "--stats"],
  );
  await using server = child;
  const { hostname, port } = new URL(address.replace("tcp:", "http:"));
  const peer = connect(Number(port), hostname);
  // A SUB that reads nothing.
  peer.pause().write(Uint8Array.of(0, 0x53, 0x50, 0, 0, 0x21, 0, 0));
  await server.line(/dropped [\d,]+ \(overflow [\d,]+\)/);
  peer.destroy();
});

test("--fail-fast does not try again", async () => {
  const args = ["bench", "--connect", "tcp://127.0.0.1:1", "--fail-fast"];
  const { code, stderr } = await runNanostreams(args);
  assert.match(stderr, /^nanostreams: cannot connect to .*\(ECONNREFUSED\)/);
  assert.equal(code, 1);
});

test("where nothing comes, the exit status is 4 and says what to look at", async () => {
  const { child, address } = await startServing("--pattern", "reqrep");
  await using _ = child;
  const args = ["bench", "--connect", address, "--timeout", "300ms"];
  const { code, stderr } = await runNanostreams(args);
  assert.equal(
    stderr,
    "nanostreams: nothing has come for 300 ms: is the other end there, with the same --pattern and --wire?\n",
  );
  assert.equal(code, 4);
});

test("an other end that cannot be started says why", async () => {
  const { child, address } = await startServing();
  await using _ = child;
  const { code, stderr } = await runNanostreams(["bench", address]);
  assert.match(stderr, /^nanostreams: cannot bind to "tcp:.*\(EADDRINUSE\)/);
  assert.equal(code, 1);
});

test("a command line that makes no sense is refused", async () => {
  const lines: [string[], RegExp][] = [
    [["inproc://here"], /inproc:\/\/ does not reach another process/],
    [["tcp://a:1", "tcp://b:1"], /bench takes one address, and not 2/],
    [["tcp://a:1", "--connect", "tcp://b:1"], /the other end is started, or it is there/],
    [["--serve", "--count", "3"], /--count is for the end that measures, and not for --serve/],
    [["--count", "3", "--time", "1s"], /cannot be used with/],
    [["--pattern", "pipeline"], /Expected pushpull or pubsub or reqrep/],
    [["--wire", "zmtp", "--concurrency", "3"], /--concurrency is for --wire sp/],
  ];
  for (const [args, sentence] of lines) {
    const { code, stderr } = await runNanostreams(["bench", ...args]);
    assert.match(stderr, sentence);
    assert.equal(code, 2, stderr);
  }
});

test("a signal ends it with what was measured", async () => {
  await using child = startNanostreams(["bench", "--time", "1m", "--json", "--stats"]);
  await child.line(/^1 s {2}received/);
  child.kill("SIGINT");
  const { code, stdout } = await child.finished();
  assert.ok(JSON.parse(stdout.toString()).messages > 0);
  assert.equal(code, 130);
});

test("--progress shows how far it is", async () => {
  const args = ["bench", "--count", "100", "--pattern", "reqrep", "--progress=always"];
  const { stderr } = await runNanostreams(args);
  assert.match(stderr, /100% {2}100 of 100/);
});

test("stamps are read back, and messages too short for one have none", () => {
  for (const size of [20, 128, 100_000]) {
    const next = stamper(size);
    const numbers = Array.from({ length: 3 }, () => stampOf(next())?.number);
    assert.deepEqual(numbers, [0, 1, 2]);
  }
  assert.equal(stampOf(stamper(19)()), undefined);
  assert.equal(stampOf(new Uint8Array(100)), undefined);
  // The library keeps the memory of large messages.
  const next = stamper(100_000);
  assert.notEqual(next().buffer, next().buffer);
});

test("what a publisher has dropped is counted as lost", async () => {
  const next = stamper(32);
  const all = Array.from({ length: 10 }, () => [next().slice()]);
  const batches: Arrived[][] = [[0], [1, 2], [5, 6, 9]].map((batch) =>
    batch.map((at) => ({ frames: all[at]! }))
  );
  const conversation = {
    socket: undefined as unknown as AnySocket,
    receive: () => Promise.resolve(batches.shift()!),
  };
  const report = { done: 0, bound: () => {}, stop: () => Promise.resolve() };
  const stop = new AbortController().signal;
  const amount = { count: 5, time: Infinity, timeout: 1000, stop, report };
  const { messages, lost } = await measureReceiving(conversation, amount, false);
  assert.deepEqual({ messages, lost, done: report.done }, { messages: 5, lost: 4, done: 5 });
  const figures = { url: "tcp://a:1", wire: "sp", pattern: "pubsub", bytes: 160, seconds: 2 };
  const text = shown(resultOf({ ...figures, messages }, { lost }), (_style, word) => word);
  assert.match(text, /^ {2}lost {9}4$/m);
});

test("percentiles are those of the times", () => {
  const times = new Times();
  assert.equal(times.latency("round-trip"), undefined);
  for (let ms = 1; ms <= 100; ms++) times.add(ms);
  const { p50, p99, max } = times.latency("round-trip")!;
  assert.deepEqual([p50, p99, max].map(Math.round), [50, 99, 100]);
});

const isLinux = process.platform === "linux";

test("one that is killed leaves no process behind", {
  skip: isLinux ? false : "needs /proc",
}, async () => {
  await using child = startNanostreams(["bench", "--time", "1m", "--events"]);
  await child.line(/connected to/);
  const pid = child.pid!;
  const threads = readdirSync(`/proc/${pid}/task`);
  const own = threads.flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean)
  );
  assert.equal(own.length, 1);
  child.kill("SIGKILL");
  await child.exited;
  const deadline = Date.now() + PATIENCE;
  while (isRunning(own[0]!)) {
    assert.ok(Date.now() < deadline, `${own[0]} still runs`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

/** Whether a process runs; one that has ended and waits to be noticed does not. */
function isRunning(pid: string): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Node-types: generators, files, programs, and the nanomsg node with its rules for messages. */

import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Pub, Sub } from "../../mod.ts";
import { ticks } from "../../villas/mod.ts";
import { strftime } from "../../villas/nodes/lib/strftime.ts";
import { Oscillator, shapeOf, waveform } from "../../villas/nodes/lib/waveform.ts";
import { freePort } from "../conformance/transports.ts";
import { PRINT, run } from "./gateways.ts";
import { bytes, dtypes, text } from "./samples.ts";

const folder = mkdtempSync(join(tmpdir(), "villas-nodes-"));
after(() => rmSync(folder, { recursive: true }));

const LOOP = { type: "loopback", signals: "3f", builtin: false };
let count = 0;
function ipc(): string {
  return `ipc://${join(folder, `${count++}.ipc`)}`;
}

/** Five values of a shape at 10 a second. */
function values(name: string, parameters: Record<string, number> = {}): number[] {
  const oscillator = new Oscillator(waveform(shapeOf(name, 0, 8)!, (key) => parameters[key]));
  return Array.from({ length: 5 }, (_, n) => Number(oscillator.next(n, n / 10, 10).toFixed(6)));
}

test("each shape of a signal is as VILLASnode has it", () => {
  assert.deepEqual(values("constant", { amplitude: 2, offset: 1 }), [3, 3, 3, 3, 3]);
  assert.deepEqual(values("sine"), [0, 0.587785, 0.951057, 0.951057, 0.587785]);
  assert.deepEqual(values("triangle"), [1, 0.6, 0.2, -0.2, -0.6]);
  assert.deepEqual(values("square", { frequency: 2.5 }), [-1, -1, 1, 1, -1]);
  assert.deepEqual(values("ramp", { frequency: 0.25 }), [0, 0.1, 0.2, 0.05, 0.15]);
  assert.deepEqual(values("counter", { amplitude: 3 }), [0, 3, 6, 9, 12]);
  assert.deepEqual(values("pulse", { frequency: 2.5 }), [1, 0, 0, 0, 1]);
  assert.deepEqual(values("random", { stddev: 0, offset: 4 }), [4, 4, 4, 4, 4]);
  assert.deepEqual(values("mixed", { stddev: 0 }), [0, 0, 0, 0, 0]);
});

test("a generator ends at its limit, its samples lie evenly, and with it ends the path", async () => {
  await using running = await run({
    nodes: { gen: { type: "signal", signal: ["counter", "constant"], rate: 200, limit: 5 } },
    paths: [{ in: "gen", hooks: [{ ...PRINT, format: "csv" }] }],
  });
  await running.gateway.ended;
  const lines = running.printed.map((line) => line.split(","));
  assert.deepEqual(lines.map((line) => line[3]), ["0", "1", "2", "3", "4"]);
  assert.deepEqual(lines.map((line) => Number(line[4])), [0, 1, 2, 3, 4]);
  const times = lines.map((line) => Number(line[0]) * 1e9 + Number(line[1]));
  for (let n = 1; n < 5; n++) assert.ok(Math.abs(times[n]! - times[n - 1]! - 5e6) < 1000);
  assert.ok(running.logged.includes("info node:gen: Reached limit."));
});

test("ticks make up for what a slow reader missed, and keep count", async () => {
  const stop = new AbortController();
  const seen: number[] = [];
  for await (const { first, count, missed } of ticks(500, stop.signal)) {
    for (let n = 0; n < count; n++) seen.push(first + n);
    assert.equal(missed, 0);
    // Longer than a tick.
    await new Promise((resolve) => setTimeout(resolve, 7));
    if (seen.length >= 50) stop.abort();
  }
  assert.deepEqual(seen, seen.map((_, n) => n));
});

test("a file is written with one header, and read back as it is", async () => {
  const uri = join(folder, "deep", "er.dat");
  for (const first of [0n, 10n]) {
    await using running = await run({
      nodes: { aa: LOOP, log: { type: "file", uri } },
      paths: [{ in: "aa", out: "log" }],
    });
    const more = { sequence: first, origin: [1_700_000_000, 7] as const };
    await running.feed("aa", "3f", [1, 2, 3], more);
    await running.until(() => running.gateway.stats().nodes["log"]!.written === 1);
  }
  const lines = readFileSync(uri, "utf8").trimEnd().split("\n");
  assert.equal(lines.length, 3);
  assert.match(lines[0]!, /^# seconds\.nanoseconds\+offset\(sequence\)\tsignal0/);
  assert.match(lines[2]!, /^1700000000\.000000007\(10\)\t1\.0/);
  await using again = await run({
    nodes: { log: { type: "file", uri, in: { epoch_mode: "original", skip: 1 }, signals: "2f" } },
    paths: [{ in: "log", hooks: [PRINT] }],
  });
  await again.gateway.ended;
  assert.deepEqual(again.printed, ["(10)\t1.0\t2.0"]);
});

test("a file is replayed at its own pace, from now on", async () => {
  const uri = join(folder, "pace.dat");
  writeFileSync(uri, "1700000000.000000000(0)\t1\n1700000000.030000000(1)\t2\n");
  const before = Date.now() / 1000;
  await using running = await run({
    nodes: { log: { type: "file", uri, signals: "1f" } },
    paths: [{ in: "log", hooks: [{ ...PRINT, format: "csv" }] }],
  });
  await running.gateway.ended;
  const times = running.printed.map((line) => line.split(","))
    .map(([seconds, nanoseconds]) => Number(seconds) + Number(nanoseconds) / 1e9);
  assert.ok(times[0]! > before - 0.1 && times[0]! < before + 10);
  assert.ok(Math.abs(times[1]! - times[0]! - 0.03) < 1e-6);
});

test("a file may be rewound, and a bad line is counted and skipped", async () => {
  const uri = join(folder, "rewind.dat");
  writeFileSync(uri, "1700000000.000000000(0)\t1\nwhat?\n1700000000.000000000(1)\t2\n");
  await using running = await run({
    nodes: {
      log: {
        type: "file",
        uri,
        signals: "1f",
        in: { epoch_mode: "original", eof: "rewind", builtin: false },
      },
    },
    paths: [{ in: "log", hooks: [PRINT] }],
  });
  await running.until(() => running.printed.length >= 4);
  assert.deepEqual(running.printed.slice(0, 4), ["(0)\t1.0", "(1)\t2.0", "(0)\t1.0", "(1)\t2.0"]);
  assert.ok(running.gateway.stats().nodes["log"]!.malformed >= 2);
  assert.ok(
    running.logged.some((line) =>
      line.startsWith(
        'warn node:log: Failed to read samples from node log(file): reason=Cannot read "what?"',
      )
    ),
  );
});

test("the name of a file may have the time in it, in UTC", () => {
  const date = new Date("2026-11-06T07:08:09Z");
  assert.equal(
    strftime("%Y-%m-%d_%H%M%S %j %y 100%% %Q", date),
    "2026-11-06_070809 310 26 100% %Q",
  );
});

test("a program takes samples, and gives some", async () => {
  await using running = await run({
    nodes: {
      aa: LOOP,
      cat: { type: "exec", exec: "exec cat", signals: "3f", in: { hooks: [PRINT] } },
    },
    paths: [{ in: "aa", out: "cat" }, { in: "cat" }],
  });
  await running.feed("aa", "3f", [1, 2, 3], { sequence: 5n });
  await running.until(() => running.printed.length === 1);
  assert.deepEqual(running.printed, ["(5)\t1.0\t2.0\t3.0"]);
});

test("a program that is not there is an error at the start", async () => {
  const config = {
    nodes: { bad: { type: "exec", exec: ["/nowhere/program"] } },
    paths: [{ in: "bad" }],
  };
  await assert.rejects(run(config), /Cannot run "\/nowhere\/program"/);
});

/** A nanomsg node that sends what a loopback takes, and a subscriber to it. */
async function publisher(out: object, format: unknown = "json") {
  const address = ipc();
  const running = await run({
    nodes: {
      aa: { ...LOOP, signals: "90f" },
      pub: { type: "nanomsg", format, out: { endpoints: address, peers: 1, ...out } },
    },
    paths: [{ in: "aa", out: "pub" }],
  });
  const sub = new Sub({ subscribe: "" });
  sub.connect(address);
  return { running, sub };
}

test("a message has exactly out.vectorize samples; the rest goes at the end", async () => {
  const { running, sub } = await publisher({ vectorize: 2 });
  for (let n = 0n; n < 5n; n++) await running.feed("aa", "1f", [1], { sequence: n });
  const first = [text(await sub.receive()), text(await sub.receive())];
  assert.deepEqual(first, [
    '[{"sequence": 0, "data": [1.0]}, {"sequence": 1, "data": [1.0]}]',
    '[{"sequence": 2, "data": [1.0]}, {"sequence": 3, "data": [1.0]}]',
  ]);
  const last = sub.receive();
  await running.gateway.stop();
  assert.equal(text(await last), '[{"sequence": 4, "data": [1.0]}]');
  await sub.close();
});

test("no message has more than 1,500 bytes: samples are split, and one that is too long is counted", async () => {
  const { running, sub } = await publisher({ vectorize: 2 });
  const long = Array.from({ length: 50 }, () => 1 / 3);
  await running.feed("aa", "50f", long, { sequence: 1n });
  await running.feed("aa", "50f", long, { sequence: 2n });
  const sizes = [(await sub.receive()).length, (await sub.receive()).length];
  assert.ok(sizes.every((size) => size > 900 && size <= 1500), String(sizes));
  const longer = Array.from({ length: 90 }, () => 1 / 3);
  await running.feed("aa", "90f", longer, { sequence: 3n });
  await running.feed("aa", "90f", longer, { sequence: 4n });
  await running.until(() => running.gateway.stats().nodes["pub"]!.dropped === 2);
  assert.ok(running.logged.some((line) => line.includes("expected at most 1500")));
  await sub.close();
  await running.gateway.stop();
});

test("what JSON has no word for ends the data, so that no value moves up", async () => {
  const { running, sub } = await publisher({});
  await running.feed("aa", "3f", [1, Number.NaN, 3], { sequence: 1n });
  assert.equal(text(await sub.receive()), '[{"sequence": 1, "data": [1.0]}]');
  await sub.close();
  await running.gateway.stop();
});

test("a boolean has no place in villas.binary: nothing is sent, and it is counted", async () => {
  const { running, sub } = await publisher({}, "villas.binary");
  await running.feed("aa", "1b", [true]);
  await running.feed("aa", "1f", [1], { sequence: 2n });
  assert.equal((await sub.receive())[7], 2);
  assert.equal(running.gateway.stats().nodes["pub"]!.dropped, 1);
  await sub.close();
  await running.gateway.stop();
});

test("text in messages has no header, no offset and no carriage return", async () => {
  const { running, sub } = await publisher({}, "villas.human");
  const more = { sequence: 1n, origin: [5, 6] as const, received: [5, 7] as const };
  await running.feed("aa", "1f", [1], more);
  assert.equal(text(await sub.receive()), "5.000000006(1)\t1.00000000000000000\n");
  await sub.close();
  await running.gateway.stop();
});

test("a nanomsg node reads what a real one sends, and lives on rubbish", async () => {
  const address = ipc();
  const pub = new Pub();
  await pub.bind(address);
  await using running = await run({
    nodes: { sub: { type: "nanomsg", in: { endpoints: address, signals: "2f", hooks: [PRINT] } } },
    paths: [{ in: "sub" }],
  });
  await pub.peers(1);
  const one = (sequence: number, data: string) => `{"sequence": ${sequence}, "data": [${data}]}`;
  const messages = [
    `[${one(1, "1.0, 2.0")}]`,
    "rubbish",
    "",
    "[]",
    "{}",
    // The tail behind 1,500 bytes is not what was meant.
    bytes(`[${one(2, "1.0, 2.0")}, ${one(3, "1.0, 2.")}`),
    Uint8Array.of(0xff, 0xfe, 0),
    `[${one(4, "null, 2.0")}]`,
    `[${one(5, '"x"')}]`,
    `[${"[".repeat(5000)}`,
    // NaN was left out by the sender; and several samples in one.
    `[${one(6, "3.0")}, ${one(7, "4, 5.0, 6.0")}]`,
  ];
  for (const message of messages) await pub.send(message);
  await running.until(() => running.printed.length >= 3);
  assert.deepEqual(running.printed, ["(1)\t1.0\t2.0", "(6)\t3.0", "(7)\t4.0\t5.0"]);
  const { malformed, read } = running.gateway.stats().nodes["sub"]!;
  assert.deepEqual([malformed, read], [7, 3]);
  assert.ok(
    running.logged.some((line) => line.startsWith("warn node:sub: Failed to read samples")),
  );
  await pub.close();
});

test("csv without the offset is read, as a real one sends it", async () => {
  const address = ipc();
  const pub = new Pub();
  await pub.bind(address);
  await using running = await run({
    nodes: {
      sub: {
        type: "nanomsg",
        format: "csv",
        in: { endpoints: [address], signals: "2f", hooks: [PRINT] },
      },
    },
    paths: [{ in: "sub" }],
  });
  await pub.peers(1);
  await pub.send("1700000000,000000005,43,1.5,2.5\n");
  await pub.send("1700000000,000000006,0.001,44,3.5,4.5\n");
  await running.until(() => running.printed.length >= 2);
  assert.deepEqual(running.printed, ["(43)\t1.5\t2.5", "(44)\t3.5\t4.5"]);
  await pub.close();
});

test("in.vectorize gathers samples for the path", async () => {
  await using running = await run({
    nodes: {
      gen: { type: "signal", signal: "counter", realtime: false, limit: 5, in: { vectorize: 2 } },
      bb: { ...LOOP, queuelen: 2 },
    },
    paths: [{ in: "gen", hooks: [PRINT] }],
  });
  await running.gateway.ended;
  assert.equal(running.printed.length, 5);
});

test("a loopback that is full drops, and counts", async () => {
  await using running = await run({
    nodes: { bb: { ...LOOP, queuelen: 2 }, aa: LOOP },
    paths: [{ in: "aa", out: "bb" }],
  });
  for (let n = 0; n < 5; n++) await running.feed("aa", "1f", [n]);
  await running.until(() => running.logged.some((line) => line.includes("the queue is full")));
  await running.gateway.stop();
  const { written, dropped } = running.gateway.stats().nodes["bb"]!;
  assert.deepEqual([written, dropped], [2, 3]);
});

test("an address that is taken stops the gateway, and nothing stays open", async () => {
  const [taken, free] = [ipc(), ipc()];
  const pub = new Pub();
  await pub.bind(taken);
  const config = {
    nodes: { aa: LOOP, pub: { type: "nanomsg", out: { endpoints: [free, taken] } } },
    paths: [{ in: "aa", out: "pub" }],
  };
  await assert.rejects(run(config), (error: Error) => {
    assert.match(error.message, /^Failed to connect nanomsg socket to endpoint ipc:\/\//);
    assert.ok(error.message.includes(taken));
    return true;
  });
  assert.ok(!existsSync(free.slice("ipc://".length)));
  await pub.close();
});

test("endpoints of a wrong kind are an error in VILLASnode's words", async () => {
  for (const [out, name] of [["out", "publish"], ["in", "subscribe"]] as const) {
    await assert.rejects(
      run({ nodes: { nn: { type: "nanomsg", [out]: { endpoints: 5 } } } }),
      new RegExp(`Invalid type for '${name}' setting`),
    );
  }
});

test("what a subscriber is too slow for is counted, and told", async () => {
  const { host, port } = await freePort();
  await using running = await run({
    nodes: {
      aa: LOOP,
      lab: { type: "nanomsg", out: { endpoints: `tcp://${host}:${port}`, peers: 1 } },
    },
    paths: [{ in: "aa", out: "lab" }],
  });
  // Says that it is a subscriber, and reads no further.
  const socket = connect(port, host);
  socket.pause();
  socket.write(Uint8Array.of(0, 0x53, 0x50, 0, 0, 0x21, 0, 0));
  const signals = dtypes("60f");
  const samples = Array.from(
    { length: 64 },
    (_, n) => ({ signals, values: Array(60).fill(1 / 3), sequence: BigInt(n) }),
  );
  const lab = running.gateway.nodes.get("lab")!;
  for (let n = 0; n < 2000 && lab.stats.dropped === 0; n++) {
    await lab.write(samples);
    await new Promise((resolve) => setTimeout(resolve));
  }
  await running.until(() => running.logged.some((line) => line.includes("is too slow")));
  assert.ok(lab.stats.dropped > 0);
  socket.destroy();
});

test("a nanomsg node needs no endpoints, and starts before those that it subscribes to", async () => {
  const address = ipc();
  await using running = await run({
    nodes: {
      bare: { type: "nanomsg" },
      early: { type: "nanomsg", in: { endpoints: address, signals: "1f", hooks: [PRINT] } },
    },
    paths: [{ in: "bare" }, { in: "early" }],
  });
  const pub = new Pub();
  await pub.bind(address);
  await pub.peers(1);
  await pub.send('[{"sequence": 1, "data": [1.0]}]');
  await running.until(() => running.printed.length > 0);
  assert.equal(running.gateway.idleStop, false);
  await pub.close();
});

test("a message of very many samples is read to its end", async () => {
  const address = ipc();
  const pub = new Pub();
  await pub.bind(address);
  await using running = await run({
    nodes: {
      sub: { type: "nanomsg", in: { endpoints: address, signals: "1f", vectorize: 2 } },
      bb: { ...LOOP, vectorize: 2 },
    },
    paths: [{ in: "sub", out: "bb" }],
  });
  await pub.peers(1);
  await pub.send(`[${Array(80_000).fill('{"data":[]}').join()}]`);
  await running.until(() => running.gateway.stats().nodes["sub"]!.read === 80_000);
  await running.until(() => running.gateway.stats().paths[0]!.written === 80_000);
  await pub.close();
});

test("a destination that fails costs its samples, and the others get theirs", {
  skip: existsSync("/dev/full") ? false : "there is no /dev/full",
}, async () => {
  await using running = await run({
    nodes: { aa: LOOP, full: { type: "file", uri: "/dev/full" }, bb: { ...LOOP, hooks: [PRINT] } },
    paths: [{ in: "aa", out: ["full", "bb"] }, { in: "bb" }],
  });
  for (const sequence of [1n, 2n]) await running.feed("aa", "1f", [1], { sequence });
  await running.until(() => running.printed.length >= 4);
  const { written, dropped } = running.gateway.stats().nodes["full"]!;
  assert.deepEqual([written, dropped], [0, 2]);
  assert.ok(running.logged.some((line) => line.includes("node full(file): reason=ENOSPC")));
});

test("ticks never come early", async () => {
  const stop = new AbortController();
  const start = performance.now();
  for await (const { first, count } of ticks(1000, stop.signal)) {
    // The clock of the ticks was started a little later than ours.
    assert.ok(performance.now() - start >= first + count - 1);
    if (first + count >= 100) stop.abort();
  }
});

test("a program is a list of words as well, with an environment and a folder of its own", async () => {
  const script =
    'printf "1.000000001(1)\\t$VALUE\\n"; printf "2.000000001(2)\\t%s\\n" $(ls | wc -l)';
  const own = mkdtempSync(join(folder, "exec-"));
  writeFileSync(join(own, "one"), "");
  await using running = await run({
    nodes: {
      list: {
        type: "exec",
        exec: ["sh", "-c", script],
        environment: { VALUE: "4.5" },
        working_directory: own,
        signals: "1f",
      },
    },
    paths: [{ in: "list", hooks: [PRINT] }],
  });
  await running.gateway.ended;
  assert.deepEqual(running.printed, ["(1)\t4.5", "(2)\t1.0"]);
});

test("a file may end the program, or be waited for", async () => {
  const uri = join(folder, "grows.dat");
  writeFileSync(uri, "1.000000000(1)\t1\n");
  const file = (eof: string) => ({
    type: "file",
    uri,
    signals: "1f",
    in: { epoch_mode: "original", eof },
  });
  await using ending = await run({
    nodes: { log: file("exit"), aa: LOOP },
    paths: [{ in: "log" }, { in: "aa" }],
  });
  await ending.gateway.ended;
  assert.equal(ending.gateway.endsProgram, true);
  await using waiting = await run({
    nodes: { log: file("wait") },
    paths: [{ in: "log", hooks: [PRINT] }],
  });
  await waiting.until(() => waiting.printed.length === 1);
  appendFileSync(uri, "2.000000000(2)\t2\n");
  await waiting.until(() => waiting.printed.length === 2);
  assert.deepEqual(waiting.printed, ["(1)\t1.0", "(2)\t2.0"]);
});

test("a file may be played at a fixed rate, with the time of now", async () => {
  const uri = join(folder, "fixed.dat");
  writeFileSync(uri, "1.000000000(1)\t1\n9.000000000(2)\t2\n");
  const before = Math.floor(Date.now() / 1000) - 1;
  await using running = await run({
    nodes: { log: { type: "file", uri, signals: "1f", in: { rate: 100 } } },
    paths: [{ in: "log", hooks: [{ ...PRINT, format: "csv" }] }],
  });
  await running.gateway.ended;
  const seconds = running.printed.map((line) => Number(line.split(",")[0]));
  assert.equal(seconds.length, 2);
  assert.ok(seconds.every((second) => second >= before && second < before + 60));
});

for (
  const [mode, epoch, wanted] of [
    ["relative", -1_600_000_000, 100_000_000],
    ["absolute", 1_000_000_000, 1_000_000_000],
  ] as const
) {
  test(`a file is played in the mode ${mode}`, async () => {
    const uri = join(folder, `${mode}.dat`);
    writeFileSync(uri, "1700000000.000000000(1)\t1\n");
    await using running = await run({
      nodes: { log: { type: "file", uri, signals: "1f", in: { epoch_mode: mode, epoch } } },
      paths: [{ in: "log", hooks: [{ ...PRINT, format: "csv" }] }],
    });
    await running.gateway.ended;
    assert.equal(running.printed[0]!.split(",")[0], String(wanted));
  });
}

test("a gateway stops while a path waits for subscribers that do not come", async () => {
  const out = { endpoints: ipc(), peers: 1 };
  const running = await run({
    nodes: {
      aa: LOOP,
      one: { type: "nanomsg", out },
      two: { type: "nanomsg", out: { ...out, endpoints: ipc() } },
    },
    paths: [{ in: "aa", out: "one" }, { in: "aa", out: "two", rate: 100 }],
  });
  await running.feed("aa", "1f", [1]);
  await running.until(() => running.gateway.stats().paths[0]!.written === 1);
  await running.gateway.stop();
  await assert.rejects(running.gateway.start(), /Cannot start a gateway twice/);
});

/** ZeroMQ's sockets, subscriptions, and what stands between two addresses. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import * as zmtp from "../../../zmtp/mod.ts";
import { Pub, Sub } from "../../../mod.ts";
import { text } from "../../helpers/bytes.ts";
import { Folder, runNanostreams, startBound, startNanostreams } from "../../helpers/nanostreams.ts";

const folder = new Folder();
after(() => folder.remove());

const ZMTP = ["--wire", "zmtp"];
const IN_TIME = ["--timeout", "20s"];

test("frames are parted by tabs in text, by commas in hex, and are a list in JSON", async () => {
  for (
    const [flags, wanted] of [
      [[], "weather\train\n"],
      [["--hex"], "77656174686572,7261696e\n"],
      [["--template", "{{topic}}: {{data}} {{size}}"], "weather: weather\train 11\n"],
    ] as const
  ) {
    const address = folder.address();
    const [pull] = await Promise.all([
      runNanostreams(["pull", address, ...ZMTP, "--count", "1", ...flags]),
      runNanostreams(["push", address, ...ZMTP, "--ndjson"], {
        input: '{"frames":["weather","rain"]}',
      }),
    ]);
    assert.equal(pull.stdout.toString(), wanted);
  }
  const address = folder.address();
  const [pull] = await Promise.all([
    runNanostreams(["pull", address, ...ZMTP, "--count", "1", "--json"]),
    runNanostreams(["push", address, ...ZMTP, "--hex", "--data", "61,ff"]),
  ]);
  const { frames, size, topic } = JSON.parse(pull.stdout.toString());
  assert.deepEqual([frames, size, topic], [["a", { base64: "/w==" }], 2, "a"]);
});

test("pub --wait-peers waits for peers, on ZeroMQ's wire until they have subscribed", async () => {
  for (const wire of [[], ZMTP]) {
    const address = folder.address();
    const sub = ["sub", address, ...wire, "--subscribe", "b", "--count", "1", ...IN_TIME, "--json"];
    const [one, two, pub] = await Promise.all([
      runNanostreams(sub),
      runNanostreams([...sub, "--subscribe", "bc"]),
      runNanostreams(["pub", address, ...wire, "--wait-peers", "2"], { input: "a\nbcd\n" }),
    ]);
    assert.deepEqual([one.code, two.code, pub.code], [0, 0, 0]);
    const [first, second] = [one, two].map(({ stdout }) => JSON.parse(stdout.toString()));
    assert.deepEqual([first.data, first.topic, second.topic, second.peer], [
      "bcd",
      "b",
      "bc",
      address,
    ]);
  }
});

test("pub and bus give up on --wait-peers after --timeout", async () => {
  const args = ["--data", "x", "--wait-peers", "2", "--timeout", "200ms"];
  const [pub, push] = await Promise.all([
    runNanostreams(["pub", folder.address(), ...args]),
    runNanostreams(["push", folder.address(), "--data", "x", "--timeout", "200ms"]),
  ]);
  assert.deepEqual([pub.code, push.code], [4, 4]);
  assert.equal(pub.stderr, "nanostreams: fewer than 2 peers were there within 200 ms\n");
  assert.equal(push.stderr, "nanostreams: no peer took a message within 200 ms\n");
  const zmtpPush = await runNanostreams(
    ["push", folder.address(), ...ZMTP, "--data", "x", "--timeout", "200ms"],
  );
  assert.equal(zmtpPush.code, 4);
  assert.equal(zmtpPush.stderr, "nanostreams: 1 message was not taken by a peer in time\n");
});

test("--linger is how long it goes on sending, then it ends with 1", async () => {
  const { code, stderr } = await runNanostreams(
    ["push", folder.address(), ...ZMTP, "--data", "x", "--linger", "100ms"],
  );
  assert.deepEqual([code, stderr], [1, "nanostreams: 1 message was not taken by a peer in time\n"]);
});

test("--overflow=block has pub wait for a slow peer, and lose nothing", async () => {
  const address = folder.address();
  await using sub = new Sub({ subscribe: "", receiveBuffer: 1 });
  sub.connect(address);
  const pub = startNanostreams(
    ["pub", address, "--overflow", "block", "--send-buffer", "1k", "--wait-peers", "1"],
    { input: Array.from({ length: 3000 }, (_, n) => `${n} ${"x".repeat(1000)}\n`).join("") },
  );
  await using _ = pub;
  for (let n = 0; n < 3000; n++) assert.equal(Number.parseInt(text(await sub.receive())), n);
  assert.equal((await pub.finished()).code, 0);
});

test("dealer, router, xpub and xsub", async () => {
  const address = folder.address();
  await using router = await startBound(["router", address, "--json", "--ndjson", "--count", "1"], {
    holdsInput: true,
  });
  await using dealer = startNanostreams(
    ["dealer", address, "--routing-id", "me", "--data", "hello", "--count", "1"],
  );
  await router.until(({ stdout }) => stdout.includes("\n"));
  const { frames } = JSON.parse(router.stdout.toString());
  assert.deepEqual(frames, ["me", "hello"]);
  router.endInput();
  assert.equal((await router.finished()).code, 0);
  await using back = new zmtp.Router();
  await back.bind(address);
  await back.peers(1);
  await back.send(["me", "welcome"]);
  const { stdout, code } = await dealer.finished();
  assert.deepEqual([stdout.toString(), code], ["welcome\n", 0]);
});

test("xpub prints subscriptions, and xsub makes them", async () => {
  const address = folder.address();
  await using xsub = startNanostreams(["xsub", address, "--subscribe", "a", "--count", "1"]);
  const xpub = await runNanostreams(["xpub", address, "--count", "1", "--hex"]);
  assert.deepEqual([xpub.stdout.toString(), xpub.code], ["0161\n", 0]);
  await using pub = new zmtp.Pub();
  await pub.bind(address);
  await pub.subscribed("a");
  await pub.send("abc");
  const { stdout, code } = await xsub.finished();
  assert.deepEqual([stdout.toString(), code], ["abc\n", 0]);
});

test("device passes requests on, with both sides bound or connected", async () => {
  const [front, back, worker] = [folder.address(), folder.address(), folder.address()];
  await using device = await startBound([
    "device",
    front,
    "--connect-back",
    worker,
    "--bind-back",
    back,
  ]);
  const [rep, other, req] = await Promise.all([
    runNanostreams(["rep", worker, "--data", "bound", "--count", "1"]),
    runNanostreams(["rep", "--connect", back, "--data", "connected", "--count", "1"]),
    // One that is sent to who is about to leave has to be sent again.
    runNanostreams(["req", front, ...IN_TIME, "--resend", "500ms"], { input: "1\n2\n" }),
  ]);
  assert.deepEqual([rep.code, other.code, req.code], [0, 0, 0]);
  assert.deepEqual(req.stdout.toString().trim().split("\n").sort(), ["bound", "connected"]);
  device.kill("SIGTERM");
  assert.equal((await device.finished()).code, 143);
});

test("device and proxy: --pattern, and what a proxy passes on is captured", async () => {
  const [front, back, watched] = [folder.address(), folder.address(), folder.address()];
  await using device = await startBound(["device", "--pattern", "pubsub", front, back]);
  await using pub = new Pub();
  pub.connect(front);
  await using sub = startNanostreams(["sub", back, "--count", "1"]);
  const timer = setInterval(() => pub.send("news").catch(() => {}), 50);
  const heard = await sub.finished();
  clearInterval(timer);
  assert.equal(heard.stdout.toString(), "news\n");
  device.kill("SIGINT");
  assert.equal((await device.finished()).code, 130);

  const ends = [folder.address(), folder.address()];
  await using proxy = await startBound(
    ["proxy", "--pattern", "pipeline", ...ends, "--capture", watched],
  );
  await using spy = startNanostreams(["sub", watched, ...ZMTP, "--count", "1"]);
  await using pull = startNanostreams(["pull", "--connect", ends[1]!, ...ZMTP]);
  await using push = startNanostreams(
    ["push", ends[0]!, ...ZMTP, "--data", "job", "--interval", "50ms"],
  );
  assert.equal((await spy.finished()).stdout.toString(), "job\n");
  await pull.until(({ stdout }) => stdout.includes("job\n"));
  push.kill("SIGKILL");
  proxy.kill("SIGKILL");
});

test("device and proxy say which address is missing, and that there are too many", async () => {
  const ends = await Promise.all([
    runNanostreams(["device"]),
    runNanostreams(["proxy", folder.address()]),
    runNanostreams(["device", "inproc://a", "inproc://b", "inproc://c"]),
  ]);
  assert.deepEqual(ends.map(({ code }) => code), [2, 2, 2]);
  assert.match(ends[0]!.stderr, /^nanostreams: no address of the front: .*--connect-front URL\n$/);
  assert.match(ends[1]!.stderr, /^nanostreams: no address of the back/);
  assert.match(ends[2]!.stderr, /^nanostreams: device takes two addresses, and not 3\n$/);
});

test("villas hands over to the gateway's tools, with all that follows", async () => {
  const [signal, help] = await Promise.all([
    runNanostreams(["villas", "signal", "-l", "2", "counter"]),
    runNanostreams(["villas", "--help"]),
  ]);
  assert.equal(signal.code, 0);
  assert.match(signal.stdout.toString(), /\(1\)\t/);
  assert.match(help.stdout.toString(), /villas signal/);
});

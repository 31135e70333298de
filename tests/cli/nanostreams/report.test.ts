/** The reports of a run: `--stats`, `--events`, `--verbose`, `--progress`, at a pipe and on a terminal. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { type Child, run } from "../../helpers/process.ts";
import {
  ENVIRONMENT,
  PROGRAM,
  runNanostreams,
  startBound,
  startNanostreams,
} from "../../helpers/nanostreams.ts";
import { CURRENT } from "../../helpers/runtimes.ts";

// deno-lint-ignore no-control-regex
const BAR = /\r\x1b\[2K\[[= >]+\] *\d+%/;

/** The address that a child has said it is bound to. */
async function addressOf(child: Child): Promise<string> {
  return (await child.line(/^bound to /)).slice("bound to ".length);
}

/** Pulls `count` messages and pushes as many. Returns what both said on standard error. */
async function exchange(
  count: number,
  { pull = [], push = [] }: { pull?: readonly string[]; push?: readonly string[] },
): Promise<{ readonly pulled: string; readonly pushed: string }> {
  const args = ["pull", "tcp://127.0.0.1:0", "--quiet", "--count", String(count), ...pull];
  await using puller = await startBound(args);
  const address = await addressOf(puller);
  const pushed = await runNanostreams([
    "push",
    address,
    "--data",
    "{{n}}",
    "--count",
    String(count),
    ...push,
  ]);
  assert.equal(pushed.code, 0, pushed.stderr);
  const { code, stderr } = await puller.finished();
  assert.equal(code, 0, stderr);
  return { pulled: stderr, pushed: pushed.stderr };
}

test("--stats ends with a table", async () => {
  const { pulled, pushed } = await exchange(100, { pull: ["--stats"], push: ["--stats"] });
  const head = /^in \d.* messages +bytes +messages\/s +bytes\/s$/m;
  assert.match(pulled, head);
  assert.match(pulled, /^received +100 +192 B /m);
  assert.match(pushed, head);
  assert.match(pushed, /^sent +100 +192 B /m);
});

test("--stats tells what goes on each second", async () => {
  await using child = startNanostreams(["pull", "tcp://127.0.0.1:0", "--stats"]);
  assert.equal(await child.line(/^1 s /), "1 s  no messages  0 peers");
  await child.line(/^2 s /);
});

test("--stats tells what was dropped, and why", async () => {
  const args = ["pub", "tcp://127.0.0.1:0", "--stats", "--linger", "0", "--wait-peers", "1"];
  const data = ["--data", "x".repeat(100_000), "--count", "300"];
  await using publisher = await startBound([...args, ...data]);
  const address = await addressOf(publisher);
  // A SUB that reads nothing.
  const { hostname, port } = new URL(address.replace("tcp:", "http:"));
  const peer = connect(Number(port), hostname);
  peer.pause().write(Uint8Array.of(0, 0x53, 0x50, 0, 0, 0x21, 0, 0));
  try {
    const { stderr } = await publisher.finished();
    assert.match(stderr, /^dropped +\d+ {2}overflow$/m);
    assert.match(stderr, /^dropped +\d+ {2}closed$/m);
  } finally {
    peer.destroy();
  }
});

test("--events tells who comes and goes, to the end", async () => {
  const { pulled, pushed } = await exchange(1, { push: ["--events"] });
  assert.match(pushed, /^\d\d:\d\d:\d\d\.\d{3} connected to tcp:\/\/127.0.0.1:\d+ \(pull\)$/m);
  assert.match(pushed, /^\d\d:\d\d:\d\d\.\d{3} lost tcp:\/\/127.0.0.1:\d+ \(pull\)/m);
  assert.doesNotMatch(pushed, /bound/);
  // --verbose, of `startBound`.
  assert.match(pulled, /^bound to tcp:\/\/127.0.0.1:\d+$/m);
  assert.match(pulled, /accepted tcp:\/\/127.0.0.1:\d+ \(push\) at tcp:\/\/127.0.0.1:/);
});

test("--events=json tells the same as objects, and --verbose what is bound among them", async () => {
  const args = ["pull", "tcp://127.0.0.1:0", "--events=json", "--verbose", "--count", "1"];
  await using puller = startNanostreams(args);
  const bound = JSON.parse(await puller.line(/"bound"/));
  const { stderr } = await runNanostreams(["push", bound.address, "--data", "x", "--events=json"]);
  const pushed = stderr.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(pushed.map(({ event }) => event), ["attached", "detached"]);
  assert.equal(pushed[0].peer.protocol, "pull");
  const { stderr: all } = await puller.finished();
  const pulled = all.trim().split("\n").map((line) => JSON.parse(line).event);
  assert.deepEqual(pulled, ["bound", "attached", "detached"]);
});

test("--events tells on the other wire as well", async () => {
  const wire = ["--wire", "zmtp"];
  const { pulled, pushed } = await exchange(1, { pull: wire, push: [...wire, "--events"] });
  assert.match(pushed, /connected to tcp:\/\/127.0.0.1:\d+ \(pull\)/);
  assert.match(pulled, /accepted tcp:\/\/127.0.0.1:\d+ \(push\)/);
});

test("a device reports on both of its sides", async () => {
  const args = ["device", "tcp://127.0.0.1:0", "tcp://127.0.0.1:0", "--verbose", "--stats"];
  await using device = startNanostreams([...args, "--pattern", "pipeline"]);
  const front = (await device.line(/^front bound to /)).slice("front bound to ".length);
  const back = (await device.line(/^back bound to /)).slice("back bound to ".length);
  const pulling = runNanostreams(["pull", "--connect", back, "--count", "1"]);
  await device.line(/accepted .*\(pull\)/);
  await runNanostreams(["push", front, "--data", "through"]);
  assert.equal((await pulling).stdout.toString(), "through\n");
  await device.line(/accepted .*\(push\)/);
  device.kill("SIGTERM");
  const { stderr } = await device.finished();
  assert.match(stderr, /^sent +1 /m);
  assert.match(stderr, /^received +1 /m);
});

test("--progress draws nothing at a pipe, and a bar there if it is told to", async () => {
  const push = ["--progress"];
  const { pulled, pushed } = await exchange(50, { pull: ["--progress=always"], push });
  assert.equal(pushed, "");
  assert.match(pulled, BAR);
  assert.match(pulled, /100% {2}50 of 50 .* in [^\n]*\n/);
});

test("--progress counts what has no end", async () => {
  const args = ["push", "tcp://127.0.0.1:1", "--progress=always", "--timeout", "0.3"];
  const { stderr } = await runNanostreams(args, { input: "one\n" });
  // deno-lint-ignore no-control-regex
  assert.match(stderr, /\r\x1b\[2K\d {2}\d+\/s/);
});

test("colours follow FORCE_COLOR and NO_COLOR", async () => {
  const args = ["push", "tcp://127.0.0.1:1", "--data", "x", "--timeout", "0.2", "--events"];
  const [none, forced] = await Promise.all([
    runNanostreams(args),
    runNanostreams(args, { env: { FORCE_COLOR: "1" } }),
  ]);
  assert.match(none.stderr, /^\d\d:\d\d:\d\d\.\d{3} cannot connect to/);
  // deno-lint-ignore no-control-regex
  assert.match(forced.stderr, /^\x1b\[2m[\d:.]+\x1b\[22m \x1b\[33mcannot connect to/m);
});

const hasScript = process.platform === "linux" && existsSync("/usr/bin/script");
const skip = hasScript ? false : "needs script: apt-get install util-linux";

/** Runs a command line on a terminal, whatever the environment of the test says of colours. */
async function onTerminal(args: readonly string[]): Promise<string> {
  const words = ["env", "-u", "NO_COLOR", "-u", "FORCE_COLOR", "TERM=xterm", CURRENT.command];
  const command = [...words, ...CURRENT.args, PROGRAM, ...args].map((word) => `'${word}'`);
  const { stdout } = await run("/usr/bin/script", ["-qec", command.join(" "), "/dev/null"], {
    env: ENVIRONMENT,
  });
  return stdout.toString();
}

test("a terminal sees the bar, and colours", { skip }, async () => {
  const args = ["pull", "tcp://127.0.0.1:0", "--quiet", "--count", "3"];
  await using other = await startBound(args);
  const address = await addressOf(other);
  const push = ["push", address, "--data", "x", "--count", "3", "--progress", "--events"];
  const shown = await onTerminal(push);
  assert.match(shown, BAR);
  assert.match(shown, /100% {2}3 of 3/);
  // deno-lint-ignore no-control-regex
  assert.match(shown, /\x1b\[32mconnected to tcp:/);
});

test("a terminal that messages are printed to sees no bar", { skip }, async () => {
  const args = ["push", "--bind", "tcp://127.0.0.1:0", "--data", "x", "--count", "3"];
  await using other = await startBound(args);
  const address = await addressOf(other);
  const pull = ["pull", "--connect", address, "--count", "3", "--progress"];
  assert.equal(await onTerminal(pull), "x\r\nx\r\nx\r\n");
});

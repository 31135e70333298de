/** Many applications that log to one collector, as programs. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Push } from "../../mod.ts";
import type { Child } from "../helpers/process.ts";
import { found, startProgram } from "./programs.ts";

const ANY_PORT = { ADDRESS: "tcp://127.0.0.1:0" };

interface Line {
  readonly app: string;
  readonly text: string;
  readonly from: string;
  readonly at: string;
}

function lines(collector: Child): Line[] {
  return collector.stdout.toString().split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

test("the collector prints every entry of every client, in each one's order, with who has sent it", async () => {
  await using collector = startProgram("log/collector.ts", { env: ANY_PORT });
  const [ADDRESS] = await found(collector, /^Collecting at (\S+)$/);
  const apps = ["one", "two", "three"];
  await Promise.all(apps.map(async (app) => {
    await using client = startProgram("log/client.ts", { args: [app], env: { ADDRESS: ADDRESS! } });
    const { code, stderr } = await client.finished();
    assert.deepEqual([code, stderr], [0, ""]);
  }));
  await collector.until(() => lines(collector).length >= 6);
  const printed = lines(collector);
  assert.equal(printed.length, 6);
  for (const app of apps) {
    const entries = printed.filter((line) => line.app === app);
    assert.deepEqual(entries.map(({ text }) => text), [
      "I have started",
      "I have nothing to do",
    ]);
    assert.match(entries[0]!.from, /^tcp:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(entries[0]!.from, entries[1]!.from);
  }
  assert.equal(new Set(printed.map(({ from }) => from)).size, 3);
  assert.ok(printed.every(({ at }) => !Number.isNaN(Date.parse(at))));
});

test("what is not JSON is told, and no entry has another's name", async () => {
  await using collector = startProgram("log/collector.ts", { env: ANY_PORT });
  const [address] = await found(collector, /^Collecting at (\S+)$/);
  await using push = new Push();
  push.connect(address!);
  await push.send("rubbish");
  await push.send(JSON.stringify({ app: "liar", from: "tcp://192.0.2.1:1" }));
  await collector.line(/1 message dropped \(malformed\): .* JSON/);
  await collector.until(() => lines(collector).length >= 1);
  const [line, ...others] = lines(collector);
  assert.deepEqual([line!.app, others], ["liar", []]);
  assert.match(line!.from, /^tcp:\/\/127\.0\.0\.1:/);
});

test("a client waits for a collector that is started later", async () => {
  await using first = startProgram("log/collector.ts", { env: ANY_PORT });
  const [ADDRESS] = await found(first, /^Collecting at (\S+)$/);
  first.kill("SIGTERM");
  await first.exited;
  await using client = startProgram("log/client.ts", { env: { ADDRESS: ADDRESS! } });
  await using second = startProgram("log/collector.ts", { env: { ADDRESS: ADDRESS! } });
  await second.until(() => lines(second).length >= 2);
  assert.equal((await client.finished()).code, 0);
  assert.deepEqual(lines(second).map(({ app }) => app), ["app", "app"]);
});

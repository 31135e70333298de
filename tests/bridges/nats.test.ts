/** The bridge between REQ/REP and JetStream, with a real nats-server that is killed and comes back. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { Rep, Req } from "../../mod.ts";
import { Broker, NATS_SERVER, sideOf, startBridge } from "./brokers.ts";

const { skip } = NATS_SERVER;
const text = (message: Uint8Array): string => new TextDecoder().decode(message);

test(
  "work goes from REQ by JetStream to REP, and is answered when it is stored",
  { skip },
  async () => {
    await using broker = await Broker.start("nats");
    await using bridge = startBridge("nats", { NATS_URL: broker.url });
    await using client = new Req();
    client.connect(await sideOf(bridge, "clients"));
    // Nobody works yet: it is stored all the same.
    assert.equal(text(await client.request("one")), "1");
    assert.equal(text(await client.request("two")), "2");

    await using worker = new Rep();
    worker.connect(await sideOf(bridge, "workers"));
    const done: string[] = [];
    for await (const job of worker.requests()) {
      await job.reply("done");
      if (done.push(text(job.message)) === 2) break;
    }
    assert.deepEqual(done.sort(), ["one", "two"]);
  },
);

test("no work is lost when the broker, the bridge and a worker are killed", { skip }, async () => {
  await using broker = await Broker.start("nats");
  const env = { NATS_URL: broker.url, PATIENCE: "1000" };
  await using bridge = startBridge("nats", env);
  await using client = new Req();
  client.connect(await sideOf(bridge, "clients"));
  const jobs = Array.from({ length: 100 }, (_, index) => `job ${index}`);
  const stored = jobs.slice(0, 50).map((job) => client.request(job));
  await Promise.all(stored);

  // The first worker takes some, and goes without an answer.
  const first = new Rep();
  first.connect(await sideOf(bridge, "workers"));
  await first.receive();
  await first.receive();
  await first.close();

  // What is asked while the broker is away is answered when it is back.
  await broker.down("SIGKILL");
  const rest = jobs.slice(50).map((job) => client.request(job));
  await bridge.line(/^Cannot store a job, trying again/);
  await broker.up();
  await Promise.all(rest);

  // Another bridge goes on with what the first one leaves.
  await bridge[Symbol.asyncDispose]();
  await using second = startBridge("nats", env);
  await using worker = new Rep();
  worker.connect(await sideOf(second, "workers"));
  const done = new Set<string>();
  for await (const job of worker.requests()) {
    await job.reply("done");
    if (done.add(text(job.message)).size === jobs.length) break;
  }
  assert.deepEqual([...done].sort(), jobs.toSorted());
});

test("no more work is under way at once than the bridge says", { skip }, async () => {
  await using broker = await Broker.start("nats");
  await using bridge = startBridge("nats", { NATS_URL: broker.url });
  await using client = new Req();
  client.connect(await sideOf(bridge, "clients"));
  await Promise.all(Array.from({ length: 100 }, (_, index) => client.request(String(index))));

  // A worker that answers nothing gets 64, and another one for each that it answers.
  await using worker = new Rep();
  worker.connect(await sideOf(bridge, "workers"));
  const asked = worker.requests();
  const first = [];
  while (first.length < 64) first.push((await asked.next()).value!);
  const nats = await connect({ servers: broker.url });
  const manager = await jetstreamManager(nats);
  const info = await manager.consumers.info("JOBS", "workers");
  assert.deepEqual([info.num_ack_pending, info.num_pending], [64, 36]);
  for (const job of first) await job.reply("done");
  for (let more = 0; more < 36; more++) await (await asked.next()).value!.reply("done");
  await nats.close();
});

// Work that must not be lost: REQ → JetStream → REP. A client asks the bridge, which answers once JetStream has stored the job. The
// bridge asks a worker, and tells JetStream that the job is done once the worker has answered. Whatever is killed and restarted,
// no job that was answered is lost, and some may be done twice.
//
//   nats-server -js
//   node examples/bridges/nats.ts
//   nanostreams req tcp://127.0.0.1:5570 --data "a job"
//   nanostreams rep --connect tcp://127.0.0.1:5571 --data done
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { AckPolicy, jetstream, jetstreamManager, type JsMsg } from "@nats-io/jetstream";
import { connect, nanos } from "@nats-io/transport-node";
import { Rep, Req } from "@nanostreams/nanostreams";

/** With `PORT=0` each address gets a port of its own. */
const port = Number(process.env["PORT"] ?? 5570);
const servers = process.env["NATS_URL"] ?? "nats://127.0.0.1:4222";
/** How many jobs may be under way at once, in each direction. */
const WINDOW = 64;
/** How long a worker may take, in milliseconds, before another one gets the job. */
const PATIENCE = Number(process.env["PATIENCE"] ?? 30_000);

const nats = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 500 });
const manager = await jetstreamManager(nats);
await manager.streams.add({ name: "JOBS", subjects: ["jobs"], retention: "workqueue" });
await manager.consumers.add("JOBS", {
  durable_name: "workers",
  ack_policy: AckPolicy.Explicit,
  ack_wait: nanos(2 * PATIENCE),
  max_ack_pending: WINDOW, // no more are delivered before the first is done
});
const broker = jetstream(nats);

/** Stores a job, trying until it works: by the id, JetStream recognizes a job that it has. Returns its number. */
async function store(job: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<string> {
  const msgID = crypto.randomUUID();
  while (true) {
    try {
      return String((await broker.publish("jobs", job, { msgID })).seq);
    } catch (error) {
      console.error("Cannot store a job, trying again:", (error as Error).message);
      await setTimeout(500, undefined, { signal }); // until the client is gone
    }
  }
}

/** Gives a job to a worker. If that fails, JetStream delivers the job again. */
async function hand(job: JsMsg): Promise<void> {
  try {
    await workers.request(job.data, { timeout: PATIENCE });
    job.ack();
  } catch {
    job.nak();
  }
}

const clients = new Rep();
clients.serve((job, { signal }) => store(job, signal), { concurrency: WINDOW });
console.log(`clients: ${(await clients.bind(`tcp://127.0.0.1:${port}`)).address}`);

const workers = new Req();
console.log(`workers: ${(await workers.bind(`tcp://127.0.0.1:${port && port + 1}`)).address}`);
const consumer = await broker.consumers.get("JOBS", "workers");
for await (const job of await consumer.consume({ max_messages: WINDOW })) void hand(job);

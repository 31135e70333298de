/**
 * The runtime's own network API beside `node:net`, in one process and one run:
 *
 *   node scripts/run.mjs deno run -A bench/adapters.ts
 *   node scripts/run.mjs bun bench/adapters.ts
 *
 * @module
 */
import { Pair, Pull, Push } from "../mod.ts";
import { registerTransport } from "../src/surface/transports.ts";
import { defaultRuntime } from "../transports/runtime/default.ts";
import { nodeRuntime } from "../transports/runtime/node/node.ts";
import { TcpTransport } from "../transports/tcp.ts";

const ROUNDS = 5;

/** Messages a second, PUSH to PULL. */
async function throughput(size: number, count: number): Promise<number> {
  await using pull = new Pull();
  const { address } = await pull.bind("tcp://127.0.0.1:0");
  await using push = new Push();
  push.connect(address);
  await push.peers(1);
  const message = new Uint8Array(size);
  const start = performance.now();
  const sending = (async () => {
    for (let i = 0; i < count; i++) {
      const sent = push.send(message);
      if (i % 64 === 0) await sent;
    }
  })();
  for (let taken = 0; taken < count;) taken += (await pull.receiveBatch()).length;
  await sending;
  return count / (performance.now() - start) * 1000;
}

/** Round trips a second, PAIR to PAIR. */
async function roundTrips(count: number): Promise<number> {
  await using pair = new Pair();
  const { address } = await pair.bind("tcp://127.0.0.1:0");
  await using other = new Pair();
  await other.connect(address).opened;
  const message = new Uint8Array(64);
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    await pair.send(message);
    await other.send(await other.receive());
    await pair.receive();
  }
  return count / (performance.now() - start) * 1000;
}

const parts = {
  "64 B, messages/s": () => throughput(64, 200_000),
  "64 KiB, messages/s": () => throughput(64 * 1024, 4_000),
  "1 MiB, messages/s": () => throughput(1024 * 1024 - 64, 300),
  "64 B, round trips/s": () => roundTrips(5_000),
};

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

const own = defaultRuntime();
if (own === nodeRuntime) console.log("This runtime's own network API is node:net");
else {
  for (const [name, measure] of Object.entries(parts)) {
    const figures = { own: [] as number[], node: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const [key, runtime] of [["own", own], ["node", nodeRuntime]] as const) {
        registerTransport(new TcpTransport(() => runtime));
        figures[key].push(await measure());
      }
    }
    const [ours, node] = [median(figures.own), median(figures.node)];
    console.log(
      `${name.padEnd(20)} ${own.name} ${ours.toFixed(0)}, node:net ${node.toFixed(0)}: ` +
        `${(ours / node).toFixed(2)} ×`,
    );
  }
}

/** A calculator of three workers behind a device, as programs. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Child } from "../helpers/process.ts";
import { found, startProgram } from "./programs.ts";

/** Starts the device, and three workers behind it. */
async function startService(): Promise<
  AsyncDisposable & { readonly workers: readonly Child[]; readonly clients: string }
> {
  await using started = new AsyncDisposableStack();
  const device = started.use(startProgram("calculator/device.ts", {
    env: { CLIENTS: "tcp://127.0.0.1:0", WORKERS: "tcp://127.0.0.1:0" },
  }));
  const [clients, address] = await found(device, /^Clients at (\S+), workers at (\S+)$/);
  const workers = [1, 2, 3].map(() =>
    started.use(startProgram("calculator/worker.ts", { env: { WORKERS: address! } }))
  );
  await Promise.all(workers.map((worker) => worker.line(/^Worker \d+ is ready$/)));
  const kept = started.move();
  return { workers, clients: clients!, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function calculate(CLIENTS: string, workers: number): Promise<void> {
  await using client = startProgram("calculator/client.ts", { env: { CLIENTS } });
  const { code, stdout, stderr } = await client.finished();
  assert.equal(stdout.toString(), `1 + 2 = 3\nWorkers that answered: ${workers}\n`, stderr);
  assert.deepEqual([code, stderr], [0, ""]);
}

test("three workers share a client's calls, and one that is told to end does so in order", async () => {
  await using service = await startService();
  await calculate(service.clients, 3);
  const [worker] = service.workers;
  worker!.kill("SIGTERM");
  const { code, stderr } = await worker!.finished();
  assert.deepEqual([code, stderr], [0, ""]);
  await calculate(service.clients, 2);
});

test("the calls that went to a worker that hangs are answered by the others", async () => {
  await using service = await startService();
  service.workers[0]!.kill("SIGSTOP");
  await calculate(service.clients, 2);
});

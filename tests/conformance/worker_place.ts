/** A place where two sockets meet in another thread: each message goes into a worker and out of it again. */

import { Worker } from "node:worker_threads";
import { attachInproc } from "../../mod.ts";
import { addressPlace, type Place } from "./transports.ts";

let worker: Worker | undefined;
const opened: Map<string, () => void> = new Map();

function theWorker(): Worker {
  if (worker !== undefined) return worker;
  worker = new Worker(new URL("../transports/workers/splice.ts", import.meta.url));
  worker.on("message", (name: string) => {
    opened.get(name)?.();
    opened.delete(name);
  });
  attachInproc(worker);
  return worker;
}

/** Has the worker connect who comes to one name with who is bound to another. */
export async function workerPlace(): Promise<Place> {
  const name = crypto.randomUUID();
  const ready = new Promise<void>((resolve) => opened.set(name, resolve));
  theWorker().postMessage({ open: name });
  await ready;
  const back = addressPlace(`inproc://${name}/back`);
  const front = addressPlace(`inproc://${name}/front`);
  return {
    listen: back.listen,
    dial: front.dial,
    [Symbol.asyncDispose]: () => {
      theWorker().postMessage({ close: name });
      return Promise.resolve();
    },
  };
}

/** Ends the worker. */
export async function stopWorker(): Promise<void> {
  await worker?.terminate();
}

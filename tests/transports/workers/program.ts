/** A program with two workers, which ends because nothing is left to do; it is also what each of its workers runs. */

import process from "node:process";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { attachInproc, Pub, Pull, Push, Sub } from "../../../mod.ts";

if (isMainThread) {
  // The first one has to wait for the worker, and is all that the program waits for.
  await using pull = new Pull();
  await pull.bind("inproc://results");
  const pub = new Pub();
  await pub.bind("inproc://done");
  for (const number of [1, 2]) {
    const worker = new Worker(new URL(import.meta.url));
    worker.unref();
    attachInproc(worker);
    worker.postMessage(number);
  }
  const results = [await pull.receive(), await pull.receive()];
  console.log(results.map((result) => new TextDecoder().decode(result)).sort().join("\n"));
  await pub.peers(2);
  await pub.send("done");
  await pub.close();
} else {
  attachInproc();
  parentPort!.once("message", async (number: number) => {
    const push = new Push();
    push.connect("inproc://results");
    const sub = new Sub({ subscribe: "" });
    sub.connect("inproc://done");
    await push.send(`pong ${number}`);
    await sub.receive();
    await Promise.all([push.close(), sub.close()]);
    process.exitCode = 0;
  });
}

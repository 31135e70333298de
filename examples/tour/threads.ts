import { Worker } from "node:worker_threads";
import { attachInproc, Req } from "../../mod.ts";
import { show, text } from "./show.ts";

/** inproc connects threads, after one line on each side. */
export async function threads(): Promise<void> {
  show.pattern("REQ ↔ REP", "inproc, a worker", "the same between threads");
  const worker = new Worker(new URL("./thread.ts", import.meta.url));
  attachInproc(worker);
  await using req = new Req();
  req.connect("inproc://primes");
  show.step("we asked a worker", "how many primes are there below 1,000,000?");
  show.step("it answered", text(await req.request("1000000")));
  await req.close();
  await worker.terminate();
}

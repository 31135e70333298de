/** A worker that a worker has made: it asks a question at the address that it is told, and says the answer. */

import { parentPort } from "node:worker_threads";
import { attachInproc, Req } from "../../../mod.ts";

attachInproc();

parentPort!.once("message", async (address: string) => {
  await using req = new Req();
  req.connect(address);
  parentPort!.postMessage(new TextDecoder().decode(await req.request("from far below")));
});

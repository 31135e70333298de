import { Push, Sink } from "../../mod.ts";
import { ipcAddress, type Other } from "./other.ts";
import { show, take } from "./show.ts";

/** PUSH shares jobs among workers over tcp; the results come back by SOURCE and SINK over ipc. */
export async function pipeline(other: Other): Promise<void> {
  show.pattern("PUSH → PULL", "tcp", "deals jobs out, each to one worker");
  await using push = new Push();
  await using sink = new Sink();
  const jobs = await push.bind("tcp://127.0.0.1:0");
  const results = await sink.bind(ipcAddress());
  await other.play("workers", jobs.address, results.address);
  await push.peers(2);
  for (let job = 1; job <= 4; job++) await push.send(String(job));
  show.step("we pushed", "1, 2, 3, 4");

  show.pattern("SOURCE → SINK", "ipc", "gathers from many");
  for (const result of (await take(sink.readable, 4)).sort()) show.step("we got", result);
}

/** Listens in a process that may have few files, and prints what happens when there are more peers than that. */

import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { Pull } from "../../../mod.ts";

/** How long it is watched while it can take nobody in, in milliseconds. */
const WATCHED = 1000;

const [address = "", tls = "{}"] = process.argv.slice(2);

async function watch(pull: Pull): Promise<void> {
  let failures = 0;
  let reported = false;
  for await (const event of pull.events()) {
    if (event.type !== "accept-failed") continue;
    failures += event.count;
    if (failures === 1) {
      console.log(`full ${event.reason.code}`);
      const before = process.cpuUsage();
      void setTimeout(WATCHED).then(() => {
        const { user, system } = process.cpuUsage(before);
        console.log(`busy ${Math.round((user + system) / 10 / WATCHED)} %`);
        reported = true;
      });
    }
    if (!reported && failures > 100) console.log("too many events");
  }
}

await using pull = new Pull({ tls: JSON.parse(tls) });
const watching = watch(pull);
const listener = await pull.bind(address);
console.log(`bound ${listener.address}`);
console.log(`got ${new TextDecoder().decode(await pull.receive())}`);
await pull.close();
await watching;

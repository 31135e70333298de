/** Listens in a process that may have few files, and prints what happens when there are more peers than that. */

import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { Pull } from "../../../mod.ts";

/** How long it is watched while it can take nobody in, in milliseconds. */
const WATCHED = 1000;

/** The last argument `greedy` has it use up all files by itself, and give them back once it was watched. */
const [address = "", tls = "{}", greedy] = process.argv.slice(2);

const taken: number[] = [];

function takeAll(): void {
  // Deno 2.9 takes files of its own for signals some time after the start, and panics if there are none.
  const ignore = (): void => {};
  process.on("SIGUSR2", ignore).off("SIGUSR2", ignore);
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch {
    // There are as many as there may be.
  }
}

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
        for (const file of taken) closeSync(file);
      });
    }
    if (!reported && failures > 100) console.log("too many events");
  }
}

await using pull = new Pull({ tls: JSON.parse(tls) });
const watching = watch(pull);
const listener = await pull.bind(address);
if (greedy !== undefined) takeAll();
console.log(`bound ${listener.address}`);
console.log(`got ${new TextDecoder().decode(await pull.receive())}`);
await pull.close();
await watching;

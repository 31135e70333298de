/** Binds one path after the other, each at its time, and prints which of them it has got. Holds them until it is killed. */

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Pull, SPError } from "../../../mod.ts";

const [folder = "", rounds = "", start = "", pause = ""] = process.argv.slice(2);

const outcomes: string[] = [];
for (let round = 0; round < Number(rounds); round++) {
  // As exactly at the same time as it goes: timers are late by a millisecond or two.
  const due = Number(start) + round * Number(pause);
  await sleep(due - Date.now() - 2);
  while (Date.now() < due);
  const pull = new Pull();
  try {
    await pull.bind(`ipc://${folder}/${round}`);
    outcomes.push("bound");
  } catch (error) {
    outcomes.push(error instanceof SPError ? error.code : String(error));
    await pull.close();
  }
}
console.log(JSON.stringify(outcomes));
setInterval(() => {}, 1000);

/** Binds one path after the other, each at its time, and prints which of them it has got. Holds them until it is killed. */

import process from "node:process";
import { Pull, SPError } from "../../../mod.ts";

const [folder = "", rounds = "", start = "", pause = ""] = process.argv.slice(2);

const outcomes: string[] = [];
for (let round = 0; round < Number(rounds); round++) {
  // As exactly at the same time as it goes.
  while (Date.now() < Number(start) + round * Number(pause));
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

/** Binds and connects, pair by pair, as the JSON on its standard input says; prints who was reached, or why nobody was. */

import process from "node:process";
import { text } from "node:stream/consumers";
import { Pull, Push } from "../../../mod.ts";

/** What to bind, what to connect to on the port that this has. */
export type Meeting = readonly [bind: string, connect: string];

async function meet([bind, connect]: Meeting): Promise<readonly string[]> {
  await using pull = new Pull();
  await using push = new Push();
  try {
    const { address } = await pull.bind(bind);
    const port = address.slice(address.lastIndexOf(":"));
    const { remoteAddress } = await push.connect(connect + port, { failFast: true }).opened;
    await push.send("hello");
    await pull.receive();
    const [peer] = pull.stats().peers;
    return [remoteAddress, peer!.remoteAddress].map((one) => one.replace(/:\d+$/, ""));
  } catch (error) {
    return [(error as Error).message.replace(/(?<=test:)\d+"/, '0"')];
  }
}

const outcomes: (readonly string[])[] = [];
for (const meeting of JSON.parse(await text(process.stdin)) as Meeting[]) {
  outcomes.push(await meet(meeting));
}
console.log(JSON.stringify(outcomes));

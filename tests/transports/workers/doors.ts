/** Loads two doors, one after the other, and says who serves which scheme: before, between and after the user's own. */

import process from "node:process";
import type { Transport } from "../../../src/contracts/transport.ts";
import { findTransport, registerTransport } from "../../../src/surface/transports.ts";

const [first = "", second = "", registers] = process.argv.slice(2);

class Mine implements Transport {
  readonly schemes: readonly string[] = ["inproc", "ws", "mine"];

  connect(): never {
    throw new Error("Nobody connects");
  }

  bind(): never {
    throw new Error("Nobody binds");
  }
}

const door = (name: string): Promise<unknown> => import(`../../../${name}`);
await door(first);
if (registers === "registers") registerTransport(new Mine());
await door(second);
const served = ["inproc", "ws", "wss"].map((scheme) =>
  findTransport("connect", `${scheme}://name`).transport.constructor.name
);
console.log(served.join(" "));

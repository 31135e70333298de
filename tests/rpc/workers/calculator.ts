// A calculator for `restart.test.ts`, which kills it: bound to the first argument, it writes down each call that it executes.

import { appendFileSync } from "node:fs";
import process from "node:process";
import { Rep } from "../../../mod.ts";
import { serveRpc } from "../../../rpc/mod.ts";

const [address, log] = process.argv.slice(2);

const rep = new Rep();
await rep.bind(address!);
console.log("bound");
await serveRpc(rep, {
  async add(a: number, b: number): Promise<number> {
    // At once, so that nothing of it is lost when the process is killed.
    appendFileSync(log!, `${process.pid} ${a}\n`);
    await new Promise((resolve) => setTimeout(resolve, a % 5));
    return a + b;
  },
});

/** Binds and connects until the system gives no more files, and prints the codes of what failed. */

import { openSync } from "node:fs";
import process from "node:process";
import { Pull, Push, SPError } from "../../../mod.ts";

const [address = ""] = process.argv.slice(2);

function codeOf(error: unknown): string {
  return error instanceof SPError ? error.code : String(error);
}

// Whatever is loaded when it is first needed is loaded before.
const first = new Pull();
const { address: bound } = await first.bind(address);
const peer = new Push();
await peer.connect(bound).opened;
await first.peers(1);

try {
  for (;;) openSync("/dev/null", "r");
} catch {
  // There are as many as there may be.
}
const bind = await new Pull().bind(address.endsWith(":0") ? address : `${address}2`).then(
  () => "bound",
  codeOf,
);
const connect = await new Push().connect(bound, { failFast: true }).opened
  .then(() => "connected", codeOf);
console.log(JSON.stringify([bind, connect]));
process.exit(0);

/**
 * A PULL and a REP socket, bound to the addresses that are its arguments, for a client in another runtime.
 *
 * Prints `pull ADDRESS` and `rep ADDRESS` for each, then for each message pulled its length and its hash. It answers
 * a request with the same bytes in reverse.
 */

import process from "node:process";
import { Pull, Rep } from "../../../mod.ts";
import { fnv } from "../messages.ts";

const pull = new Pull();
const rep = new Rep();
for (const address of process.argv.slice(2)) {
  const [forPull, forRep] = address.endsWith(":0")
    ? [address, address]
    : [`${address}-pull`, `${address}-rep`];
  console.log(`pull ${(await pull.bind(forPull)).address}`);
  console.log(`rep ${(await rep.bind(forRep)).address}`);
}
rep.serve((request) => request.toReversed());
for await (const message of pull) console.log(`pulled ${message.length} ${fnv(message)}`);

// Collects the log of many applications, and prints it: a line of JSON for each entry, with the address that it came from.
//
//   node examples/programs/log/collector.ts >> log.ndjson
//   node examples/programs/log/client.ts shop
import { Console } from "node:console";
import process from "node:process";
import { Pull } from "@nanostreams/nanostreams";
import { logEvents } from "@nanostreams/nanostreams/observe";
import { entry } from "./entry.ts";

const pull = new Pull({ codec: entry });
logEvents(pull, new Console(process.stderr)); // who comes and goes, and what is not JSON
const { address } = await pull.bind(process.env["ADDRESS"] ?? "tcp://127.0.0.1:5555");
console.error(`Collecting at ${address}`);
for await (const { message, peer } of pull.messages()) {
  // `from` stands behind the message, so that no message can have another one.
  console.log(JSON.stringify({ ...message, from: peer.remoteAddress, at: new Date() }));
}

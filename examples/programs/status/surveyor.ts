// Asks all services how they are, again and again. They may come and go: respondent.ts.
import process from "node:process";
import { Surveyor } from "@nanostreams/nanostreams";
import { text } from "@nanostreams/nanostreams/codecs";
import { status } from "./status.ts";

const surveyor = new Surveyor({ codec: { request: text(), reply: status }, deadline: 1_000 });
const { address } = await surveyor.bind(process.env["ADDRESS"] ?? "tcp://127.0.0.1:5557");
console.log(`Asking at ${address}`);
while (true) {
  for await (const { message, peer } of surveyor.responses("How are you?")) {
    console.log(`${peer.remoteAddress} is well, for ${message.uptime} s: ${message.metrics}`);
  }
}

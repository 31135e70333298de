// zeromq.js's example of PUSH and PULL: the worker. The other end is producer.ts.
import process from "node:process";
import { Pull } from "@nanostreams/nanostreams/zmtp";

const { ADDRESS = "tcp://127.0.0.1:3000" } = process.env;

const pull = new Pull();
pull.connect(ADDRESS);
console.log(`Worker connects to ${ADDRESS}`);

const text = new TextDecoder();
for await (const [work] of pull) {
  console.log("work: %s", text.decode(work));
}

// zeromq.js's example of PUSH and PULL: the producer. The other end is worker.ts.
import process from "node:process";
import { Push } from "@nanostreams/nanostreams/zmtp";

const { ADDRESS = "tcp://127.0.0.1:3000" } = process.env;

const push = new Push();
const { address } = await push.bind(ADDRESS);
console.log(`Producer bound to ${address}`);

while (true) {
  await push.send("some work");
  await new Promise((resolve) => setTimeout(resolve, 500));
}

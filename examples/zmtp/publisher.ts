// zeromq.js's example of PUB and SUB: the publisher. The other end is subscriber.ts.
import process from "node:process";
import { Pub } from "@nanostreams/nanostreams/zmtp";

const { ADDRESS = "tcp://127.0.0.1:3000" } = process.env;

const pub = new Pub();
const { address } = await pub.bind(ADDRESS);
console.log(`Publisher bound to ${address}`);

while (true) {
  console.log("sending a multipart message envelope");
  await pub.send(["kitty cats", "meow!"]);
  await new Promise((resolve) => setTimeout(resolve, 500));
}

// zeromq.js's example of PUB and SUB: the subscriber. The other end is publisher.ts.
import process from "node:process";
import { Sub } from "@nanostreams/nanostreams/zmtp";

const { ADDRESS = "tcp://127.0.0.1:3000" } = process.env;

const sub = new Sub();
sub.connect(ADDRESS);
sub.subscribe("kitty cats");
console.log(`Subscriber connects to ${ADDRESS}`);

const text = new TextDecoder();
for await (const [topic, message] of sub) {
  console.log(
    "received a message related to: %s containing message: %s",
    text.decode(topic),
    text.decode(message),
  );
}

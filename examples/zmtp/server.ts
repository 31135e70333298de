// zeromq.js's example of REQ and REP: the server. The other end is client.ts.
import process from "node:process";
import { Rep } from "@nanostreams/nanostreams/zmtp";

const { ADDRESS = "tcp://127.0.0.1:3000" } = process.env;

const rep = new Rep();
const { address } = await rep.bind(ADDRESS);
console.log(`Server bound to ${address}`);

const text = new TextDecoder();
for await (const [number] of rep) {
  await rep.send(String(2 * Number(text.decode(number))));
}

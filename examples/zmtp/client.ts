// zeromq.js's example of REQ and REP: the client. The other end is server.ts.
import process from "node:process";
import { Req } from "@nanostreams/nanostreams/zmtp";

const { ADDRESS = "tcp://127.0.0.1:3000" } = process.env;

await using req = new Req(); // closed at the end, so that the program ends
req.connect(ADDRESS);
console.log(`Client connects to ${ADDRESS}`);

await req.send("4");
const [result] = await req.receive();
console.log(new TextDecoder().decode(result));

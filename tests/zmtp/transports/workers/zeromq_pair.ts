/** A PAIR of npm's `zeromq`, which is libzmq: binds or connects, says where it is, and sends back what it receives. */

import process from "node:process";
import { Pair } from "zeromq";

const [role, address = ""] = process.argv.slice(2);
const pair = new Pair();
if (role === "bind") await pair.bind(address);
else pair.connect(address);
console.log(`at ${pair.lastEndpoint}`);
for await (const frames of pair) await pair.send(frames);

/**
 * A PUSH and a REQ socket, connected to the server's: `client.ts PULL_ADDRESS REP_ADDRESS`.
 *
 * Sends every message by both, requests all at once, and prints for each reply its length and its hash.
 */

import process from "node:process";
import { Push, Req } from "../../../mod.ts";
import { fnv, MESSAGES } from "../messages.ts";

const [pullAddress, repAddress] = process.argv.slice(2);
const push = new Push();
const req = new Req();
push.connect(pullAddress!);
req.connect(repAddress!);
for (const message of MESSAGES) await push.send(message);
const replies = await Promise.all(MESSAGES.map((message) => req.request(message)));
for (const reply of replies) console.log(`answered ${reply.length} ${fnv(reply)}`);
await Promise.all([push.close(), req.close()]);

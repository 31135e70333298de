// A client of the calculator. It knows nothing of the workers, only device.ts.
import process from "node:process";
import { Req } from "@nanostreams/nanostreams";
import { rpcClient } from "@nanostreams/nanostreams/rpc";
import type { calculator } from "./calculator.ts";

// It does not see that a worker behind the device was killed: what is not answered within a second goes to another one.
await using req = new Req({ resendInterval: 1_000 });
req.connect(process.env["CLIENTS"] ?? "tcp://127.0.0.1:5555");
const calc = rpcClient<typeof calculator>(req, { timeout: 10_000 });

console.log("1 + 2 =", await calc.add(1, 2));
const workers = await Promise.all(Array.from({ length: 30 }, () => calc.worker()));
console.log("Workers that answered:", new Set(workers).size);

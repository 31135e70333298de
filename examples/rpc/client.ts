// A client of the calculator. The other end is server.ts.
import process from "node:process";
import { Req } from "@nanostreams/nanostreams";
import { rpcClient, RpcError } from "@nanostreams/nanostreams/rpc";
import type { calculator } from "./calculator.ts";

const { ADDRESS = "tcp://127.0.0.1:5555" } = process.env;

await using req = new Req();
req.connect(ADDRESS);
const calc = rpcClient<typeof calculator>(req);

console.log("1 + 2 =", await calc.add(1, 2, { timeout: 5_000 }));
try {
  await calc.divide(1, 0);
} catch (error) {
  if (!(error instanceof RpcError)) throw error;
  console.log(`${error.message} (${error.code})`);
}
const results = await calc.$batch((call) => [call.sum(1, 2, 3), call.divide(1, 4)]);
console.log(results.map((one) => one.status === "fulfilled" ? one.value : one.reason.message));

// One address for the clients, and one for the workers, which may come and go. Start the device, then three workers, then a client:
//
//   node examples/programs/calculator/device.ts
//   node examples/programs/calculator/worker.ts
//   node examples/programs/calculator/client.ts
import process from "node:process";
import { device, RawSocket } from "@nanostreams/nanostreams";

const clients = new RawSocket("rep");
const workers = new RawSocket("req");
const front = await clients.bind(process.env["CLIENTS"] ?? "tcp://127.0.0.1:5555");
const back = await workers.bind(process.env["WORKERS"] ?? "tcp://127.0.0.1:5556");
device(clients, workers);
console.log(`Clients at ${front.address}, workers at ${back.address}`);

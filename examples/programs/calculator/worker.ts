// One of several workers. It connects to device.ts, so that it needs no address of its own.
import process from "node:process";
import { Rep } from "@nanostreams/nanostreams";
import { serveRpc } from "@nanostreams/nanostreams/rpc";
import { calculator } from "./calculator.ts";

const rep = new Rep();
await rep.connect(process.env["WORKERS"] ?? "tcp://127.0.0.1:5556").opened;
console.log(`Worker ${process.pid} is ready`);
process.once("SIGTERM", () => rep.drain()); // answers what it has, and ends
await serveRpc(rep, calculator);

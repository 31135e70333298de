// A calculator that serves by JSON-RPC 2.0.
import process from "node:process";
import { Rep } from "@nanostreams/nanostreams";
import { serveRpc } from "@nanostreams/nanostreams/rpc";
import { calculator } from "./calculator.ts";

const { ADDRESS = "tcp://127.0.0.1:5555" } = process.env;

const rep = new Rep();
const { address } = await rep.bind(ADDRESS);
console.log(`Calculator bound to ${address}`);
await serveRpc(rep, calculator);

// Publishes lines of JSON, each under the topic in it.
//
//   node examples/scripts/publish_ndjson.ts
//   node examples/scripts/subscribe_ndjson.ts cpu.1
import process from "node:process";
import { Readable } from "node:stream";
import { Pub } from "@nanostreams/nanostreams";
import { json, MessageEncoderStream, ndjson, topic } from "@nanostreams/nanostreams/codecs";

interface Reading {
  topic: string;
  value: number;
}

const stdin = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;

await using pub = new Pub();
const { address } = await pub.bind(process.env["ADDRESS"] ?? "tcp://127.0.0.1:5556");
console.error(`bound to ${address}`);
await pub.peers(1);
await stdin
  .pipeThrough(ndjson<Reading>())
  .pipeThrough(new MessageEncoderStream(topic(json<number>())))
  .pipeTo(pub.writable);

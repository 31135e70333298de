// Prints what is published under some topics, as lines of JSON.
//
//   node examples/scripts/subscribe_ndjson.ts cpu.1 cpu.2
import process from "node:process";
import { Writable } from "node:stream";
import { Sub } from "@nanostreams/nanostreams";
import { json, MessageDecoderStream, toNdjson, topic } from "@nanostreams/nanostreams/codecs";

const codec = topic(json<number>());
const stdout = Writable.toWeb(process.stdout) as WritableStream<Uint8Array>;

const topics = process.argv.slice(2);
await using sub = new Sub({ subscribe: (topics.length > 0 ? topics : [""]).map(codec.prefix) });
sub.connect(process.env["ADDRESS"] ?? "tcp://127.0.0.1:5556");
await sub.readable
  .pipeThrough(new MessageDecoderStream(codec))
  .pipeThrough(toNdjson())
  .pipeTo(stdout);

// Sends each line of standard input as a message.
//
//   node examples/scripts/print_lines.ts
//   seq 3 | node examples/scripts/push_lines.ts
import process from "node:process";
import { Readable } from "node:stream";
import { Push } from "@nanostreams/nanostreams";
import { lines } from "@nanostreams/nanostreams/codecs";

// The same on Node, Deno and Bun. With Deno alone it is `Deno.stdin.readable`, with Bun alone `Bun.stdin.stream()`.
const stdin = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;

await using push = new Push({ linger: 10_000 });
push.connect(process.env["ADDRESS"] ?? "tcp://127.0.0.1:5555");
await stdin.pipeThrough(lines()).pipeTo(push.writable);

// Prints each message on a line of its own.
//
//   node examples/scripts/print_lines.ts
//   nanocat --push --connect tcp://127.0.0.1:5555 --data hello
import process from "node:process";
import { Writable } from "node:stream";
import { Pull } from "@nanostreams/nanostreams";
import { toLines } from "@nanostreams/nanostreams/codecs";

// The same on Node, Deno and Bun. With Deno alone it is `Deno.stdout.writable`.
const stdout = Writable.toWeb(process.stdout) as WritableStream<Uint8Array>;

await using pull = new Pull();
const { address } = await pull.bind(process.env["ADDRESS"] ?? "tcp://127.0.0.1:5555");
console.error(`bound to ${address}`);
// A message with a newline must not stop the other lines.
await pull.readable.pipeThrough(toLines({ lineBreaks: "escape" })).pipeTo(stdout);

// Prints each message on a line of its own, with Deno's own APIs.
//
//   deno run -N examples/scripts/deno_print_lines.ts
import { Pull } from "@nanostreams/nanostreams";
import { toLines } from "@nanostreams/nanostreams/codecs";

await using pull = new Pull();
const { address } = await pull.bind(Deno.args[0] ?? "tcp://127.0.0.1:5555");
console.error(`bound to ${address}`);
await pull.readable.pipeThrough(toLines({ lineBreaks: "escape" })).pipeTo(Deno.stdout.writable);

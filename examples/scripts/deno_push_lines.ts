// Sends each line of standard input as a message, with Deno's own APIs.
//
//   seq 3 | deno run -N examples/scripts/deno_push_lines.ts
import { Push } from "@nanostreams/nanostreams";
import { lines } from "@nanostreams/nanostreams/codecs";

await using push = new Push({ linger: 10_000 });
push.connect(Deno.args[0] ?? "tcp://127.0.0.1:5555");
await Deno.stdin.readable.pipeThrough(lines()).pipeTo(push.writable);

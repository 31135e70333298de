// Sends each line of standard input as a message, by Deno's own standard library. It has no limit for a line, and needs JSR.
//
//   seq 3 | deno run -N examples/scripts/jsr/text_line_stream.ts
import { TextLineStream } from "jsr:@std/streams@1/text-line-stream";
import { Push } from "@nanostreams/nanostreams";

await using push = new Push({ linger: 10_000 });
push.connect(Deno.args[0] ?? "tcp://127.0.0.1:5555");
await Deno.stdin.readable
  .pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream())
  .pipeTo(push.writable);

// Each line of standard input is a message, and goes to one of the workers that pull.
//
//   nanocat --pull --bind tcp://127.0.0.1:5555 --ascii
//   ls | deno run --allow-net --allow-env examples/deno/send_lines.ts tcp://127.0.0.1:5555
import { Push } from "@nanostreams/nanostreams";
import { TextLineStream } from "@std/streams/text-line-stream";

const [address = "tcp://127.0.0.1:5555"] = Deno.args;
await using push = new Push();
push.connect(address);
await Deno.stdin.readable
  .pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream())
  .pipeTo(push.writable);

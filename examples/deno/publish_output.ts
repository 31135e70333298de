// Publishes what a program prints, line by line. It starts with the first subscriber.
//
//   nanocat --sub --connect tcp://127.0.0.1:5556 --ascii
//   deno run --allow-net --allow-env --allow-run examples/deno/publish_output.ts tcp://127.0.0.1:5556 ping 127.0.0.1
import { Pub } from "@nanostreams/nanostreams";
import { TextLineStream } from "@std/streams/text-line-stream";

const [address = "tcp://127.0.0.1:5556", program = "vmstat", ...args] = Deno.args;
await using pub = new Pub();
const listener = await pub.bind(address);
console.log(`${program} is published at ${listener.address}`);
await pub.peers(1);

const child = new Deno.Command(program, { args, stdout: "piped" }).spawn();
await child.stdout
  .pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream())
  .pipeTo(pub.writable);

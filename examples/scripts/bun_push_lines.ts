// Sends each line of standard input as a message, with Bun's own APIs.
//
//   seq 3 | bun examples/scripts/bun_push_lines.ts
import { Push } from "@nanostreams/nanostreams";
import { lines } from "@nanostreams/nanostreams/codecs";

/** The part of it that is used here, if @types/bun is missing. */
declare const Bun: {
  readonly argv: readonly string[];
  readonly stdin: { stream(): ReadableStream<Uint8Array<ArrayBuffer>> };
};

await using push = new Push({ linger: 10_000 });
push.connect(Bun.argv[2] ?? "tcp://127.0.0.1:5555");
await Bun.stdin.stream().pipeThrough(lines()).pipeTo(push.writable);

// Pages get the platform's stream as it is.

export type { DirectWay, Settler } from "../../src/direct_stream.ts";

/** A stream all of whose chunks go through its queue: there is nothing to flush, and nothing to drop. */
export class DirectStream<Chunk, _Message> extends WritableStream<Chunk> {
  readonly flushed: Promise<void> | undefined;

  drop(): void {}

  behind(): Promise<void> | undefined {
    return undefined;
  }
}

import type { Sample } from "../model/sample.ts";
import { Queue } from "./lib/queue.ts";
import type { Node, NodeContext, NodeType } from "./node.ts";

class LoopbackNode implements Node {
  readonly details: string;
  readonly #context: NodeContext;
  readonly #queue: Queue<Sample>;

  constructor(context: NodeContext) {
    const length = context.settings.integer("queuelen", 1) ?? 1024;
    context.settings.string("mode");
    this.#context = context;
    this.#queue = new Queue(length);
    this.details = `queuelen=${length}`;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  read(): AsyncIterable<readonly Sample[]> {
    return this.#queue.take();
  }

  write(samples: readonly Sample[]): Promise<void> {
    const lost = samples.filter((sample) => !this.#queue.push(sample)).length;
    if (lost > 0) this.#context.dropped(lost, "the queue is full");
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#queue.close();
    return Promise.resolve();
  }
}

/** `loopback`: what is written to it is read from it. */
export const loopback: NodeType = {
  name: "loopback",
  create: (context): Node => new LoopbackNode(context),
};

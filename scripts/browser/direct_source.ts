// Instead of src/direct_source.ts: pages read few messages, and the platform's own readers will do.

export type { Source, SourceOptions } from "../../src/direct_source.ts";
import type { Source, SourceOptions } from "../../src/direct_source.ts";

/** A stream of the platform, and what fills it. */
export class DirectSource<In, Out> {
  readonly stream: ReadableStream<Out>;
  readonly #take: (item: In) => Out;
  #controller: ReadableStreamDefaultController<Out> | undefined;

  constructor({ next, want, cancel }: Source<In>, { take }: SourceOptions<In, Out>) {
    this.#take = take;
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => {
        const item = next();
        if (item === undefined) want(true);
        else this.enqueue(item);
      },
      cancel: () => {
        this.#controller = undefined;
        cancel();
      },
    }, { highWaterMark: 0 });
  }

  get open(): boolean {
    return this.#controller !== undefined;
  }

  enqueue(item: In): void {
    this.#controller!.enqueue(this.#take(item));
  }

  close(): void {
    this.#controller?.close();
    this.#controller = undefined;
  }

  error(reason: unknown): void {
    this.#controller?.error(reason);
    this.#controller = undefined;
  }
}

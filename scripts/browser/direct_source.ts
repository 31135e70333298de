// In pages, the platform's own readers: a page reads what is worth drawing, and that is less.

export type { Source } from "../../src/direct_source.ts";
import type { Source } from "../../src/direct_source.ts";

/** A stream of the platform, and what fills it. */
export class DirectSource<Chunk> {
  readonly stream: ReadableStream<Chunk>;
  readonly isAsked: boolean = false;
  #controller: ReadableStreamDefaultController<Chunk> | undefined;

  constructor({ pull, cancel }: Source<Chunk>) {
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull,
      cancel: () => {
        this.#controller = undefined;
        cancel();
      },
    }, { highWaterMark: 0 });
  }

  get open(): boolean {
    return this.#controller !== undefined;
  }

  enqueue(chunk: Chunk): void {
    this.#controller!.enqueue(chunk);
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

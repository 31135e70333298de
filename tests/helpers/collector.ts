/** A transformer's controller that keeps what it is given. */

import type { TransformController } from "../../src/contracts/transformer.ts";

/** Keeps what a transformer passes on, and why it gave up. */
export class Collector<T> implements TransformController<T> {
  readonly chunks: T[] = [];
  readonly errors: unknown[] = [];

  enqueue(chunk: T): void {
    this.chunks.push(chunk);
  }

  error(reason: unknown): void {
    this.errors.push(reason);
  }
}

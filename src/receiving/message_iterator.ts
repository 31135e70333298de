import type { Leaving } from "./taker.ts";

/** There is no more. */
export const OVER: IteratorReturnResult<undefined> = Object.freeze({
  value: undefined,
  done: true,
});

/** Message after message. Written by hand: an async generator would double what a message costs. */
export class MessageIterator<As> implements AsyncIterableIterator<As>, Leaving {
  /** What `next` answers when there is no more. */
  readonly over: IteratorReturnResult<undefined> = OVER;
  readonly #next: (iterator: Leaving) => Promise<IteratorResult<As>>;
  readonly #leave: (iterator: Leaving) => void;
  #hasLeft = false;

  /** @param next Gets the next one, or `OVER`. @param leave Told that the loop was left: calls of `next` that wait are over. */
  constructor(
    next: (iterator: Leaving) => Promise<IteratorResult<As>>,
    leave: (iterator: Leaving) => void,
  ) {
    this.#next = next;
    this.#leave = leave;
  }

  next(): Promise<IteratorResult<As>> {
    return this.#hasLeft ? Promise.resolve(this.over) : this.#next(this);
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#hasLeft = true;
    this.#leave(this);
    return Promise.resolve(this.over);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

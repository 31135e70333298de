import { quiet, type Waiter } from "../base/wait.ts";

/** Someone who waits for the next message. */
export interface Waiting<In> {
  /** Gives the message to who waits. */
  give(item: In): void;
  /** Tells who waits that none will come. */
  fail(reason: unknown): void;
  /** Tells who waits that the socket is closed: no unhandled rejection, should nobody wait any more. */
  cancel(reason: unknown): void;
  /** The iterator whose `next` waits, if it is one. */
  readonly iterator?: Leaving | undefined;
  /** The loop was left: `next` is over. */
  leave(): void;
}

/** An iterator, as those who wait for it know it. */
export interface Leaving {
  /** What `next` answers once the loop was left. */
  readonly over: unknown;
}

/** One who waits without a limit, as most do: no more than a promise. */
export class Taker<In, As> implements Waiting<In> {
  readonly promise: Promise<As>;
  readonly iterator: Leaving | undefined;
  readonly #take: (item: In) => As;
  readonly #fail: ((reason: unknown) => As) | undefined;
  #resolve!: (value: As) => void;
  #reject!: (reason: unknown) => void;

  /** @param take What is made of a message. @param fail What is made of a failure. @param iterator Whose `next` waits. */
  constructor(
    take: (item: In) => As,
    fail: ((reason: unknown) => As) | undefined,
    iterator: Leaving | undefined,
  ) {
    this.iterator = iterator;
    this.#take = take;
    this.#fail = fail;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  give(item: In): void {
    this.#resolve(this.#take(item));
  }

  fail(reason: unknown): void {
    if (this.#fail === undefined) return this.#reject(reason);
    try {
      this.#resolve(this.#fail(reason));
    } catch (error) {
      this.#reject(error);
    }
  }

  cancel(reason: unknown): void {
    quiet(this.promise);
    this.fail(reason);
  }

  leave(): void {
    this.#resolve(this.iterator!.over as As);
  }
}

/** One who waits with a signal or a timeout. */
export class LimitedTaker<In, As> implements Waiting<In> {
  readonly iterator: Leaving | undefined;
  readonly #waiter: Waiter<As>;
  readonly #take: (item: In) => As;

  /** @param waiter Limits the wait. @param take What is made of a message. @param iterator Whose `next` waits. */
  constructor(waiter: Waiter<As>, take: (item: In) => As, iterator: Leaving | undefined) {
    this.iterator = iterator;
    this.#waiter = waiter;
    this.#take = take;
  }

  give(item: In): void {
    this.#waiter.resolve(this.#take(item));
  }

  fail(reason: unknown): void {
    this.#waiter.reject(reason);
  }

  cancel(reason: unknown): void {
    this.#waiter.cancel(reason);
  }

  leave(): void {
    this.#waiter.resolve(this.iterator!.over as As);
  }
}

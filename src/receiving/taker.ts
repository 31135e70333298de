import { Ring } from "../base/ring.ts";
import { quiet, Waiter, type WaitOptions } from "../base/wait.ts";

/** Someone who waits for the next message. */
export interface Waiting<In> {
  /** What is made of the message for who waits; throws if nothing can be. */
  readonly take: (item: In) => unknown;
  /** Gives what was made to who waits. */
  give(made: unknown): void;
  /** Tells who waits that none will come. */
  fail(reason: unknown): void;
  /** Tells who waits that the socket is closed: no unhandled rejection, should nobody wait any more. */
  cancel(reason: unknown): void;
  /** The iterator whose `next` waits, if it is one. */
  readonly iterator?: Leaving | undefined;
  /** The loop was left: `next` is over. */
  leave(): void;
  /** Whether it waits no more: its signal, or its time, has ended that. */
  readonly isOver: boolean;
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
  readonly take: (item: In) => As;
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
    this.take = take;
    this.#fail = fail;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  give(made: unknown): void {
    this.#resolve(made as As);
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

  get isOver(): boolean {
    return false;
  }
}

/** One who waits with a signal or a timeout. */
export class LimitedTaker<In, As> implements Waiting<In> {
  readonly iterator: Leaving | undefined;
  readonly take: (item: In) => As;
  readonly #waiter: Waiter<As>;

  /** @param waiter Limits the wait. @param take What is made of a message. @param iterator Whose `next` waits. */
  constructor(waiter: Waiter<As>, take: (item: In) => As, iterator: Leaving | undefined) {
    this.iterator = iterator;
    this.#waiter = waiter;
    this.take = take;
  }

  give(made: unknown): void {
    this.#waiter.resolve(made as As);
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

  get isOver(): boolean {
    return this.#waiter.settled;
  }
}

/** Those who wait for messages, the first one first. */
export class Takers<In> {
  readonly #waiting: Ring<Waiting<In>> = new Ring();
  readonly #options: { readonly receiveTimeout: number; readonly check?: () => unknown };
  #closed: { readonly reason: unknown } | undefined;

  /** @param options How long to wait unless told otherwise; `check` throws if nothing can ever come. */
  constructor(options: { readonly receiveTimeout: number; readonly check?: () => unknown }) {
    this.#options = options;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Waits for a message: `take` makes of it what is wanted, `fail` of a failure. `iterator` is whose `next` waits, if it is one. */
  wait<As>(
    take: (item: In) => As,
    options: WaitOptions | undefined,
    fail?: (reason: unknown) => As,
    iterator?: Leaving,
  ): Promise<As> {
    try {
      this.#options.check?.();
    } catch (error) {
      return Promise.reject(error);
    }
    const { signal, timeout = this.#options.receiveTimeout } = options ?? {};
    if (signal === undefined && timeout === Infinity) {
      const taker = new Taker(take, fail, iterator);
      this.#waiting.push(taker);
      return taker.promise;
    }
    const waiter: Waiter<As> = new Waiter(signal, () => this.#waiting.remove(taker));
    const taker = new LimitedTaker<In, As>(waiter.limit(timeout, "receive"), take, iterator);
    this.#waiting.push(taker);
    return fail === undefined ? waiter.promise : waiter.promise.catch(fail);
  }

  /** Takes out the first. */
  next(): Waiting<In> | undefined {
    return this.#waiting.shift();
  }

  /** What had come was nothing for the first, who waits for the next. If none can come, all wait in vain. */
  putBack(waiting: Waiting<In>): void {
    if (this.#closed !== undefined) return waiting.cancel(this.#closed.reason);
    // A codec may have aborted its signal meanwhile.
    if (waiting.isOver) return;
    try {
      this.#options.check?.();
      this.#waiting.unshift(waiting);
    } catch (reason) {
      waiting.fail(reason);
      this.fail(reason);
    }
  }

  /** A loop was left: its calls of `next` that wait would swallow the next messages. */
  leave(iterator: Leaving): void {
    this.#waiting.filter((waiting) => {
      if (waiting.iterator !== iterator) return true;
      waiting.leave();
      return false;
    });
  }

  /** Tells all who wait that nothing will come. Returns how many did. */
  fail(reason: unknown): number {
    const { size } = this.#waiting;
    for (let next; (next = this.#waiting.shift()) !== undefined;) next.fail(reason);
    return size;
  }

  /** The same, for good. */
  close(reason: unknown): void {
    this.#closed = { reason };
    for (let next; (next = this.#waiting.shift()) !== undefined;) next.cancel(reason);
  }
}

import { SPError } from "./errors.ts";
import { MILLISECONDS, type Rules } from "./rules.ts";

/** A longer timer would fire at once: what is longer is for ever. */
export const LONGEST_TIMER = 0x7fff_ffff;

/** Calls back after that many milliseconds, as `setTimeout` does; after `Infinity` never, and returns no timer then. */
export function later(
  milliseconds: number,
  callback: () => void,
): ReturnType<typeof setTimeout> | undefined {
  return milliseconds > LONGEST_TIMER ? undefined : setTimeout(callback, milliseconds);
}

/** Options of everything that waits. */
export interface WaitOptions {
  /** Ends the wait: it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How long to wait, in milliseconds; then it rejects with `ETIMEDOUT`. By default as long as the socket's options say. */
  timeout?: number | undefined;
}

/** Rules of {@linkcode WaitOptions}. */
export const WAIT_RULES: Rules = {
  signal: (value) => value instanceof AbortSignal ? undefined : "an AbortSignal",
  timeout: MILLISECONDS,
};

/**
 * Someone who waits for a value, with at most one signal and one timer; whatever settles it
 * takes both away, so that nothing is left behind.
 */
export class Waiter<T> {
  /** Settles with the wait. */
  readonly promise: Promise<T>;
  /** Whether it is over. */
  settled = false;
  #resolve!: (value: T) => void;
  #reject!: (reason: unknown) => void;
  #signal: AbortSignal | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onEnd: (() => void) | undefined;

  /**
   * @param signal Ends the wait with its reason.
   * @param onGiveUp Called when signal or timer ended the wait.
   */
  constructor(signal?: AbortSignal, onGiveUp?: () => void) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#onEnd = onGiveUp;
    if (signal === undefined) return;
    if (signal.aborted) {
      this.#giveUp(signal.reason);
      return;
    }
    this.#signal = signal;
    signal.addEventListener("abort", this.#onAbort);
  }

  /** Has the wait reject with `ETIMEDOUT` after that many milliseconds, whatever was said before; `Infinity` waits for ever. */
  limit(milliseconds: number, what: string): this {
    clearTimeout(this.#timer);
    if (this.settled) return this;
    this.#timer = later(milliseconds, () => {
      this.#giveUp(new SPError("ETIMEDOUT", `Cannot ${what}: ${milliseconds} ms have passed`));
    });
    return this;
  }

  /** Ends the wait with a value. */
  resolve(value: T): void {
    if (this.#settle()) this.#resolve(value);
  }

  /** Ends the wait with a reason. */
  reject(reason: unknown): void {
    if (this.#settle()) this.#reject(reason);
  }

  /** Ends the wait because the socket is closed: no unhandled rejection, should nobody wait any more. */
  cancel(reason: unknown): void {
    quiet(this.promise);
    this.reject(reason);
  }

  readonly #onAbort = (): void => this.#giveUp(this.#signal?.reason);

  #giveUp(reason: unknown): void {
    if (!this.#settle()) return;
    this.#onEnd?.();
    this.#reject(reason);
  }

  #settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#onAbort);
    return true;
  }
}

/** A time that several waits, one behind the other, must be over by. It can be brought forward meanwhile. */
export class Deadline {
  #at: number;
  #waiter: Waiter<void> | undefined;

  /** @param milliseconds How long from now. */
  constructor(milliseconds: number) {
    this.#at = performance.now() + milliseconds;
  }

  /** Brings it forward, unless it is earlier than that many milliseconds from now. */
  shorten(milliseconds: number): void {
    this.#at = Math.min(this.#at, performance.now() + milliseconds);
    this.#waiter?.limit(this.#left(), "wait");
  }

  /** Resolves when a promise settles or it is time, whichever is first. */
  async meet(promise: Promise<unknown>): Promise<void> {
    const waiter = this.#waiter = new Waiter<void>();
    const settled = (): void => waiter.resolve();
    promise.then(settled, settled);
    await waiter.limit(this.#left(), "wait").promise.catch(() => {});
  }

  /** Whether it has passed. */
  get isOver(): boolean {
    return this.#left() === 0;
  }

  #left(): number {
    return Math.max(0, this.#at - performance.now());
  }
}

/** Resolves when a promise settles or that many milliseconds have passed, whichever is first. */
export function within(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  return new Deadline(milliseconds).meet(promise);
}

/** Marks a promise as looked after, so that a rejection nobody awaits is no unhandled rejection. */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** As `then`, but a rejection because the socket was closed is no unhandled one here either. */
export function quietly<T, Result>(
  promise: Promise<T>,
  then: (value: T) => Result,
): Promise<Result> {
  const result = promise.then(then);
  promise.catch((reason) => {
    if (reason instanceof SPError && reason.code === "ECLOSED") quiet(result);
  });
  return result;
}

/** A promise that is resolved: what waiting for nothing returns, without making a promise. */
export const RESOLVED: Promise<void> = Promise.resolve();

/*
 * On whose behalf code runs: so that `close`, called within a handler, need not wait for that handler.
 */

/** Remembers a value while a function runs. */
export interface CallContext {
  /** Calls a function on behalf of a value. */
  run<Args extends unknown[], Result>(
    value: object,
    call: (...args: Args) => Result,
    ...args: Args
  ): Result;
  /** The value of the call that this code belongs to. */
  current(): object | undefined;
}

/** As any runtime can: a call is remembered until it returns, and not behind an `await` of its own. */
class Synchronous implements CallContext {
  #current: object | undefined;

  run<Args extends unknown[], Result>(
    value: object,
    call: (...args: Args) => Result,
    ...args: Args
  ): Result {
    const before = this.#current;
    this.#current = value;
    try {
      return call(...args);
    } finally {
      this.#current = before;
    }
  }

  current(): object | undefined {
    return this.#current;
  }
}

let context: CallContext = new Synchronous();

/** From now on, calls are remembered in this way, by the whole thread. */
export function setCallContext(other: CallContext): void {
  context = other;
}

/** How calls are remembered. */
export function callContext(): CallContext {
  return context;
}

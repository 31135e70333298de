import { callContext } from "../socket/call_context.ts";
import { RESOLVED, Waiter } from "../base/wait.ts";

/** The handlers of a socket that are at work, each known by an object of its own. */
export class Serving {
  /** Whether each has closed its socket, and may be waiting for that. */
  readonly #jobs: Map<object, boolean> = new Map();
  #settled: Waiter<void> | undefined;
  #othersSettled: Waiter<void> | undefined;

  /** A handler is about to work. */
  begin(job: object): void {
    this.#jobs.set(job, false);
  }

  /** It has finished. */
  end(job: object): void {
    this.#jobs.delete(job);
    if (this.#jobs.size === 0) this.#settled?.resolve();
    if (this.#othersSettled !== undefined) this.#checkOthers();
  }

  /** Resolves when no handler is at work. */
  settled(): Promise<void> {
    return this.#jobs.size === 0 ? RESOLVED : (this.#settled ??= new Waiter()).promise;
  }

  /**
   * Says that the socket is being closed. If it is a handler of this socket that does so, it cannot be waited for:
   *
   * @returns What such a handler may wait for: the end of all others.
   */
  closing(): Promise<void> | undefined {
    const job = callContext().current();
    if (job === undefined || !this.#jobs.has(job)) return undefined;
    this.#jobs.set(job, true);
    const { promise } = this.#othersSettled ??= new Waiter();
    this.#checkOthers();
    return promise;
  }

  #checkOthers(): void {
    for (const isClosing of this.#jobs.values()) if (!isClosing) return;
    this.#othersSettled!.resolve();
  }
}

/** A signal that tells who listens to it. */

/** An `AbortSignal` with a count of its listeners, to see that nothing is left behind. */
export class SpiedSignal {
  /** How many listeners there are. */
  listeners = 0;
  readonly #controller = new AbortController();

  constructor() {
    const { signal } = this.#controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
      this.listeners++;
      add(type, listener);
    };
    signal.removeEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
      this.listeners--;
      remove(type, listener);
    };
  }

  /** The signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts it. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }
}

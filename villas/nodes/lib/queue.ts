/** A bounded queue with one reader that waits. */
export class Queue<T> {
  readonly #most: number;
  #items: T[] = [];
  #next = 0;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  /** Adds an item; false if there is no room. */
  push(item: T): boolean {
    if (this.#closed || this.#items.length - this.#next >= this.#most) return false;
    this.#items.push(item);
    this.#wake?.();
    return true;
  }

  /** Nothing more comes: the reader ends when it has taken the rest. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** All that waits, each time that something does. */
  async *take(): AsyncGenerator<T[]> {
    for (;;) {
      if (this.#items.length > this.#next) {
        const items = this.#items;
        this.#items = [];
        this.#next = 0;
        yield items;
      } else if (this.#closed) return;
      else {
        await new Promise<void>((resolve) => this.#wake = resolve);
        this.#wake = undefined;
      }
    }
  }
}

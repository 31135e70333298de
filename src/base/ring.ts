const SMALLEST = 16;

/**
 * A first-in, first-out queue in a circular array that grows by doubling and lets go of its memory
 * when it runs empty. `Array.prototype.shift` costs microseconds once an array is long; this does not.
 */
export class Ring<T> {
  #items: (T | undefined)[] = [];
  #head = 0;
  #size = 0;

  /** How many are queued. */
  get size(): number {
    return this.#size;
  }

  /** Appends one. */
  push(item: T): void {
    if (this.#size === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#size) & (this.#items.length - 1)] = item;
    this.#size++;
  }

  /** Puts one at the front. */
  unshift(item: T): void {
    if (this.#size === this.#items.length) this.#grow();
    this.#head = (this.#head - 1) & (this.#items.length - 1);
    this.#items[this.#head] = item;
    this.#size++;
  }

  /** Looks at the first. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Takes the first. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    if (--this.#size === 0 && this.#items.length > 1024) this.clear();
    return item;
  }

  /** Takes the last. */
  pop(): T | undefined {
    if (this.#size === 0) return undefined;
    const at = (this.#head + --this.#size) & (this.#items.length - 1);
    const item = this.#items[at];
    this.#items[at] = undefined;
    return item;
  }

  /** Takes all, in order. */
  takeAll(): T[] {
    const items = this.#items;
    const end = this.#head + this.#size;
    const taken = items.slice(this.#head, end);
    items.fill(undefined, this.#head, end);
    if (end > items.length) {
      for (let at = 0; at < end - items.length; at++) {
        taken.push(items[at]);
        items[at] = undefined;
      }
    }
    this.#head = 0;
    this.#size = 0;
    if (items.length > 1024) this.clear();
    return taken as T[];
  }

  /** Removes the first that is this very one; false if there is none. */
  remove(item: T): boolean {
    let found = false;
    this.filter((other) => found || other !== item || !(found = true));
    return found;
  }

  /** Keeps, in order, what the test accepts. */
  filter(keep: (item: T) => boolean): void {
    for (let left = this.#size; left > 0; left--) {
      const item = this.shift() as T;
      if (keep(item)) this.push(item);
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#size = 0;
  }

  #grow(): void {
    const old = this.#items;
    const items: (T | undefined)[] = new Array(Math.max(SMALLEST, old.length * 2)).fill(undefined);
    for (let i = 0; i < this.#size; i++) items[i] = old[(this.#head + i) & (old.length - 1)];
    this.#items = items;
    this.#head = 0;
  }
}

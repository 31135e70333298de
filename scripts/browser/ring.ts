// Instead of src/ring.ts: in pages few messages wait, and an array will do.

/** A first-in, first-out queue. */
export class Ring<T> {
  #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  unshift(item: T): void {
    this.#items.unshift(item);
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  shift(): T | undefined {
    return this.#items.shift();
  }

  pop(): T | undefined {
    return this.#items.pop();
  }

  takeAll(): T[] {
    return this.#items.splice(0);
  }

  remove(item: T): boolean {
    const at = this.#items.indexOf(item);
    return at >= 0 && this.#items.splice(at, 1).length > 0;
  }

  filter(keep: (item: T) => boolean): void {
    this.#items = this.#items.filter(keep);
  }

  clear(): void {
    this.#items = [];
  }
}

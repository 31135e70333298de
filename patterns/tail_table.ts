const FEWEST_SLOTS = 16;

/**
 * The tails of a trie's nodes: a set of pairs, of a node's id and the one to three bytes behind it. A tail ends a prefix
 * and has no children, so there is no more to say of it: a slot has 8 bytes, and a million of them fit where the processor
 * finds them in a few nanoseconds, which it does not when they lie among the nodes.
 */
export class TailTable {
  /** Pairs of an id and a tail, which is 0 where a slot is free. */
  #pairs: Int32Array = new Int32Array(2 * FEWEST_SLOTS);
  #shift: number = Math.clz32(FEWEST_SLOTS - 1);
  #count = 0;
  /** How many bytes of memory it takes. */
  get bytes(): number {
    return this.#pairs.byteLength;
  }

  /** Whether a tail is there. */
  has(id: number, bytes: number, size: number): boolean {
    return this.#pairs[this.#find(id, toTail(bytes, size)) + 1] !== 0;
  }

  /** Adds one; false if it is there. */
  add(id: number, bytes: number, size: number): boolean {
    const tail = toTail(bytes, size);
    if (this.#pairs[this.#find(id, tail) + 1] !== 0) return false;
    // Beyond five in eight, the ways to a free slot grow long.
    if (++this.#count * 16 > this.#pairs.length * 5) this.#resize(this.#pairs.length * 2);
    const slot = this.#find(id, tail);
    this.#pairs[slot] = id;
    this.#pairs[slot + 1] = tail;
    return true;
  }

  /** Takes one out; false if it is not there. */
  delete(id: number, bytes: number, size: number): boolean {
    const pairs = this.#pairs;
    let gap = this.#find(id, toTail(bytes, size));
    if (pairs[gap + 1] === 0) return false;
    const mask = pairs.length - 1;
    // Whoever would not be found behind the gap moves into it.
    for (let at = gap + 2 & mask; pairs[at + 1] !== 0; at = at + 2 & mask) {
      const home = this.#home(pairs[at]!, pairs[at + 1]!);
      if ((at - home & mask) < (at - gap & mask)) continue;
      pairs[gap] = pairs[at]!;
      pairs[gap + 1] = pairs[at + 1]!;
      gap = at;
    }
    pairs[gap + 1] = 0;
    this.#count--;
    if (this.#count * 16 < pairs.length && pairs.length > 2 * FEWEST_SLOTS) {
      this.#resize(pairs.length / 2);
    }
    return true;
  }

  #resize(length: number): void {
    const from = this.#pairs;
    this.#pairs = new Int32Array(length);
    this.#shift = Math.clz32(length / 2 - 1);
    for (let at = 0; at < from.length; at += 2) {
      if (from[at + 1] === 0) continue;
      const slot = this.#find(from[at]!, from[at + 1]!);
      this.#pairs[slot] = from[at]!;
      this.#pairs[slot + 1] = from[at + 1]!;
    }
  }

  /** Where a tail is, or would be. */
  #find(id: number, tail: number): number {
    const pairs = this.#pairs;
    const mask = pairs.length - 1;
    for (let slot = this.#home(id, tail);; slot = slot + 2 & mask) {
      const found = pairs[slot + 1];
      if (found === 0 || (found === tail && pairs[slot] === id)) return slot;
    }
  }

  #home(id: number, tail: number): number {
    let hash = Math.imul(id, 0x85ebca6b) + Math.imul(tail, 0x9e3779b1) | 0;
    hash = Math.imul(hash ^ hash >>> 15, 0x2c1b3c6d);
    return (hash >>> this.#shift) * 2;
  }
}

/** One number, which is never 0. */
function toTail(bytes: number, size: number): number {
  return size << 24 | bytes;
}

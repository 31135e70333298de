// The numbers of a slot.
/** Its parent's id. */
export const PARENT = 0;
/** Its label's first word. */
export const KEY = 1;
/** Where its label begins among the labels. */
export const START = 2;
/** Its own id, by which its children are found. */
export const ID = 3;
/** What else there is to know of it; 0 if the slot is free. */
export const SHAPE = 4;
const NUMBERS = 5;

/** The slot of a node that is not there. */
export const NONE = -1;
/** The slot that is nobody's child, is not in the way of others, and is not moved. */
export const ROOT = 0;

const FEWEST_SLOTS = 16;

/**
 * The nodes of a trie, in one hash table of numbers, found by parent and key. A slot has 20 bytes, so that a step down
 * the trie mostly reads one line of the processor's cache, and a million nodes are one object for the garbage collector.
 */
export class TrieTable {
  /** The root's slot, then a power of two of others. A slot is named by where it begins. */
  numbers: Int32Array = new Int32Array((FEWEST_SLOTS + 1) * NUMBERS);
  /** Leaves of a hash the number of a slot. */
  #shift: number = Math.clz32(FEWEST_SLOTS - 1);
  #count = 0;

  /** The slot of a node's child. */
  find(parent: number, key: number): number {
    const { numbers } = this;
    for (let slot = this.#home(parent, key);; slot = next(numbers, slot)) {
      if (numbers[slot + SHAPE] === 0) return NONE;
      if (numbers[slot + KEY] === key && numbers[slot + PARENT] === parent) return slot;
    }
  }

  /** Adds a node. Returns its slot; others may have moved. */
  add(parent: number, key: number, start: number, id: number, shape: number): number {
    this.#count++;
    // Beyond five in eight, the ways to a free slot grow long.
    if (this.#count * 8 > this.#size() * 5) this.#resize(this.#size() * 2);
    const slot = this.#freeSlot(parent, key);
    const { numbers } = this;
    numbers[slot + PARENT] = parent;
    numbers[slot + KEY] = key;
    numbers[slot + START] = start;
    numbers[slot + ID] = id;
    numbers[slot + SHAPE] = shape;
    return slot;
  }

  /** Takes a node out; others may have moved. */
  remove(slot: number): void {
    const { numbers } = this;
    const span = numbers.length - NUMBERS;
    let gap = slot;
    // Whoever would not be found behind the gap moves into it.
    for (let at = next(numbers, gap); numbers[at + SHAPE] !== 0; at = next(numbers, at)) {
      const home = this.#home(numbers[at + PARENT]!, numbers[at + KEY]!);
      if ((at - home + span) % span < (at - gap + span) % span) continue;
      numbers.copyWithin(gap, at, at + NUMBERS);
      gap = at;
    }
    numbers[gap + SHAPE] = 0;
    this.#count--;
    const slots = this.#size();
    if (this.#count * 8 < slots && slots > FEWEST_SLOTS) this.#resize(slots / 2);
  }

  /** The slots in use, without the root's. */
  *slots(): IterableIterator<number> {
    const { numbers } = this;
    for (let slot = NUMBERS; slot < numbers.length; slot += NUMBERS) {
      if (numbers[slot + SHAPE] !== 0) yield slot;
    }
  }

  #size(): number {
    return this.numbers.length / NUMBERS - 1;
  }

  #resize(slots: number): void {
    const from = this.numbers;
    const to = this.numbers = new Int32Array((slots + 1) * NUMBERS);
    this.#shift = Math.clz32(slots - 1);
    to.set(from.subarray(0, NUMBERS));
    for (let slot = NUMBERS; slot < from.length; slot += NUMBERS) {
      if (from[slot + SHAPE] === 0) continue;
      const free = this.#freeSlot(from[slot + PARENT]!, from[slot + KEY]!);
      for (let i = 0; i < NUMBERS; i++) to[free + i] = from[slot + i]!;
    }
  }

  /** Where a node is looked for first. */
  #home(parent: number, key: number): number {
    let hash = Math.imul(parent, 0x85ebca6b) + Math.imul(key, 0x9e3779b1) | 0;
    hash = Math.imul(hash ^ hash >>> 15, 0x2c1b3c6d);
    return ((hash >>> this.#shift) + 1) * NUMBERS;
  }

  #freeSlot(parent: number, key: number): number {
    let slot = this.#home(parent, key);
    while (this.numbers[slot + SHAPE] !== 0) slot = next(this.numbers, slot);
    return slot;
  }
}

/** The slot behind another; behind the last one, the first. */
function next(numbers: Int32Array, slot: number): number {
  return slot + NUMBERS === numbers.length ? NUMBERS : slot + NUMBERS;
}

/** The slot of the node that is always there, and is nobody's child. */
export const ROOT = 0;
/** The slot of a node that is not there. */
export const NONE = -1;
/** The bytes of a word, and so the size of every key but those of tails. */
export const WORD = 4;
/** The most words that a label can have. */
export const LONGEST_LABEL: number = 2 ** 24 - 1;

// The numbers of a slot.
/** Its parent's id. */
const PARENT = 0;
/** Its label's first word, or what there is of it. */
const KEY = 1;
/** Where its label begins among the labels. */
const START = 2;
/** Its own id, by which its children are found. */
const ID = 3;
/** The flags below; 0 if the slot is free. */
const SHAPE = 4;
const NUMBERS = 5;

/** How many bytes its key has: 4, or 1 to 3 for a tail. */
const SIZE = 7;
/** A prefix ends here. */
const ENDS = 8;
/** It has, or had, tails of one byte; the next two bits are for two and three. */
const TAILS = 16;
/** From here on, how many words its label has. */
const LENGTH_SHIFT = 8;

const FEWEST_SLOTS = 16;

/**
 * The nodes of a trie, in one hash table of numbers, found by parent and key. A slot has 20 bytes, so that a step down
 * the trie mostly reads one line of the processor's cache, and a million nodes are one object for the garbage collector.
 *
 * A slot names a node until the table changes, an id for as long as the node is there.
 */
export class TrieNodes {
  /** The first slot is the root's; the others are a power of two. */
  #table: Int32Array = new Int32Array((FEWEST_SLOTS + 1) * NUMBERS);
  /** Leaves of a hash the number of a slot. */
  #shift: number = Math.clz32(FEWEST_SLOTS - 1);
  #count = 0;
  /** By id: how many children, and their keys, each exclusive-or the others. */
  #children: Int32Array = new Int32Array(2 * FEWEST_SLOTS);
  #ids = 1;
  readonly #freeIds: number[] = [];

  /** How many bytes of memory they take. */
  get bytes(): number {
    return this.#table.byteLength + this.#children.byteLength;
  }

  /** The slot of a node's child. */
  find(parent: number, key: number, size: number): number {
    const table = this.#table;
    for (let slot = this.#home(parent, key, size);; slot = next(table, slot)) {
      const shape = table[slot + SHAPE]!;
      if (shape === 0) return NONE;
      if (table[slot + KEY] === key && table[slot + PARENT] === parent && (shape & SIZE) === size) {
        return slot;
      }
    }
  }

  /** The id of the node in a slot. */
  id(slot: number): number {
    return this.#table[slot + ID]!;
  }

  /** Where its label begins among the labels. */
  start(slot: number): number {
    return this.#table[slot + START]!;
  }

  /** How many words its label has. */
  length(slot: number): number {
    return this.#table[slot + SHAPE]! >>> LENGTH_SHIFT;
  }

  /** Whether a prefix ends there. */
  ends(slot: number): boolean {
    return (this.#table[slot + SHAPE]! & ENDS) !== 0;
  }

  /** Has a prefix end there, or none. */
  setEnds(slot: number, ends: boolean): void {
    if (ends) this.#table[slot + SHAPE]! |= ENDS;
    else this.#table[slot + SHAPE]! &= ~ENDS;
  }

  /** The sizes of tails that may be among its children: a bit each, for one byte first. */
  tails(slot: number): number {
    return this.#table[slot + SHAPE]! / TAILS & 7;
  }

  /** How many children a node has. */
  children(slot: number): number {
    return this.#children[2 * this.id(slot)]!;
  }

  /** The slot of a node's only child, if that is no tail. */
  onlyChild(slot: number): number {
    const id = this.id(slot);
    return this.#children[2 * id] === 1 ? this.find(id, this.#children[2 * id + 1]!, WORD) : NONE;
  }

  /** Gives a node a child. Returns the child's slot. */
  add(parent: number, key: number, size: number, start: number, length: number): number {
    if (size < WORD) this.#table[parent + SHAPE]! |= TAILS << size - 1;
    return this.#insert(this.id(parent), key, this.#newId(), start, length << LENGTH_SHIFT | size);
  }

  /** Cuts a node in two, before the word `key` of its label. Returns the slot of the upper part. */
  split(slot: number, length: number, key: number): number {
    const table = this.#table;
    const [parent, first] = [table[slot + PARENT]!, table[slot + KEY]!];
    const shape = table[slot + SHAPE]!;
    // The children know it by its id, and are the lower part's now.
    const lower = table[slot + ID]!;
    const upper = this.#newId();
    table[slot + ID] = upper;
    table[slot + SHAPE] = length << LENGTH_SHIFT | WORD;
    const rest = shape - (length << LENGTH_SHIFT);
    this.#insert(upper, key, lower, table[slot + START]! + length, rest);
    return this.find(parent, first, WORD);
  }

  /** Makes one of a node and its only child, with a label that begins at `start`. */
  merge(slot: number, child: number, start: number): void {
    const table = this.#table;
    this.#freeIds.push(table[slot + ID]!);
    table[slot + START] = start;
    table[slot + ID] = table[child + ID]!;
    table[slot + SHAPE] = table[child + SHAPE]! + (this.length(slot) << LENGTH_SHIFT);
    this.#erase(child);
  }

  /** Takes a node out that has no children. */
  remove(slot: number): void {
    const table = this.#table;
    this.#freeIds.push(table[slot + ID]!);
    this.#countChild(table[slot + PARENT]!, -1, table[slot + KEY]!);
    this.#erase(slot);
  }

  /** Has each label moved, to where `move` says. */
  moveLabels(move: (start: number, length: number) => number): void {
    const table = this.#table;
    for (let slot = NUMBERS; slot < table.length; slot += NUMBERS) {
      const length = this.length(slot);
      if (length > 0) table[slot + START] = move(table[slot + START]!, length);
    }
  }

  #newId(): number {
    const id = this.#freeIds.pop() ?? this.#ids++;
    if (2 * id === this.#children.length) {
      const larger = new Int32Array(4 * id);
      larger.set(this.#children);
      this.#children = larger;
    }
    this.#children[2 * id] = 0;
    this.#children[2 * id + 1] = 0;
    return id;
  }

  #countChild(parent: number, by: 1 | -1, key: number): void {
    this.#children[2 * parent]! += by;
    this.#children[2 * parent + 1]! ^= key;
  }

  #insert(parent: number, key: number, id: number, start: number, shape: number): number {
    this.#count++;
    // Beyond five in eight, the ways to a free slot grow long.
    if (this.#count * 8 > this.#slots * 5) this.#resize(this.#slots * 2);
    this.#countChild(parent, 1, key);
    const slot = this.#freeSlot(parent, key, shape & SIZE);
    const table = this.#table;
    table[slot + PARENT] = parent;
    table[slot + KEY] = key;
    table[slot + START] = start;
    table[slot + ID] = id;
    table[slot + SHAPE] = shape;
    return slot;
  }

  /** Frees a slot, and moves those up that nobody would find behind the gap. */
  #erase(slot: number): void {
    const table = this.#table;
    const span = table.length - NUMBERS;
    let gap = slot;
    for (let at = next(table, gap); table[at + SHAPE] !== 0; at = next(table, at)) {
      const size = table[at + SHAPE]! & SIZE;
      const wanted = this.#home(table[at + PARENT]!, table[at + KEY]!, size);
      if ((at - wanted + span) % span < (at - gap + span) % span) continue;
      table.copyWithin(gap, at, at + NUMBERS);
      gap = at;
    }
    table[gap + SHAPE] = 0;
    this.#count--;
    const slots = this.#slots;
    if (this.#count * 8 < slots && slots > FEWEST_SLOTS) this.#resize(slots / 2);
  }

  get #slots(): number {
    return this.#table.length / NUMBERS - 1;
  }

  #resize(slots: number): void {
    const from = this.#table;
    const to = this.#table = new Int32Array((slots + 1) * NUMBERS);
    this.#shift = Math.clz32(slots - 1);
    to[ROOT + SHAPE] = from[ROOT + SHAPE]!;
    for (let slot = NUMBERS; slot < from.length; slot += NUMBERS) {
      const shape = from[slot + SHAPE]!;
      if (shape === 0) continue;
      const free = this.#freeSlot(from[slot + PARENT]!, from[slot + KEY]!, shape & SIZE);
      for (let i = 0; i < NUMBERS; i++) to[free + i] = from[slot + i]!;
    }
  }

  /** Where a node is looked for first. */
  #home(parent: number, key: number, size: number): number {
    let hash = Math.imul(Math.imul(parent, 0x85ebca6b) ^ key + size, 0x9e3779b1);
    hash = Math.imul(hash ^ hash >>> 15, 0x2c1b3c6d);
    return ((hash >>> this.#shift) + 1) * NUMBERS;
  }

  #freeSlot(parent: number, key: number, size: number): number {
    let slot = this.#home(parent, key, size);
    while (this.#table[slot + SHAPE] !== 0) slot = next(this.#table, slot);
    return slot;
  }
}

/** The slot behind another, the first one behind the last. */
function next(table: Int32Array, slot: number): number {
  return slot + NUMBERS === table.length ? NUMBERS : slot + NUMBERS;
}

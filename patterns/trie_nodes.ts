/** The id of the node that is always there, and is nobody's child. */
export const ROOT = 0;
/** The slot of a node that is not there. */
export const NONE = -1;
/** The most bytes that a label can have. */
export const LONGEST_LABEL: number = 2 ** 23 - 1;

// The words of a slot.
/** Its parent's id. */
const PARENT = 0;
/** Where its label begins among the labels. */
const START = 1;
/** Its own id, by which its children are found. */
const ID = 2;
/** Its label's first byte, whether a prefix ends here, and its label's length; 0 if the slot is free. */
const SHAPE = 3;
const WORDS = 4;

const BYTE = 0xff;
const ENDS = 0x100;
const LENGTH_SHIFT = 9;

const FEWEST_SLOTS = 16;
/** 2^32 divided by the golden ratio: spreads numbers that follow each other. */
const SPREAD = 0x9e3779b1;

/**
 * The nodes of a trie, in one hash table of numbers, found by parent and first byte. A slot has 16 bytes, so that a step
 * down the trie reads one line of the processor's cache, and a million nodes are one object for the garbage collector.
 *
 * A slot names a node until the table changes, an id for as long as the node is there.
 */
export class TrieNodes {
  #words: Int32Array = new Int32Array(FEWEST_SLOTS * WORDS);
  #count = 0;
  /** By id: how many children, and in the low byte their first bytes, each exclusive-or the others. */
  #children: Int32Array = new Int32Array(FEWEST_SLOTS);
  #ids: number = ROOT + 1;
  readonly #freeIds: number[] = [];

  /** The slot of a node's child, by its label's first byte. */
  find(parent: number, byte: number): number {
    const words = this.#words;
    const mask = words.length - 1;
    for (let slot = home(parent, byte, words.length);; slot = (slot + WORDS) & mask) {
      const shape = words[slot + SHAPE]!;
      if (shape === 0) return NONE;
      if ((shape & BYTE) === byte && words[slot + PARENT] === parent) return slot;
    }
  }

  /** The id of the node in a slot. */
  id(slot: number): number {
    return this.#words[slot + ID]!;
  }

  /** Where its label begins among the labels. */
  start(slot: number): number {
    return this.#words[slot + START]!;
  }

  /** How many bytes its label has. */
  length(slot: number): number {
    return this.#words[slot + SHAPE]! >>> LENGTH_SHIFT;
  }

  /** Whether a prefix ends there. */
  ends(slot: number): boolean {
    return (this.#words[slot + SHAPE]! & ENDS) !== 0;
  }

  /** Has a prefix end there, or none. */
  setEnds(slot: number, ends: boolean): void {
    if (ends) this.#words[slot + SHAPE]! |= ENDS;
    else this.#words[slot + SHAPE]! &= ~ENDS;
  }

  /** How many children a node has. */
  children(id: number): number {
    return this.#children[id]! >>> 8;
  }

  /** The slot of a node's only child. */
  onlyChild(id: number): number {
    return this.find(id, this.#children[id]! & BYTE);
  }

  /** Gives a node a child, whose label begins with a byte. Returns the child's id. */
  add(parent: number, byte: number, start: number, length: number, ends: boolean): number {
    const id = this.#newId();
    this.#insert(parent, byte, id, start, length, ends);
    return id;
  }

  /** Cuts a node in two behind so many bytes of its label; `byte` follows. Returns the id of the upper part, which is new. */
  split(slot: number, length: number, byte: number): number {
    const words = this.#words;
    const shape = words[slot + SHAPE]!;
    const start = words[slot + START]!;
    // Its children know it by its id, and become those of the lower part.
    const lower = words[slot + ID]!;
    const upper = this.#newId();
    words[slot + ID] = upper;
    words[slot + SHAPE] = shape & BYTE | length << LENGTH_SHIFT;
    const rest = (shape >>> LENGTH_SHIFT) - length;
    this.#insert(upper, byte, lower, start + length, rest, (shape & ENDS) !== 0);
    return upper;
  }

  /** Makes one of a node and its only child; where the label of both is must be said. */
  merge(slot: number, start: number): void {
    const words = this.#words;
    const upper = words[slot + ID]!;
    const child = this.onlyChild(upper);
    const length = this.length(slot) + this.length(child);
    words[slot + START] = start;
    words[slot + ID] = words[child + ID]!;
    words[slot + SHAPE] = words[slot + SHAPE]! & BYTE | words[child + SHAPE]! & ENDS |
      length << LENGTH_SHIFT;
    this.#freeIds.push(upper);
    this.#erase(child);
  }

  /** Takes a node out that has no children. */
  remove(slot: number): void {
    const words = this.#words;
    const parent = words[slot + PARENT]!;
    this.#children[parent]! -= 1 << 8;
    this.#children[parent]! ^= words[slot + SHAPE]! & BYTE;
    this.#freeIds.push(words[slot + ID]!);
    this.#erase(slot);
  }

  /** Tells of each label, which is to be moved to where `move` says. */
  moveLabels(move: (start: number, length: number) => number): void {
    const words = this.#words;
    for (let slot = 0; slot < words.length; slot += WORDS) {
      const length = this.length(slot);
      if (length > 0) words[slot + START] = move(words[slot + START]!, length);
    }
  }

  #newId(): number {
    const id = this.#freeIds.pop() ?? this.#ids++;
    if (id === this.#children.length) {
      const larger = new Int32Array(2 * id);
      larger.set(this.#children);
      this.#children = larger;
    }
    this.#children[id] = 0;
    return id;
  }

  #insert(
    parent: number,
    byte: number,
    id: number,
    start: number,
    length: number,
    ends: boolean,
  ): void {
    this.#count++;
    // Beyond five in eight, ways to a free slot grow long.
    if (this.#count * WORDS * 8 > this.#words.length * 5) this.#resize(this.#words.length * 2);
    const words = this.#words;
    const slot = freeSlot(words, parent, byte);
    words[slot + PARENT] = parent;
    words[slot + START] = start;
    words[slot + ID] = id;
    words[slot + SHAPE] = byte | (ends ? ENDS : 0) | length << LENGTH_SHIFT;
    this.#children[parent]! += 1 << 8;
    this.#children[parent]! ^= byte;
  }

  /** Frees a slot, and moves up whoever would not be found behind the gap. */
  #erase(slot: number): void {
    const words = this.#words;
    const mask = words.length - 1;
    let gap = slot;
    for (let at = (gap + WORDS) & mask; words[at + SHAPE] !== 0; at = (at + WORDS) & mask) {
      const wanted = home(words[at + PARENT]!, words[at + SHAPE]! & BYTE, words.length);
      if (((at - wanted) & mask) < ((at - gap) & mask)) continue;
      words.copyWithin(gap, at, at + WORDS);
      gap = at;
    }
    words[gap + SHAPE] = 0;
    this.#count--;
    const isRoomy = this.#count * WORDS * 8 < words.length && words.length > FEWEST_SLOTS * WORDS;
    if (isRoomy) this.#resize(words.length / 2);
  }

  #resize(length: number): void {
    const old = this.#words;
    const words = this.#words = new Int32Array(length);
    for (let slot = 0; slot < old.length; slot += WORDS) {
      const shape = old[slot + SHAPE]!;
      if (shape === 0) continue;
      const to = freeSlot(words, old[slot + PARENT]!, shape & BYTE);
      for (let i = 0; i < WORDS; i++) words[to + i] = old[slot + i]!;
    }
  }
}

/** Where a node is looked for first. */
function home(parent: number, byte: number, length: number): number {
  const hash = Math.imul(parent << 8 ^ byte ^ parent >>> 24, SPREAD);
  return hash >>> Math.clz32(length / WORDS - 1) << 2;
}

function freeSlot(words: Int32Array, parent: number, byte: number): number {
  let slot = home(parent, byte, words.length);
  while (words[slot + SHAPE] !== 0) slot = (slot + WORDS) & (words.length - 1);
  return slot;
}

import { TailTable } from "./tail_table.ts";
import { ID, KEY, NONE, PARENT, ROOT, SHAPE, START, TrieTable } from "./trie_table.ts";

export { NONE, ROOT };

/** The bytes of a word: of one step down the trie. */
export const WORD = 4;
/** The most words that a label can have. */
export const LONGEST_LABEL: number = 2 ** 24 - 1;

// What a shape says.
/** The slot is in use. */
const USED = 1;
/** A prefix ends here. */
const ENDS = 8;
/** It has, or had, tails of one byte; the next two bits are for two and three. */
const TAILS = 16;
const ANY_TAILS = 7 * TAILS;
/** From here on, how many words its label has. */
const LENGTH_SHIFT = 8;

/**
 * The nodes of a trie whose steps are words, and behind a prefix's last word a tail of one to three bytes.
 *
 * A slot names a node until one is added or taken out, an id for as long as the node is there.
 */
export class TrieNodes {
  readonly #table: TrieTable = new TrieTable();
  readonly #tails: TailTable = new TailTable();
  /** By id: how many children, and their keys, each exclusive-or the others. */
  #children: Int32Array = new Int32Array(32);
  #ids = 1;
  readonly #freeIds: number[] = [];

  /** How many bytes of memory they take. */
  get bytes(): number {
    return this.#table.numbers.byteLength + this.#tails.bytes + this.#children.byteLength;
  }

  /** The slot of a node's child whose label begins with a word. */
  find(parent: number, key: number): number {
    return this.#table.find(parent, key);
  }

  /** Whether a way down that ends with a prefix begins the message; it is taken in one go, for speed. */
  matches(message: Uint8Array, labels: Int32Array): boolean {
    const table = this.#table;
    const { numbers } = table;
    let slot: number = ROOT;
    for (let at = 0;;) {
      const shape = numbers[slot + SHAPE]!;
      if ((shape & ENDS) !== 0) return true;
      const id = numbers[slot + ID]!;
      const rest = message.length - at;
      const word = rest < WORD ? readTail(message, at, rest) : readWord(message, at);
      if ((shape & ANY_TAILS) !== 0 && this.#hasTail(id, shape, word, rest)) return true;
      if (rest < WORD) return false;
      slot = table.find(id, word);
      if (slot === NONE) return false;
      const length = this.length(slot);
      if (length > 1) {
        if (rest < length * WORD) return false;
        const start = numbers[slot + START]!;
        for (let i = 1; i < length; i++) {
          if (labels[start + i] !== readWord(message, at + i * WORD)) return false;
        }
      }
      at += length * WORD;
    }
  }

  /** Whether one of a node's tails begins a word, of which there are `rest` bytes. */
  #hasTail(id: number, shape: number, word: number, rest: number): boolean {
    const tails = this.#tails;
    return (shape & TAILS) !== 0 && rest > 0 && tails.has(id, word & 0xff, 1) ||
      (shape & TAILS << 1) !== 0 && rest > 1 && tails.has(id, word & 0xffff, 2) ||
      (shape & TAILS << 2) !== 0 && rest > 2 && tails.has(id, word & 0xffffff, 3);
  }

  /** The id of the node in a slot. */
  id(slot: number): number {
    return this.#table.numbers[slot + ID]!;
  }

  /** Where its label begins among the labels. */
  start(slot: number): number {
    return this.#table.numbers[slot + START]!;
  }

  /** How many words its label has. */
  length(slot: number): number {
    return this.#table.numbers[slot + SHAPE]! >>> LENGTH_SHIFT;
  }

  /** Whether a prefix ends there. */
  ends(slot: number): boolean {
    return (this.#table.numbers[slot + SHAPE]! & ENDS) !== 0;
  }

  /** Has a prefix end there, or none. */
  setEnds(slot: number, ends: boolean): void {
    if (ends) this.#table.numbers[slot + SHAPE]! |= ENDS;
    else this.#table.numbers[slot + SHAPE]! &= ~ENDS;
  }

  /** Whether it has children, or tails. */
  hasChildren(slot: number): boolean {
    return this.#children[2 * this.id(slot)]! > 0;
  }

  /** The slot of its only child, if it has but one, and that is no tail. */
  onlyChild(slot: number): number {
    const id = this.id(slot);
    return this.#children[2 * id] === 1 ? this.find(id, this.#children[2 * id + 1]!) : NONE;
  }

  /** Gives a node a child. Returns the child's slot. */
  add(parent: number, key: number, start: number, length: number): number {
    const [id, child] = [this.id(parent), this.#newId()];
    this.#countChild(id, 1, key);
    return this.#table.add(id, key, start, child, length << LENGTH_SHIFT | USED);
  }

  /** Gives a node a tail; false if it has it. */
  addTail(slot: number, tail: number, size: number): boolean {
    const id = this.id(slot);
    if (!this.#tails.add(id, tail, size)) return false;
    this.#table.numbers[slot + SHAPE]! |= TAILS << size - 1;
    this.#countChild(id, 1, tail);
    return true;
  }

  /** Takes a tail from a node; false if it does not have it. */
  deleteTail(slot: number, tail: number, size: number): boolean {
    const id = this.id(slot);
    if (!this.#tails.delete(id, tail, size)) return false;
    this.#countChild(id, -1, tail);
    return true;
  }

  /** Cuts a node in two, before the word `key` of its label. Returns the slot of the upper part. */
  split(slot: number, length: number, key: number): number {
    const { numbers } = this.#table;
    const [parent, first] = [numbers[slot + PARENT]!, numbers[slot + KEY]!];
    const [shape, start] = [numbers[slot + SHAPE]!, numbers[slot + START]! + length];
    // The children know it by its id, and are the lower part's from now on.
    const lower = numbers[slot + ID]!;
    const upper = this.#newId();
    numbers[slot + ID] = upper;
    numbers[slot + SHAPE] = length << LENGTH_SHIFT | USED;
    this.#countChild(upper, 1, key);
    this.#table.add(upper, key, start, lower, shape - (length << LENGTH_SHIFT));
    return this.find(parent, first);
  }

  /** Makes one of a node and its only child, whose labels both lie at `start`, one behind the other. */
  merge(slot: number, child: number, start: number): void {
    const { numbers } = this.#table;
    this.#freeIds.push(numbers[slot + ID]!);
    numbers[slot + START] = start;
    numbers[slot + ID] = numbers[child + ID]!;
    numbers[slot + SHAPE] = numbers[child + SHAPE]! + (this.length(slot) << LENGTH_SHIFT);
    this.#table.remove(child);
  }

  /** Takes a node out that has no children. */
  remove(slot: number): void {
    const { numbers } = this.#table;
    this.#freeIds.push(numbers[slot + ID]!);
    this.#countChild(numbers[slot + PARENT]!, -1, numbers[slot + KEY]!);
    this.#table.remove(slot);
  }

  /** Has each label moved, to where `move` says. */
  moveLabels(move: (start: number, length: number) => number): void {
    const { numbers } = this.#table;
    for (const slot of this.#table.slots()) {
      numbers[slot + START] = move(numbers[slot + START]!, this.length(slot));
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
}

/** Four bytes as a number. */
export function readWord(bytes: Uint8Array, at: number): number {
  return bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24;
}

/** Fewer bytes, in the same places. */
export function readTail(bytes: Uint8Array, at: number, size: number): number {
  let tail = 0;
  for (let i = 0; i < size; i++) tail |= bytes[at + i]! << 8 * i;
  return tail;
}

import { SPError } from "../src/errors.ts";
import { LONGEST_LABEL, NONE, readTail, readWord, ROOT, TrieNodes, WORD } from "./trie_nodes.ts";

const FEWEST_LABELS = 16;

/**
 * A set of byte strings that tells whether one of them is a prefix of a message: a radix trie, so
 * a question costs at most a step for each byte of the longest prefix, whatever their number.
 *
 * A step is a word of four bytes, and a prefix's last one to three bytes are a tail. Each step is likely to be a line of
 * memory that the processor has not at hand: with a million prefixes, there are as few as possible.
 */
export class PrefixTrie {
  readonly #nodes: TrieNodes = new TrieNodes();
  /** The words of all labels. A tail has none: it is no longer than its key. */
  #labels: Int32Array = new Int32Array(FEWEST_LABELS);
  /** Where the next label goes. */
  #end = 0;
  /** Words before that which are part of a label. */
  #used = 0;
  #size = 0;

  /** How many prefixes there are. */
  get size(): number {
    return this.#size;
  }

  /** How many bytes of memory it takes. */
  get bytes(): number {
    return this.#nodes.bytes + this.#labels.byteLength;
  }

  /**
   * Adds one; false if it was there.
   *
   * @throws {SPError} `EINVAL` if it has 64 MiB or more.
   */
  add(prefix: Uint8Array): boolean {
    const nodes = this.#nodes;
    if (prefix.length / WORD > LONGEST_LABEL) throw tooLong(prefix.length);
    let slot = ROOT;
    let at = 0;
    while (prefix.length - at >= WORD) {
      const word = readWord(prefix, at);
      const child = nodes.find(nodes.id(slot), word);
      if (child === NONE) {
        const length = Math.floor((prefix.length - at) / WORD);
        slot = nodes.add(slot, word, this.#write(prefix, at, length), length);
      } else {
        const same = this.#commonLength(child, prefix, at);
        slot = same === nodes.length(child)
          ? child
          : nodes.split(child, same, this.#labels[nodes.start(child) + same]!);
      }
      at += nodes.length(slot) * WORD;
    }
    const rest = prefix.length - at;
    if (rest > 0) {
      if (!nodes.addTail(slot, readTail(prefix, at, rest), rest)) return false;
    } else {
      if (nodes.ends(slot)) return false;
      nodes.setEnds(slot, true);
    }
    this.#size++;
    return true;
  }

  /** Removes one; false if it was not there. */
  delete(prefix: Uint8Array): boolean {
    const nodes = this.#nodes;
    /** The way down: each parent's id, and where in the prefix its child's label begins. */
    const way: [parent: number, at: number][] = [];
    let slot = ROOT;
    let at = 0;
    for (; prefix.length - at >= WORD; at += nodes.length(slot) * WORD) {
      const parent = nodes.id(slot);
      slot = nodes.find(parent, readWord(prefix, at));
      if (slot === NONE || this.#commonLength(slot, prefix, at) < nodes.length(slot)) return false;
      way.push([parent, at]);
    }
    const rest = prefix.length - at;
    if (rest > 0) {
      if (!nodes.deleteTail(slot, readTail(prefix, at, rest), rest)) return false;
    } else {
      if (!nodes.ends(slot)) return false;
      nodes.setEnds(slot, false);
    }
    this.#size--;
    for (let last; (last = way.pop()) !== undefined;) {
      if (!this.#tidy(nodes.find(last[0], readWord(prefix, last[1])))) break;
    }
    return true;
  }

  /** Tells whether one of the prefixes begins the message. */
  matches(message: Uint8Array): boolean {
    return this.#nodes.matches(message, this.#labels);
  }

  /** Takes a node out, or makes it one with its only child, unless a prefix ends there. Returns whether it is gone. */
  #tidy(slot: number): boolean {
    const nodes = this.#nodes;
    if (nodes.ends(slot)) return false;
    if (!nodes.hasChildren(slot)) {
      this.#used -= nodes.length(slot);
      nodes.remove(slot);
      return true;
    }
    const child = nodes.onlyChild(slot);
    if (child !== NONE) nodes.merge(slot, child, this.#join(slot, child));
    return false;
  }

  /** Returns where a node's label and that of its child lie one behind the other. */
  #join(slot: number, child: number): number {
    const nodes = this.#nodes;
    const [upper, lower] = [nodes.length(slot), nodes.length(child)];
    if (nodes.start(slot) + upper === nodes.start(child)) return nodes.start(slot);
    const start = this.#reserve(upper + lower);
    this.#labels.copyWithin(start, nodes.start(slot), nodes.start(slot) + upper);
    this.#labels.copyWithin(start + upper, nodes.start(child), nodes.start(child) + lower);
    return start;
  }

  /** How many words of a node's label, the first of which is known to, stand in a string at an offset. */
  #commonLength(slot: number, bytes: Uint8Array, at: number): number {
    const labels = this.#labels;
    const start = this.#nodes.start(slot);
    const end = Math.min(this.#nodes.length(slot), bytes.length - at >> 2);
    let same = 1;
    while (same < end && labels[start + same] === readWord(bytes, at + same * WORD)) same++;
    return same;
  }

  /** Writes a label. Returns where it begins. */
  #write(prefix: Uint8Array, at: number, length: number): number {
    const start = this.#reserve(length);
    this.#used += length;
    for (let i = 0; i < length; i++) this.#labels[start + i] = readWord(prefix, at + i * WORD);
    return start;
  }

  /** Returns where there is room for so many words, behind all labels; those may lie elsewhere then. */
  #reserve(length: number): number {
    if (this.#end + length > this.#labels.length) this.#compact(2 * (this.#used + length));
    const start = this.#end;
    this.#end += length;
    return start;
  }

  /** Moves the labels to a new array, without what lies between them. */
  #compact(size: number): void {
    const from = this.#labels;
    const to = new Int32Array(Math.max(size, FEWEST_LABELS));
    let end = 0;
    this.#nodes.moveLabels((start, length) => {
      for (let i = 0; i < length; i++) to[end + i] = from[start + i]!;
      end += length;
      return end - length;
    });
    this.#labels = to;
    this.#end = end;
  }
}

function tooLong(length: number): SPError {
  return new SPError("EINVAL", `Cannot add a prefix of ${length} bytes: wanted less than 64 MiB`);
}

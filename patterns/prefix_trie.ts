import { LONGEST_LABEL, NONE, ROOT, TrieNodes } from "./trie_nodes.ts";

const FEWEST_BYTES = 64;

/**
 * A set of byte strings that tells whether one of them is a prefix of a message: a radix trie, so
 * a question costs at most a step for each byte of the longest prefix, whatever their number.
 *
 * Nodes are numbers in one table and their labels parts of one array: what many small objects would cost in memory, and
 * in lines of the processor's cache, is more than what is in them.
 */
export class PrefixTrie {
  readonly #nodes: TrieNodes = new TrieNodes();
  #labels: Uint8Array = new Uint8Array(FEWEST_BYTES);
  /** Where the next label goes. */
  #end = 0;
  /** Bytes before that which are part of a label. */
  #used = 0;
  /** Whether the empty prefix is there. */
  #all = false;
  #size = 0;

  /** How many prefixes there are. */
  get size(): number {
    return this.#size;
  }

  /** Adds one; false if it was there. */
  add(prefix: Uint8Array): boolean {
    const isNew = prefix.length > 0 ? this.#add(prefix) : !this.#all;
    if (prefix.length === 0) this.#all = true;
    if (isNew) this.#size++;
    return isNew;
  }

  /** Removes one; false if it was not there. */
  delete(prefix: Uint8Array): boolean {
    const wasThere = prefix.length > 0 ? this.#delete(prefix) : this.#all;
    if (prefix.length === 0) this.#all = false;
    if (wasThere) this.#size--;
    return wasThere;
  }

  /** Tells whether one of the prefixes begins the message. */
  matches(message: Uint8Array): boolean {
    if (this.#all) return true;
    const nodes = this.#nodes;
    let node = ROOT;
    for (let at = 0; at < message.length;) {
      const slot = nodes.find(node, message[at]!);
      if (slot === NONE) return false;
      const length = nodes.length(slot);
      if (length > 1 && this.#commonLength(slot, message, at) < length) return false;
      if (nodes.ends(slot)) return true;
      node = nodes.id(slot);
      at += length;
    }
    return false;
  }

  #add(prefix: Uint8Array): boolean {
    const nodes = this.#nodes;
    let node = ROOT;
    for (let at = 0;;) {
      let slot = nodes.find(node, prefix[at]!);
      if (slot === NONE) {
        this.#append(node, prefix, at);
        return true;
      }
      const same = this.#commonLength(slot, prefix, at);
      if (same < nodes.length(slot)) {
        nodes.split(slot, same, this.#labels[nodes.start(slot) + same]!);
        slot = nodes.find(node, prefix[at]!);
      }
      node = nodes.id(slot);
      at += same;
      if (at < prefix.length) continue;
      if (nodes.ends(slot)) return false;
      nodes.setEnds(slot, true);
      return true;
    }
  }

  /** Gives a node a child for the rest of a prefix; several, one below the other, for a very long one. */
  #append(node: number, prefix: Uint8Array, from: number): void {
    let at = from;
    for (let parent = node; at < prefix.length;) {
      const length = Math.min(prefix.length - at, LONGEST_LABEL);
      const start = this.#reserve(length);
      this.#labels.set(prefix.subarray(at, at + length), start);
      this.#used += length;
      const ends = at + length === prefix.length;
      parent = this.#nodes.add(parent, prefix[at]!, start, length, ends);
      at += length;
    }
  }

  #delete(prefix: Uint8Array): boolean {
    const nodes = this.#nodes;
    const parents: number[] = [];
    const offsets: number[] = [];
    let slot = NONE;
    for (let node = ROOT, at = 0; at < prefix.length;) {
      slot = nodes.find(node, prefix[at]!);
      if (slot === NONE) return false;
      const length = nodes.length(slot);
      if (this.#commonLength(slot, prefix, at) < length) return false;
      parents.push(node);
      offsets.push(at);
      node = nodes.id(slot);
      at += length;
    }
    if (!nodes.ends(slot)) return false;
    nodes.setEnds(slot, false);
    // Without a child that is gone, its parent may have no reason to be there either.
    let isGone = true;
    while (isGone && parents.length > 0) {
      isGone = this.#tidy(nodes.find(parents.pop()!, prefix[offsets.pop()!]!));
    }
    return true;
  }

  /** Takes a node out, or makes it one with its only child, if no prefix ends there. Returns whether it is gone. */
  #tidy(slot: number): boolean {
    const nodes = this.#nodes;
    if (nodes.ends(slot)) return false;
    const children = nodes.children(nodes.id(slot));
    if (children === 1) this.#merge(slot);
    if (children > 0) return false;
    this.#used -= nodes.length(slot);
    nodes.remove(slot);
    return true;
  }

  #merge(slot: number): void {
    const nodes = this.#nodes;
    const child = nodes.onlyChild(nodes.id(slot));
    const [upper, lower] = [nodes.length(slot), nodes.length(child)];
    if (upper + lower > LONGEST_LABEL) return;
    let start = nodes.start(slot);
    if (start + upper !== nodes.start(child)) {
      start = this.#reserve(upper + lower);
      const labels = this.#labels;
      labels.copyWithin(start, nodes.start(slot), nodes.start(slot) + upper);
      labels.copyWithin(start + upper, nodes.start(child), nodes.start(child) + lower);
    }
    nodes.merge(slot, start);
  }

  /** How many bytes of a node's label, the first of which is known to, stand in a string at an offset. */
  #commonLength(slot: number, bytes: Uint8Array, at: number): number {
    const labels = this.#labels;
    const start = this.#nodes.start(slot);
    const end = Math.min(this.#nodes.length(slot), bytes.length - at);
    let same = 1;
    while (same < end && labels[start + same] === bytes[at + same]) same++;
    return same;
  }

  /** Returns where there is room for so many bytes, behind all labels; those may lie elsewhere then. */
  #reserve(length: number): number {
    if (this.#end + length > this.#labels.length) this.#compact(2 * (this.#used + length));
    const start = this.#end;
    this.#end += length;
    return start;
  }

  /** Moves the labels to a new array, without what lies between them. */
  #compact(size: number): void {
    const from = this.#labels;
    const to = new Uint8Array(Math.max(size, FEWEST_BYTES));
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

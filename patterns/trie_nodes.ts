import { ID, KEY, NONE, PARENT, ROOT, SHAPE, SIZE, START, TrieTable } from "./trie_table.ts";
import { readTail, readWord, WORD } from "./words.ts";

export { NONE, ROOT };

/** The most words that a label can have. */
export const LONGEST_LABEL: number = 2 ** 24 - 1;

// What a shape says besides the size of the key, which is less for a tail than for a word.
/** A prefix ends here. */
const ENDS = 8;
/** It has, or had, tails of one byte; the next two bits are for two and three. */
const TAILS = 16;
const ANY_TAILS = 7 * TAILS;
/** From here on, how many words its label has; none if it is a tail. */
const LENGTH_SHIFT = 8;

/**
 * The nodes of a trie whose steps are words of four bytes, and at the end of a prefix a tail of one to three.
 *
 * A slot names a node until one is added or taken out, an id for as long as the node is there.
 */
export class TrieNodes {
  readonly #table: TrieTable = new TrieTable();
  /** By id: how many children, and their keys, each exclusive-or the others. */
  #children: Int32Array = new Int32Array(32);
  #ids = 1;
  readonly #freeIds: number[] = [];
...

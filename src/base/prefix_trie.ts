/** A step down the trie. */
interface Node {
  /**
   * The bytes of this step, one a character: never empty, but for the root. A short string takes a fraction of the memory
   * of a short array of bytes.
   */
  label: string;
  /** Whether a prefix ends here. */
  ends: boolean;
  /** By the first byte of their label; undefined if there are none. */
  children: Map<number, Node> | undefined;
}

/** How many bytes are made characters by one call, which puts each on the stack. */
const CHARACTERS = 4096;

/**
 * A set of byte strings that tells whether one of them is a prefix of a message: a radix trie.
 *
 * A lookup takes at most one step for each byte of the longest prefix, whatever their number. Every node but the root is
 * the end of a prefix or has several children.
 */
export class PrefixTrie {
  readonly #root: Node = { label: "", ends: false, children: undefined };
  #size = 0;

  /** How many prefixes there are. */
  get size(): number {
    return this.#size;
  }

  /** Adds a copy of a prefix; false if it was there. */
  add(prefix: Uint8Array): boolean {
    let node = this.#root;
    for (let at = 0; at < prefix.length;) {
      const child = node.children?.get(prefix[at]!);
      if (child === undefined) {
        addChild(node, { label: toText(prefix.subarray(at)), ends: true, children: undefined });
        this.#size++;
        return true;
      }
      const { label } = child;
      const same = commonLength(label, prefix, at);
      if (same === label.length) node = child;
      else {
        const upper = toText(prefix.subarray(at, at + same));
        const between: Node = { label: upper, ends: false, children: undefined };
        addChild(node, between);
        child.label = label.slice(same);
        addChild(between, child);
        node = between;
      }
      at += same;
    }
    if (node.ends) return false;
    node.ends = true;
    this.#size++;
    return true;
  }

  /** Removes a prefix; false if it was not there. */
  delete(prefix: Uint8Array): boolean {
    let parent = this.#root;
    let node = this.#root;
    for (let at = 0; at < prefix.length; at += node.label.length) {
      const child = childFor(node, prefix, at);
      if (child === undefined) return false;
      parent = node;
      node = child;
    }
    if (!node.ends) return false;
    node.ends = false;
    this.#size--;
    if (node.children !== undefined || node === this.#root) this.#join(node);
    else {
      parent.children!.delete(node.label.charCodeAt(0));
      if (parent.children!.size === 0) parent.children = undefined;
      this.#join(parent);
    }
    return true;
  }

  /** Tells whether one of the prefixes begins the message. */
  matches(message: Uint8Array): boolean {
    let node = this.#root;
    for (let at = 0; !node.ends; at += node.label.length) {
      const child = childFor(node, message, at);
      if (child === undefined) return false;
      node = child;
    }
    return true;
  }

  /** Makes a node one with its only child, unless a prefix ends there. */
  #join(node: Node): void {
    if (node === this.#root || node.ends || node.children?.size !== 1) return;
    for (const child of node.children.values()) {
      node.label += child.label;
      node.ends = child.ends;
      node.children = child.children;
    }
  }
}

function addChild(node: Node, child: Node): void {
  (node.children ??= new Map()).set(child.label.charCodeAt(0), child);
}

/** The child whose label stands in full in `bytes`, from `at`. */
function childFor(node: Node, bytes: Uint8Array, at: number): Node | undefined {
  if (at === bytes.length) return undefined;
  const child = node.children?.get(bytes[at]!);
  if (child === undefined) return undefined;
  return commonLength(child.label, bytes, at) === child.label.length ? child : undefined;
}

/** How many bytes of a label, the first of which is known to, stand in `bytes` from `at`. */
function commonLength(label: string, bytes: Uint8Array, at: number): number {
  const end = Math.min(label.length, bytes.length - at);
  let same = 1;
  while (same < end && label.charCodeAt(same) === bytes[at + same]) same++;
  return same;
}

/** One character a byte. */
function toText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHARACTERS) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHARACTERS));
  }
  return text;
}

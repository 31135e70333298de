interface Node {
  /** The bytes on the way from the parent, at least one except at the root. */
  label: Uint8Array;
  /** Whether a prefix ends here. */
  ends: boolean;
  /** Children by the first byte of their label. */
  readonly children: Map<number, Node>;
}

/**
 * A set of byte strings that tells whether one of them is a prefix of a message: a radix trie, so
 * a question costs at most a step for each byte of the longest prefix, whatever their number.
 */
export class PrefixTrie {
  readonly #root: Node = { label: new Uint8Array(0), ends: false, children: new Map() };
  #size = 0;

  /** How many prefixes there are. */
  get size(): number {
    return this.#size;
  }

  /** Adds one; false if it was there. */
  add(prefix: Uint8Array): boolean {
    let node = this.#root;
    let at = 0;
    while (at < prefix.length) {
      const child = node.children.get(prefix[at]!);
      if (child === undefined) {
        node.children.set(prefix[at]!, {
          label: prefix.slice(at),
          ends: true,
          children: new Map(),
        });
        this.#size++;
        return true;
      }
      const same = commonLength(child.label, prefix, at);
      if (same < child.label.length) split(child, same);
      at += same;
      node = child;
    }
    if (node.ends) return false;
    node.ends = true;
    this.#size++;
    return true;
  }

  /** Removes one; false if it was not there. */
  delete(prefix: Uint8Array): boolean {
    let parent: Node | undefined;
    let node = this.#root;
    let at = 0;
    while (at < prefix.length) {
      const child = node.children.get(prefix[at]!);
      if (child === undefined || commonLength(child.label, prefix, at) < child.label.length) {
        return false;
      }
      at += child.label.length;
      parent = node;
      node = child;
    }
    if (!node.ends) return false;
    node.ends = false;
    this.#size--;
    if (parent !== undefined && node.children.size === 0) {
      parent.children.delete(node.label[0]!);
      if (parent !== this.#root) merge(parent);
    } else if (parent !== undefined) merge(node);
    return true;
  }

  /** Tells whether one of the prefixes begins the message. */
  matches(message: Uint8Array): boolean {
    let node = this.#root;
    let at = 0;
    while (!node.ends) {
      if (at >= message.length) return false;
      const child = node.children.get(message[at]!);
      if (child === undefined || commonLength(child.label, message, at) < child.label.length) {
        return false;
      }
      at += child.label.length;
      node = child;
    }
    return true;
  }
}

/** How many bytes of a label stand in a string at an offset. */
function commonLength(label: Uint8Array, bytes: Uint8Array, at: number): number {
  const end = Math.min(label.length, bytes.length - at);
  let same = 0;
  while (same < end && label[same] === bytes[at + same]) same++;
  return same;
}

/** Cuts a node in two behind so many bytes of its label. */
function split(node: Node, length: number): void {
  const rest: Node = {
    label: node.label.slice(length),
    ends: node.ends,
    children: new Map(node.children),
  };
  node.label = node.label.slice(0, length);
  node.ends = false;
  node.children.clear();
  node.children.set(rest.label[0]!, rest);
}

/** Makes one of a node that ends nothing and its only child. */
function merge(node: Node): void {
  if (node.ends || node.children.size !== 1) return;
  const [child] = node.children.values() as Iterable<Node> as [Node];
  const label = new Uint8Array(node.label.length + child.label.length);
  label.set(node.label);
  label.set(child.label, node.label.length);
  node.label = label;
  node.ends = child.ends;
  node.children.clear();
  for (const [byte, grandchild] of child.children) node.children.set(byte, grandchild);
}

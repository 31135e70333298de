// Instead of patterns/prefix_trie.ts: a page's publisher has few subscribers, a list of their prefixes does.

export class PrefixTrie {
  readonly #prefixes: Uint8Array[] = [];

  get size(): number {
    return this.#prefixes.length;
  }

  add(prefix: Uint8Array): boolean {
    const isNew = this.#find(prefix) < 0;
    if (isNew) this.#prefixes.push(prefix.slice());
    return isNew;
  }

  delete(prefix: Uint8Array): boolean {
    const at = this.#find(prefix);
    if (at >= 0) this.#prefixes.splice(at, 1);
    return at >= 0;
  }

  matches(message: Uint8Array): boolean {
    return this.#prefixes.some((prefix) => begins(message, prefix));
  }

  #find(prefix: Uint8Array): number {
    return this.#prefixes.findIndex((one) => one.length === prefix.length && begins(one, prefix));
  }
}

function begins(message: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, at) => byte === message[at]);
}

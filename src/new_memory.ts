/*
 * New memory for what comes. An adapter may know a better way for its runtime: `transports/runtime/memory.ts`.
 */

/** How memory is made. */
export interface Allocator {
  /** New memory, whatever is in it: all of it is to be filled. */
  allocate(length: number): Uint8Array<ArrayBuffer>;
  /** New memory with these bytes. */
  copy(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
}

/** As any runtime can. The constructor, in V8, does not clear memory before it copies into it; `slice` does. */
export const PLAIN: Allocator = {
  allocate: (length) => new Uint8Array(length),
  copy: (bytes) => new Uint8Array(bytes),
};

let allocator = PLAIN;

/** From now on, memory is made in this way, by the whole thread. */
export function setAllocator(other: Allocator): void {
  allocator = other;
}

/** New memory, whatever is in it: all of it is to be filled. */
export function newMemory(length: number): Uint8Array<ArrayBuffer> {
  return allocator.allocate(length);
}

/** These bytes, in memory that no other thread has: a copy, if theirs is shared. */
export function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? bytes as Uint8Array<ArrayBuffer> : copyOf(bytes);
}

/** New memory with these bytes. */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return allocator.copy(bytes);
}

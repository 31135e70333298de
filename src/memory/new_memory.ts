/** Makes memory of a length, whatever is in it. */
export type Allocator = (length: number) => Uint8Array<ArrayBuffer>;

let allocate: Allocator = (length) => new Uint8Array(length);

/** From now on, the whole thread makes memory for messages this way: a transport may know a faster one for its runtime. */
export function setAllocator(other: Allocator): void {
  allocate = other;
}

/** New memory, whatever is in it: all of it is to be filled. */
export function newMemory(length: number): Uint8Array<ArrayBuffer> {
  return allocate(length);
}

/** These bytes, in memory that no other thread has: a copy, if theirs is shared. */
export function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? bytes as Uint8Array<ArrayBuffer> : copyOf(bytes);
}

/** New memory with these bytes; `slice` may make an array of a subclass, such as a `Buffer`. */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

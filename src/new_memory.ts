/*
 * New memory for what comes. How it is made and freed decides how fast large messages come (`npm run bench -- throughput`
 * has them), and the runtimes differ: two things are done where they were seen to help, and only there.
 *
 * Node frees it late. The bytes of an array lie outside of V8's heap. The collector of young objects frees them in a
 * fraction of a millisecond, but runs only when the young heap is full, of which a large message takes a few hundred
 * bytes. So nothing is freed until 64 MiB have come, and then by marking the whole heap; and the memory that is used again
 * next left the processor's cache long ago. Therefore some of the young heap is used up with it, for nothing: messages of
 * 16 KiB to 1 MiB came half as fast again.
 *
 * Node and Bun clear it, though it is to be overwritten. They can be asked not to: messages of 1 MiB came by a quarter
 * faster; smaller ones did not.
 */

/** For so much new memory... */
const STEP = 64 * 1024;
/** ...so many elements, of eight bytes each: an eighth. */
const ELEMENTS = 1024;
/** Memory of this size and more is not cleared. */
const UNCLEARED = 128 * 1024;

const { Buffer, Bun, Deno } = globalThis as {
  Buffer?: { allocUnsafeSlow?: (length: number) => Uint8Array<ArrayBuffer> };
  Bun?: unknown;
  Deno?: unknown;
};
const isNode = Buffer !== undefined && Bun === undefined && Deno === undefined;
const allocator = Deno === undefined ? Buffer : undefined;

let made = 0;
/** Where they are kept until the next, so that no compiler leaves them out. */
const garbage: unknown[] = [undefined];

/** New memory, whatever is in it: all of it is to be filled. */
export function newMemory(length: number): Uint8Array<ArrayBuffer> {
  if (isNode) fillYoungHeap(length);
  return length >= UNCLEARED && allocator?.allocUnsafeSlow !== undefined
    ? new Uint8Array(allocator.allocUnsafeSlow(length).buffer)
    : new Uint8Array(length);
}

/** New memory with these bytes. By the constructor, which in V8 does not clear it before; `slice` does. */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (isNode) fillYoungHeap(bytes.length);
  return new Uint8Array(bytes);
}

function fillYoungHeap(length: number): void {
  for (made += length; made >= STEP; made -= STEP) garbage[0] = new Array(ELEMENTS);
}

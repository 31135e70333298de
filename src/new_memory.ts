/*
 * New memory for what comes, and how V8 is brought to free it soon.
 *
 * V8 keeps the bytes of an array outside of its heap. Its collector of young objects frees them in a fraction of a
 * millisecond, but runs only when the young heap is full, of which a large message takes a few hundred bytes. So nothing
 * is freed until 64 MiB have come, and then by marking the whole heap; and the memory that is used again next left the
 * processor's cache long ago. Therefore an eighth as much of the young heap is used up, for nothing. In Node,
 * `npm run bench -- throughput` has messages of 64 KiB and 1 MiB come half as fast again for it.
 */

/** For so much new memory... */
const STEP = 64 * 1024;
/** ...so many elements, of eight bytes each. */
const ELEMENTS = 1024;

/** Bun's engine goes by the bytes that its objects have outside, too. */
const isWorthIt = !("Bun" in globalThis);
let made = 0;
/** Where they are kept until the next, so that no compiler leaves them out. */
const garbage: unknown[] = [undefined];

/** Memory of this size and more is not cleared, where there is a way: messages of 1 MiB come by a quarter faster. */
const LARGE = 128 * 1024;
/** Deno's clears it, and takes longer. */
const { Buffer } = ("Deno" in globalThis ? {} : globalThis) as {
  Buffer?: { allocUnsafeSlow?: (length: number) => Uint8Array<ArrayBuffer> };
};

/** New memory, whatever is in it: all of it is to be filled. */
export function newMemory(length: number): Uint8Array<ArrayBuffer> {
  if (isWorthIt) fillYoungHeap(length);
  return length >= LARGE && Buffer?.allocUnsafeSlow !== undefined
    ? new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
    : new Uint8Array(length);
}

/** New memory with these bytes. By the constructor, which in V8 does not clear it before; `slice` does. */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (isWorthIt) fillYoungHeap(bytes.length);
  return new Uint8Array(bytes);
}

function fillYoungHeap(length: number): void {
  for (made += length; made >= STEP; made -= STEP) garbage[0] = new Array(ELEMENTS);
}

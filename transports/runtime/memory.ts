/*
 * How the runtimes make the memory of messages fastest: `npm run bench -- throughput` has large messages without `recycle`
 * on each. They differ; what is done here was seen to help, and nothing is done for Deno, which it did not help.
 */
import { type Allocator, PLAIN } from "../../src/new_memory.ts";
import { builtin } from "./node.ts";
import type { BufferModule } from "./node_api.ts";

/** Of so many bytes and more, it is worth asking for memory that is not cleared before it is overwritten. */
const UNCLEARED = 128 * 1024;

let buffer: BufferModule | undefined;

function allocate(length: number): Uint8Array<ArrayBuffer> {
  if (length < UNCLEARED) return PLAIN.allocate(length);
  buffer ??= builtin<BufferModule>("node:buffer");
  return new Uint8Array(buffer.Buffer.allocUnsafeSlow(length).buffer);
}

/** Bun clears memory unless it is asked not to. */
export const bunMemory: Allocator = { allocate, copy: PLAIN.copy };

/**
 * So does Node; and it frees memory late. The bytes of an array lie outside of V8's heap. The collector of young objects
 * frees them in a fraction of a millisecond, but runs only when the young heap is full, of which a large message takes a
 * few hundred bytes. So nothing is freed until 64 MiB have come, and then by marking the whole heap; and the memory that
 * is used again next left the processor's cache long ago. Therefore some of the young heap is used up too, for nothing.
 */
export const nodeMemory: Allocator = {
  allocate(length) {
    fillYoungHeap(length);
    return allocate(length);
  },
  copy(bytes) {
    fillYoungHeap(bytes.length);
    return PLAIN.copy(bytes);
  },
};

/** For so much new memory... */
const STEP = 64 * 1024;
/** ...so many elements, of eight bytes each: an eighth. */
const ELEMENTS = 1024;

let made = 0;
/** Where they are put, so that no compiler leaves them out. */
const garbage: unknown[] = [undefined];

function fillYoungHeap(length: number): void {
  for (made += length; made >= STEP; made -= STEP) {
    garbage[0] = new Array(ELEMENTS);
    // V8 gives its young heap the more room the more it has found alive there; with much, all this would be in vain.
    garbage[0] = undefined;
  }
}

/*
 * How the runtimes make the memory of messages fastest: `npm run bench -- throughput` has large messages without `recycle`
 * on each. They differ; what is done here was seen to help, and nothing is done for Deno, which it did not help.
 */
import { type Allocator, PLAIN } from "../../src/new_memory.ts";
import { builtin } from "./node.ts";
import type { BufferModule } from "./node_api.ts";
import { fillYoungHeap } from "./young_heap.ts";

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

/** So does Node; and it frees memory late, unless its young heap is used up. */
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

/*
 * How the runtimes make the memory of messages fastest: `npm run bench -- throughput` has large messages
 * on each. They differ; what is done here was seen to help.
 */
import { type Allocator, PLAIN } from "../../src/new_memory.ts";
import { countForBallast } from "./ballast.ts";
import { keepFreedMemory } from "./freed_memory.ts";
import { builtin } from "./node.ts";
import type { BufferModule } from "./node_api.ts";
import { onceReceivedMany } from "./once_received.ts";
import { fillYoungHeap, LONG_CYCLE, SHORT_CYCLE } from "./young_heap.ts";

/** How a runtime makes memory. */
export interface RuntimeMemory extends Allocator {
  /** To be told how much others have made for messages, such as the package `ws`: that is freed in time too. */
  made(length: number): void;
}

/** Of so many bytes and more, it is worth asking for memory that is not cleared before it is overwritten. */
const UNCLEARED = 32 * 1024;

let buffer: BufferModule | undefined;
const countReceived = onceReceivedMany(keepFreedMemory);

function allocate(length: number): Uint8Array<ArrayBuffer> {
  if (length < UNCLEARED) return PLAIN.allocate(length);
  buffer ??= builtin<BufferModule>("node:buffer");
  return new Uint8Array(buffer.Buffer.allocUnsafeSlow(length).buffer);
}

/** So much was made in V8, and is to be freed within a cycle of so many bytes. */
function countMade(length: number, cycle: number): void {
  countReceived(length);
  fillYoungHeap(length, cycle);
}

/** A runtime that nothing is known of. */
export const plainMemory: RuntimeMemory = { ...PLAIN, made() {} };

/** Bun clears memory unless it is asked not to. What it reads is counted by its connections. */
export const bunMemory: RuntimeMemory = { allocate, copy: PLAIN.copy, made: countForBallast };

/** Deno clears memory in any case, and frees late what large messages come in, unless its young heap is used up. */
export const denoMemory: RuntimeMemory = {
  allocate(length) {
    denoMemory.made(length);
    return PLAIN.allocate(length);
  },
  copy(bytes) {
    countReceived(bytes.length);
    return PLAIN.copy(bytes);
  },
  made(length) {
    countMade(length, SHORT_CYCLE);
  },
};

/** Node clears memory unless it is asked not to, and frees all of it late. */
export const nodeMemory: RuntimeMemory = {
  allocate(length) {
    countMade(length, LONG_CYCLE);
    return allocate(length);
  },
  copy(bytes) {
    countMade(bytes.length, LONG_CYCLE);
    return PLAIN.copy(bytes);
  },
  made(length) {
    countMade(length, SHORT_CYCLE);
  },
};

/*
 * Why Node and Deno free received memory in time.
 *
 * The bytes of an array lie outside of V8's heap. The collector of young objects frees them in a fraction of a millisecond,
 * but runs only when the young heap is full, of which a large message takes a few hundred bytes. So nothing is freed until
 * tens of MiB have come, and then mostly by marking the whole heap; and the memory that is used again next left the
 * processor's cache long ago. Therefore the young heap is filled up as messages come, for nothing. What becomes of it are
 * the rows of large messages in `npm run bench -- --all`; `--trace-gc` tells each collection.
 */
import { builtin } from "./node.ts";
import type { V8Module } from "./node_api.ts";

/** Until the young heap is full, so much may come, and as much as its size besides: to fill a larger one costs more. */
export const LONG_CYCLE: number = 32 * 1024 * 1024;
/**
 * The same where V8 would begin to mark earlier. Its newer version in Deno does; and in Node it does where more is alive at
 * a time, as with `ws`, which has a message in pieces and then whole. Once it has marked a small heap, it may well go on
 * marking it, over and over.
 */
export const SHORT_CYCLE: number = 16 * 1024 * 1024;
/** For so much that comes, one array is made. */
const STEP = 64 * 1024;
/** An element's size. */
const ELEMENT = 8;
/** V8 changes the young heap's size. To ask for it takes some microseconds, so that is done once for so much that comes. */
const LOOK = 64 * 1024 * 1024;

let untilLook = 0;
let heapSize = 0;
let made = 0;
/** Where arrays are put, so that no compiler leaves them out. */
const garbage: unknown[] = [undefined];

/** Uses some of the young heap up, as so many bytes are to come; once in each cycle all of it. */
export function fillYoungHeap(length: number, cycle: number): void {
  untilLook -= length;
  if (untilLook < 0) {
    untilLook = LOOK;
    heapSize = youngHeapSize();
  }
  const elements = share(heapSize, cycle);
  if (elements === 0) return;
  for (made += length; made >= STEP; made -= STEP) {
    garbage[0] = new Array(elements);
    // V8 gives its young heap more room the more it has found alive there.
    garbage[0] = undefined;
  }
}

/** How many elements an array has if the young heap has room for so many bytes. */
export function share(size: number, cycle: number): number {
  return Math.round(size * STEP / (cycle + size) / ELEMENT);
}

/** In bytes; 0 if this is a runtime that does not say. */
function youngHeapSize(): number {
  try {
    const spaces = builtin<V8Module>("node:v8").getHeapSpaceStatistics();
    const young = spaces.find((space) => space.space_name === "new_space");
    return young === undefined ? 0 : young.space_used_size + young.space_available_size;
  } catch {
    return 0;
  }
}

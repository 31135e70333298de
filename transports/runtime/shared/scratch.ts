/*
 * Where the chunks of a write are joined, for a runtime that takes one piece at a time.
 *
 * A few large pieces of memory serve all connections of a thread. Who finds them all taken, by writes that wait for slow
 * peers, joins small chunks only. Eight messages of 64 KiB, as they gather, are one piece (`batch.test.ts`).
 */

/** The most that `src/pipes/pipe_writer.ts` hands over: 512 KiB, and the slab or the body with which there is so much, if joined. */
const SIZE = (512 + 128 + 64) * 1024;
const MOST = 4;
const SMALL = 1024;

const spare: Uint8Array[] = [];
const spareSmall: Uint8Array[] = [];
let taken = 0;

/** Takes a piece, until it is given back. */
export function takeScratch(): Uint8Array {
  if (taken === MOST) return spareSmall.pop() ?? new Uint8Array(SMALL);
  taken++;
  return spare.pop() ?? new Uint8Array(SIZE);
}

/** Gives a piece back, which nobody writes from any more. */
export function giveScratch(scratch: Uint8Array): void {
  if (scratch.length === SMALL) spareSmall.push(scratch);
  else {
    taken--;
    spare.push(scratch);
  }
}

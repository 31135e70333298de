/*
 * Why memory that the collector frees is there for the next message, on Node and Deno.
 *
 * glibc gives what is free at the end of its heap back to the system once that is more than it wants to keep, and the
 * collector frees some 64 MiB at a time. What comes next has to be asked for again, page by page, and the system clears
 * each, after it may have asked a host in turn. But glibc learns: when a piece is freed that was mapped by itself, twice its size
 * may be free from then on. So such a piece is made once, and freed; none of its pages is ever touched. With another C
 * library nothing changes. What becomes of it are Deno's rows of 1 MiB in `npm run bench -- throughput`.
 */

/** Of pieces of 32 MiB and more, glibc learns nothing. */
const SIZE = 31 * 1024 * 1024;

/** From now on, the process keeps up to 62 MiB that are free. */
export function keepFreedMemory(): void {
  // A buffer without its bytes: they are freed at once, not by the collector.
  if (typeof ArrayBuffer.prototype.transfer === "function") new ArrayBuffer(SIZE).transfer(0);
}

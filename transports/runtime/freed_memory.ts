/*
 * Why memory that the collector frees is there for the next message, on Node and Deno.
 *
 * glibc gives what is free at the end of its heap back to the system once that is more than some bytes, and the collector
 * frees up to 64 MiB at a time. What comes next has to be asked for again, page by page, and the system clears each: up
 * to a sixth of the receiver's time, and several times that where the system in turn has to ask a host. But glibc learns: when
 * a piece is freed that was mapped by itself, twice its size may be free from then on. So such a piece is made once and
 * freed again; none of its pages is ever touched. With another C library nothing changes.
 */

/** A page less than 32 MiB, of which and of more glibc learns nothing, would do; this is all that the collector frees at once. */
const SIZE = 31 * 1024 * 1024;

/** From now on, the process keeps up to 62 MiB that are free. */
export function keepFreedMemory(): void {
  const piece = new ArrayBuffer(SIZE);
  // A buffer without its bytes: they are freed at once, not by the collector.
  if (typeof piece.transfer === "function") piece.transfer(0);
}

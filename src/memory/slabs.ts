/** Bytes of the first slab; each is twice as large as the one before, up to the largest. */
const FIRST_SLAB = 1024;
const LARGEST_SLAB = 64 * 1024;

/**
 * Slabs of the largest size that are written and free. A new one costs as much as to fill it: its memory is zeroed, and
 * collected. All sockets share them, so that they are few however many peers there are.
 */
const spare: Uint8Array<ArrayBuffer>[] = [];
/** The most of them. */
const MOST_SPARE = 16;

/** The slabs of memory that a packer lays messages out in, one after the other. */
export class Slabs {
  readonly #keepsMemory: boolean;
  #last: Uint8Array<ArrayBuffer> | undefined;
  /** Those before the last one that may not be written yet, the oldest first. */
  readonly #before: Uint8Array<ArrayBuffer>[] = [];

  /** @param keepsMemory Whether what was packed is not to be changed, not even when it is written. */
  constructor(keepsMemory: boolean) {
    this.#keepsMemory = keepsMemory;
  }

  /** A slab with room for so many bytes; the one before is used up. */
  next(size: number): Uint8Array<ArrayBuffer> {
    const last = this.#last;
    const length = last === undefined ? FIRST_SLAB : Math.min(LARGEST_SLAB, last.length * 2);
    if (last !== undefined && !this.#keepsMemory) this.#before.push(last);
    const used = size <= LARGEST_SLAB && length === LARGEST_SLAB ? spare.pop() : undefined;
    return this.#last = used ?? new Uint8Array(Math.max(size, length));
  }

  /**
   * What was packed is written, but for what begins in the slab `first` and what is behind it.
   *
   * @returns Whether the last slab is free.
   */
  written(first: Uint8Array | undefined): boolean {
    if (this.#keepsMemory) return false;
    const before = this.#before;
    while (before.length > 0 && before[0] !== first) {
      const slab = before.shift()!;
      if (slab.length === LARGEST_SLAB && spare.length < MOST_SPARE) spare.push(slab);
    }
    return first === undefined;
  }
}

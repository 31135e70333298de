// Pages pack for their own workers only, to whom the memory goes.

/** Slabs of which none is used again. */
export class Slabs {
  #length = 512;

  next(size: number): Uint8Array {
    this.#length = Math.min(64 * 1024, this.#length * 2);
    return new Uint8Array(Math.max(size, this.#length));
  }

  written(): boolean {
    return false;
  }
}

// Pages send little at once: each message by itself, where servers join what lies side by side.
import type { Packer } from "../../src/packer.ts";

/** What waits to be written: each message's pieces. */
export class Outbox {
  readonly #prefix: number;
  #waiting: Uint8Array[][] = [];
  readonly first: undefined;
  bytes = 0;

  constructor(prefix: number) {
    this.#prefix = prefix;
  }

  get messages(): number {
    return this.#waiting.length;
  }

  append({ buffer, start, end, body }: Packer): void {
    const pieces: Uint8Array[] = [buffer.subarray(start, end)];
    if (body !== undefined) pieces.push(body);
    this.bytes += size(pieces);
    this.#waiting.push(pieces);
  }

  take(chunks: Uint8Array[], limit: number): number {
    let taken = 0;
    let count = 0;
    chunks.length = 0;
    while (count < this.messages && taken < limit) {
      const pieces = this.#waiting[count++]!;
      chunks.push(...pieces);
      taken += size(pieces);
    }
    this.#waiting.splice(0, count);
    this.bytes -= taken;
    return taken;
  }

  shift(): Uint8Array | undefined {
    const pieces = this.#waiting.shift();
    if (pieces === undefined) return undefined;
    const length = size(pieces);
    this.bytes -= length;
    const whole = new Uint8Array(length);
    whole.set(pieces[0]!);
    if (pieces[1] !== undefined) whole.set(pieces[1], pieces[0]!.length);
    return whole.subarray(this.#prefix);
  }

  drop(): number {
    return this.shift()?.length ?? -1;
  }

  clear(): void {
    this.#waiting = [];
    this.bytes = 0;
  }
}

function size(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

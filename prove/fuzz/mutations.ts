import type { Random } from "../lib/random.ts";

/** Bytes that look like noise, to take pieces from: making new ones for each input would take most of the time. */
const NOISE_LENGTH = 128 * 1024;

/** Makes inputs for one connection: all of it follows from its random numbers. */
export class Mutations {
  readonly random: Random;
  readonly #noise: Uint8Array;

  /** @param random Of this connection. @param noise As `makeNoise` makes it; shared by all connections. */
  constructor(random: Random, noise: Uint8Array) {
    this.random = random;
    this.#noise = noise;
  }

  /** So many bytes of noise, at the most 64 KiB more than the noise there is. */
  noise(length: number): Uint8Array {
    const from = this.random.below(NOISE_LENGTH - Math.min(length, NOISE_LENGTH) + 1);
    return this.#noise.subarray(from, from + length);
  }

  /** A length such as messages have: mostly short, at times long. */
  length(): number {
    const { random } = this;
    const kind = random.below(100);
    if (kind < 10) return 0;
    if (kind < 70) return random.below(40);
    if (kind < 97) return random.below(400);
    return random.below(20_000);
  }

  /** Up to three changes: bits, bytes and numbers changed, pieces cut out, doubled, put in, taken from `other`. */
  mutate(bytes: Uint8Array, other: Uint8Array = bytes): Uint8Array {
    let result: Uint8Array = bytes.slice();
    for (let times = 1 + this.random.below(3); times > 0; times--) {
      result = this.#one(result, other);
    }
    return result;
  }

  #one(bytes: Uint8Array, other: Uint8Array): Uint8Array {
    const { random } = this;
    if (bytes.length === 0) return this.noise(1 + random.below(16)).slice();
    const at = random.below(bytes.length);
    const length = 1 + random.below(Math.min(64, bytes.length - at));
    switch (random.below(10)) {
      case 0:
      case 1:
        bytes[at]! ^= 1 << random.below(8);
        return bytes;
      case 2:
        bytes[at] = random.pick(EXTREME_BYTES);
        return bytes;
      case 3:
        return bytes.subarray(0, at); // cut off
      case 4:
        return concat(bytes.subarray(0, at), bytes.subarray(at + length)); // cut out
      case 5:
        return concat(bytes.subarray(0, at), this.noise(length), bytes.subarray(at)); // put in
      case 6: // doubled
        return concat(bytes.subarray(0, at + length), bytes.subarray(at));
      case 7:
        return concat(bytes.subarray(0, at), other.subarray(random.below(other.length + 1)));
      case 8:
        return bytes.fill(random.pick(EXTREME_BYTES), at, at + length);
      default:
        return withNumber(bytes, at, random.pick(EXTREME_NUMBERS));
    }
  }

  /** A length that is not that of the message: one more, one less, what is at the edge of a limit or of a kind of number. */
  wrongLength(length: number, limit: number): bigint {
    const near = [length - 1, length + 1, length * 2, limit, limit + 1].filter((one) => one >= 0);
    return this.random.oneIn(2)
      ? BigInt(this.random.pick(near))
      : this.random.pick(EXTREME_NUMBERS);
  }

  /** The bytes in pieces, as they are to be written: mostly one. */
  split(bytes: Uint8Array): Uint8Array[] {
    const { random } = this;
    if (bytes.length < 2 || !random.oneIn(6)) return [bytes];
    const pieces: Uint8Array[] = [];
    // Byte by byte at times; not all of a long one, which would take too long.
    const most = random.oneIn(4) ? 1 : 1 + random.below(bytes.length);
    let at = 0;
    while (at < bytes.length && pieces.length < 24) {
      const end = at + 1 + random.below(most);
      pieces.push(bytes.subarray(at, end));
      at = end;
    }
    if (at < bytes.length) pieces.push(bytes.subarray(at));
    return pieces;
  }
}

const EXTREME_BYTES = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

const EXTREME_NUMBERS = [31n, 32n, 53n, 63n, 64n]
  .flatMap((power) => [2n ** power - 1n, 2n ** power])
  .concat(0n, 1n, 0xffffn, 0x10000n, 1024n * 1024n, 1024n * 1024n + 1n)
  .filter((number) => number < 2n ** 64n);

/** What `Mutations` take pieces from. */
export function makeNoise(random: Random): Uint8Array {
  return random.bytes(NOISE_LENGTH);
}

/** Writes a number over two, four or eight bytes. */
function withNumber(bytes: Uint8Array, at: number, number: bigint): Uint8Array {
  for (let i = 0; i < 8 && at + i < bytes.length; i++) {
    bytes[at + i] = Number(number >> BigInt(56 - 8 * i) & 0xffn);
  }
  return bytes;
}

/** One behind the other. */
export function concat(...pieces: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

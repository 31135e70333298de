/**
 * What a reader sees of a crowd of loud peers and a quiet one: how long the turns of its event loop are, how evenly it takes
 * from the loud, how long the quiet one's messages take. Who is who lies in the first bytes of a message.
 *
 * @module
 */

/** Bytes of a message that tells who sent it: u32 of the peer, u32 of its count, f64 of the time in milliseconds. */
export const markSize = 16;

/** The quiet peer's number. */
export const quietPeer = 0xffffffff;

/** Writes who sends a message, how many it has sent before, and when: milliseconds since 1970, which every process agrees on. */
export function mark(message: Uint8Array, peer: number, count: number, time: number): void {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  view.setUint32(0, peer);
  view.setUint32(4, count);
  view.setFloat64(8, time);
}

/** The turns of this process's event loop, from `start` on. */
export class Turns {
  #last = 0;
  #longest = 0;
  #count = 0;
  #isOver = false;

  /** Begins. */
  start(): void {
    this.#last = performance.now();
    const tick = (): void => {
      if (this.#isOver) return;
      this.#see();
      this.#count++;
      setImmediate(tick);
    };
    setImmediate(tick);
  }

  /** Ends; milliseconds of the longest turn, the one that is not over yet included, and how many there were. */
  end(): { longestTurn: number; turns: number } {
    this.#isOver = true;
    this.#see();
    return { longestTurn: this.#longest, turns: this.#count };
  }

  #see(): void {
    const now = performance.now();
    this.#longest = Math.max(this.#longest, now - this.#last);
    this.#last = now;
  }
}

/** What a window saw; times in milliseconds. */
export interface CrowdSeen {
  /** Messages that were taken. */
  readonly taken: number;
  /** Of the loud peer that most was taken from. */
  readonly most: number;
  /** Of the one that least was taken from. */
  readonly least: number;
  /** How many of the loud nothing was taken from. */
  readonly silent: number;
  /** Messages of the quiet one. */
  readonly quiet: number;
  /** Those of them that did not follow the one before. */
  readonly outOfOrder: number;
  /** Half of the quiet one's took less. */
  readonly p50: number;
  /** All but a hundredth of the quiet one's took less. */
  readonly p99: number;
  /** How long the window was. */
  readonly elapsed: number;
}

/** Counts what comes of a crowd. */
export class CrowdTally {
  readonly #counts: Float64Array;
  readonly #started = performance.now();
  #latencies: number[] = [];
  #taken = 0;
  #lastQuiet: number | undefined;
  #outOfOrder = 0;

  /** For so many loud peers. */
  constructor(loud: number) {
    this.#counts = new Float64Array(loud);
  }

  /** Counts a message. One that is too short to say whose it is is the only loud peer's. */
  add(message: Uint8Array): void {
    this.#taken++;
    const peer = message.length < markSize
      ? 0
      : (message[0]! << 24 | message[1]! << 16 | message[2]! << 8 | message[3]!) >>> 0;
    if (peer === quietPeer) this.#addQuiet(message);
    else this.#counts[peer]!++;
  }

  /** Messages that were counted. */
  get taken(): number {
    return this.#taken;
  }

  /** How many of the loud have not been heard. */
  get silent(): number {
    return this.#counts.filter((count) => count === 0).length;
  }

  #addQuiet(message: Uint8Array): void {
    const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    const count = view.getUint32(4);
    if (this.#lastQuiet !== undefined && count !== this.#lastQuiet + 1) this.#outOfOrder++;
    this.#lastQuiet = count;
    this.#latencies.push(Date.now() - view.getFloat64(8));
  }

  /** What was seen. */
  seen(): CrowdSeen {
    const sorted = Float64Array.from(this.#latencies).sort();
    const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
    return {
      taken: this.#taken,
      most: this.#counts.reduce((most, count) => Math.max(most, count), 0),
      least: this.#counts.reduce((least, count) => Math.min(least, count), Infinity),
      silent: this.silent,
      quiet: sorted.length,
      outOfOrder: this.#outOfOrder,
      p50: at(0.5),
      p99: at(0.99),
      elapsed: performance.now() - this.#started,
    };
  }
}

/** Standard output for many small messages: one write for all that one event-loop turn printed. */

import { Buffer } from "node:buffer";
import type { Writable } from "node:stream";
import { setImmediate } from "node:timers";

/** As much as a pipe takes at once on Linux. */
const BATCH = 64 * 1024;
const NOTHING = new Uint8Array(0);

/** Gathers what is printed and writes it in batches; tells the caller when to wait. */
export class Output {
  readonly #stream: Writable;
  #parts: Uint8Array[] = [];
  #size = 0;
  #isScheduled = false;
  #isBroken = false;
  #drained: Promise<void> | undefined;
  #resolveDrained: () => void = () => {};
  /** Resolves when the last batch is written. */
  #written: Promise<void> | undefined;
  readonly #onBroken: (error: Error) => void;
  /** Resolves when it is broken: then some runtimes call nobody back. */
  readonly #gone: Promise<void>;
  #resolveGone: () => void = () => {};

  /**
   * @param stream Where to write, `process.stdout`.
   * @param onBroken Called once when nobody can read the output any more.
   */
  constructor(stream: Writable, onBroken: (error: Error) => void) {
    this.#stream = stream;
    this.#gone = new Promise((resolve) => this.#resolveGone = resolve);
    stream.on("drain", () => this.#release());
    this.#onBroken = onBroken;
    stream.on("error", (error) => this.#break(error));
  }

  /** Prints `bytes`, which must not change later. Await the promise, if there is one. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    if (bytes.length === 0) return undefined;
    this.#parts.push(bytes);
    this.#size += bytes.length;
    if (this.#size >= BATCH) {
      this.#flush();
    } else if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => {
        this.#isScheduled = false;
        this.#flush();
      });
    }
    return this.#drained;
  }

  /** Resolves when all that was printed is with the operating system, or cannot be. */
  async finish(): Promise<void> {
    this.#flush();
    if (this.#isBroken) return;
    const last = new Promise<void>((resolve) => this.#hand(NOTHING, resolve));
    await Promise.race([Promise.all([this.#written, last]), this.#gone]);
  }

  #flush(): void {
    const parts = this.#parts;
    const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts, this.#size);
    this.#parts = [];
    this.#size = 0;
    if (bytes.length === 0 || this.#isBroken) return;
    // On Bun, a write that fails may end after those behind it.
    let hasRoom = true;
    this.#written = new Promise((resolve) => hasRoom = this.#hand(bytes, resolve));
    if (!hasRoom) {
      this.#drained ??= new Promise((resolve) => this.#resolveDrained = resolve);
    }
  }

  /** Writes. Returns whether there is room for more. @param done Called when it is written, or cannot be. */
  #hand(bytes: Uint8Array, done: () => void): boolean {
    try {
      return this.#stream.write(bytes, (error) => {
        if (error) this.#break(error);
        done();
      });
    } catch (error) {
      // Deno throws where standard output is a file that takes no more.
      this.#break(error as Error);
      done();
      return true;
    }
  }

  #break(error: Error): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#release();
    this.#resolveGone();
    this.#onBroken(error);
  }

  #release(): void {
    this.#drained = undefined;
    this.#resolveDrained();
  }
}

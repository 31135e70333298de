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
  readonly #onBroken: (error: Error) => void;

  /**
   * @param stream Where to write, `process.stdout`.
   * @param onBroken Called once when nobody can read the output any more.
   */
  constructor(stream: Writable, onBroken: (error: Error) => void) {
    this.#stream = stream;
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

  /** Resolves when all that was printed is with the operating system. */
  finish(): Promise<void> {
    this.#flush();
    if (this.#isBroken) return Promise.resolve();
    return new Promise((resolve) => {
      this.#stream.write(NOTHING, (error) => {
        if (error) this.#break(error);
        resolve();
      });
    });
  }

  #flush(): void {
    const parts = this.#parts;
    const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts, this.#size);
    this.#parts = [];
    this.#size = 0;
    if (bytes.length === 0 || this.#isBroken) return;
    if (!this.#hand(bytes)) {
      this.#drained ??= new Promise((resolve) => this.#resolveDrained = resolve);
    }
  }

  /** Writes. Returns whether there is room for more. */
  #hand(bytes: Uint8Array): boolean {
    try {
      return this.#stream.write(bytes);
    } catch (error) {
      // Deno throws where standard output is a file that takes no more.
      this.#break(error as Error);
      return true;
    }
  }

  #break(error: Error): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#release();
    this.#onBroken(error);
  }

  #release(): void {
    this.#drained = undefined;
    this.#resolveDrained();
  }
}

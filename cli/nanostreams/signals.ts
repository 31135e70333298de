import type process from "node:process";
import { EXIT } from "./ends.ts";

/** SIGINT and SIGTERM: the first asks for an end in order, the second ends at once. */
export class Signals implements Disposable {
  readonly #process: typeof process;
  readonly #stop: AbortController = new AbortController();
  /** The exit status, if there was a signal. */
  status: number | undefined;

  constructor(ofProcess: typeof process) {
    this.#process = ofProcess;
    ofProcess.on("SIGINT", this.#take).on("SIGTERM", this.#take);
  }

  /** Aborted by the first signal. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Signals do again what they do by themselves. */
  [Symbol.dispose](): void {
    this.#process.off("SIGINT", this.#take).off("SIGTERM", this.#take);
  }

  readonly #take = (signal: string): void => {
    const status = signal === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
    if (this.status !== undefined) this.#process.exit(status);
    this.status = status;
    this.#stop.abort();
  };
}

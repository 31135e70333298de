/** Child processes for tests: start one, read what it prints, wait for a line or the end, leave none behind. */

import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { clearTimeout, setTimeout } from "node:timers";

/** How long anything may take before the test fails, in milliseconds. */
export const PATIENCE = 30_000;

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** How to start a process. */
export interface SpawnOptions {
  /** What it reads from standard input, which is at its end after that. */
  readonly input?: string | Uint8Array;
  /** Whether its standard input stays open: `write` and `endInput` are for that. */
  readonly holdsInput?: boolean;
  /** Added to the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A process that ended, with all that it printed. */
export interface Finished extends Exit {
  readonly stdout: Buffer;
  readonly stderr: string;
}

interface Waiter {
  readonly check: () => boolean;
  readonly done: (error?: Error) => void;
}

/** A child process. `await using` kills it, if it still runs, and waits for its end. */
export class Child {
  /** Resolves when the process has ended and its output is read to the end; never rejects. */
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  readonly #waiters = new Set<Waiter>();
  #hasEnded = false;

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    this.#name = [command, ...args].join(" ");
    this.#process = spawn(command, [...args], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    this.#collect("stdout", this.#stdout);
    this.#collect("stderr", this.#stderr);
    this.exited = new Promise((resolve) => {
      const end = (exit: Exit): void => {
        this.#hasEnded = true;
        resolve(exit);
        this.#wake();
      };
      this.#process.once("close", (code, signal) => end({ code, signal }));
      this.#process.once("error", (error) => {
        this.#stderr.push(Buffer.from(`Cannot start: ${error.message}\n`));
        end({ code: null, signal: null });
      });
    });
    // A process that ends without reading its input is no failure of the test.
    this.#process.stdin?.on("error", () => {});
    if (options.holdsInput === true) this.#process.stdin?.write(options.input ?? "");
    else this.#process.stdin?.end(options.input ?? "");
  }

  /** The id of the process. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** What it printed so far. */
  get stdout(): Buffer {
    return Buffer.concat(this.#stdout);
  }

  /** What it printed on standard error so far. */
  get stderr(): string {
    return Buffer.concat(this.#stderr).toString();
  }

  /** Resolves as soon as `condition`, which looks at the output so far, is true. */
  until(condition: (child: Child) => boolean, timeout: number = PATIENCE): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error?: Error): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        if (error === undefined) resolve();
        else reject(error);
      };
      const timer = setTimeout(() => done(this.#surprise(`${timeout} ms passed`)), timeout);
      const waiter: Waiter = { check: () => condition(this), done };
      this.#waiters.add(waiter);
      this.#wake();
    });
  }

  /** Resolves to the first line, on standard output or standard error, that matches. */
  async line(pattern: RegExp, timeout: number = PATIENCE): Promise<string> {
    let found: string | undefined;
    await this.until((child) => {
      const lines = `${child.stdout.toString()}\n${child.stderr}`.split("\n");
      found = lines.find((line) => pattern.test(line));
      return found !== undefined;
    }, timeout);
    return found!;
  }

  /** Resolves when the process has ended by itself. */
  async finished(timeout: number = PATIENCE): Promise<Finished> {
    await this.until((child) => child.#hasEnded, timeout);
    return { ...await this.exited, stdout: this.stdout, stderr: this.stderr };
  }

  /** Sends a signal. */
  kill(signal: "SIGINT" | "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT" = "SIGTERM"): void {
    // Not the child's own kill(): after it Deno reports the signal, however the process then ends.
    if (!this.#hasEnded && this.pid !== undefined) process.kill(this.pid, signal);
  }

  /** Writes to its standard input, which was held open. */
  write(input: string | Uint8Array): void {
    this.#process.stdin?.write(input);
  }

  /** The same; resolves when the pipe has taken it, or the process has ended. */
  writeWhole(input: Uint8Array): Promise<void> {
    const { stdin } = this.#process;
    if (stdin === null || this.#hasEnded) return Promise.resolve();
    const written = new Promise<void>((resolve) => stdin.write(input, () => resolve()));
    return Promise.race([written, this.exited.then(() => {})]);
  }

  /** Ends its standard input, which was held open. */
  endInput(): void {
    this.#process.stdin?.end();
  }

  /** Closes the reading end of its standard output, as `head` does when it has enough. */
  closeStdout(): void {
    this.#process.stdout?.destroy();
  }

  /** Kills the process, if it still runs, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) this.#process.kill("SIGKILL");
    await this.exited;
  }

  #collect(stream: "stdout" | "stderr", into: Buffer[]): void {
    this.#process[stream]?.on("data", (chunk: Buffer) => {
      into.push(chunk);
      this.#wake();
    });
    this.#process[stream]?.on("error", () => {});
  }

  #wake(): void {
    for (const waiter of this.#waiters) {
      if (waiter.check()) waiter.done();
      else if (this.#hasEnded) waiter.done(this.#surprise("it ended"));
    }
  }

  #surprise(event: string): Error {
    return new Error(
      `Cannot see what was expected of "${this.#name}": ${event}\n` +
        `stdout: ${this.stdout.subarray(-2000)}\nstderr: ${this.stderr.slice(-2000)}`,
    );
  }
}

/** Starts a process. */
export function start(command: string, args: readonly string[], options?: SpawnOptions): Child {
  return new Child(command, args, options);
}

/** Runs a process to its end. */
export async function run(
  command: string,
  args: readonly string[],
  options?: SpawnOptions,
): Promise<Finished> {
  await using child = start(command, args, options);
  return await child.finished();
}

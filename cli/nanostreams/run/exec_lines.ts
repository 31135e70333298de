/* --exec-lines: one process, which is asked and answers by lines. */
import { Buffer } from "node:buffer";
import type { ChildProcess } from "node:child_process";
import { EndedBy } from "../input/splitters.ts";
import type { Arrived, Frames } from "../messages.ts";
import { endCommand, endOf, startCommand } from "./commands.ts";

const NEWLINE = 10;

/** A question that waits for its line. */
interface Asked {
  readonly answer: (line: Uint8Array) => void;
  readonly fail: (why: string) => void;
}

/** Asks a process, which is started with the first question, and again when it has ended. */
export class LineFilter {
  readonly #command: string;
  readonly #timeout: number;
  #child: ChildProcess | undefined;
  #asked: Asked[] = [];

  /** @param timeout How long an answer may take, in milliseconds; then the process is ended. */
  constructor(command: string, timeout: number) {
    this.#command = command;
    this.#timeout = timeout;
  }

  /** Asks. Answers come in the order of the questions. */
  readonly answer = ({ frames }: Arrived): Promise<Frames> => {
    const line = Buffer.concat(frames);
    if (line.includes(NEWLINE)) {
      const what = "a question has several lines, and --exec-lines takes one: --exec takes any";
      return Promise.reject(new Error(`no answer: ${what}`));
    }
    return new Promise((resolve, reject) => {
      const child = this.#child ??= this.#start();
      const asked: Asked = {
        answer: (answer) => {
          clearTimeout(timer);
          resolve([answer]);
        },
        fail: (why) => {
          clearTimeout(timer);
          reject(new Error(`no answer: ${JSON.stringify(this.#command)} ${why}`));
        },
      };
      // Behind a line that does not come, no line can be told from another.
      const timer = this.#timeout > 0x7fff_ffff ? undefined : setTimeout(() => {
        this.#end(child, `took longer than ${this.#timeout} ms`);
      }, this.#timeout);
      this.#asked.push(asked);
      child.stdin!.write(Buffer.concat([line, Buffer.of(NEWLINE)]));
    });
  };

  /** Lets the process end, and waits for that. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise((resolve) => child.once("close", resolve));
    const timer = setTimeout(() => endCommand(child), 1000);
    child.stdin!.end();
    await ended;
    clearTimeout(timer);
  }

  #start(): ChildProcess {
    const child = startCommand(this.#command);
    const lines = new EndedBy(NEWLINE, "answer");
    child.stdout!.on("data", (chunk: Uint8Array) => {
      if (this.#child !== child) return;
      for (const line of lines.push(chunk)) this.#asked.shift()?.answer(line);
    });
    child.once("error", (error) => this.#end(child, `cannot be started: ${error.message}`));
    child.once("close", (code, signal) => this.#end(child, `ended with ${endOf(code, signal)}`));
    return child;
  }

  #end(child: ChildProcess, why: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    endCommand(child);
    const asked = this.#asked;
    this.#asked = [];
    for (const { fail } of asked) fail(why);
  }
}

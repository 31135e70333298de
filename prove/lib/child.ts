import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { environment, launchers, type Runtime } from "../../bench/lib/rows.ts";

/** What a child answers, or tells by itself. */
export type Answer = Readonly<Record<string, unknown>>;

/** The longest that an answer may take, in milliseconds, if the question does not say. */
const PATIENCE = 30_000;

const running = new Set<Child>();
process.on("exit", () => running.forEach((child) => child.signal("SIGKILL")));

/** How a child is started. */
export interface ChildOptions {
  /** What stands before the command: `["ip", "netns", "exec", "left"]`. */
  readonly before?: readonly string[];
  /** Environment variables besides ours. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A process that answers questions: one JSON object a line, in and out. `serveQuestions` of `answers.ts` is its other end.
 * It is killed at the latest when this process ends.
 */
export class Child {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer | Error) => void>();
  readonly #name: string;
  #ids = 0;
  #errors = "";

  /** Resolves with its exit code, or the signal's name, when it has ended. */
  readonly ended: Promise<number | string>;

  constructor(name: string, command: readonly string[], options: ChildOptions = {}) {
    const [program = "", ...rest] = [...options.before ?? [], ...command];
    this.#name = name;
    this.#process = spawn(program, rest, {
      env: { ...environment, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#process.stdin!.on("error", () => {}); // It may have ended already.
    this.#process.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-4000);
    });
    createInterface({ input: this.#process.stdout! }).on("line", (line) => this.#take(line));
    running.add(this);
    this.ended = new Promise((resolve) => {
      this.#process.once("error", (error) => {
        this.#errors += error.message;
        resolve(-1);
      });
      this.#process.once("exit", (code, signal) => resolve(code ?? signal ?? -1));
    });
    this.ended.then((code) => {
      running.delete(this);
      const error = new Error(`${name} ended with ${code}: ${this.#errors.trim() || "no message"}`);
      for (const settle of this.#waiting.values()) settle(error);
      this.#waiting.clear();
    });
  }

  /** Runs a worker of ours on a runtime. */
  static of(runtime: Runtime, file: URL, options?: ChildOptions): Child {
    return new Child(runtime, [...launchers[runtime], file.pathname], options);
  }

  /** Its process id. */
  get pid(): number {
    return this.#process.pid!;
  }

  /** What it has written to stderr, the last part. */
  get errors(): string {
    return this.#errors;
  }

  /** Asks; rejects if it does not answer in time, answers with an error, or ends. */
  ask(question: string, parameters: object = {}, timeout: number = PATIENCE): Promise<Answer> {
    const id = ++this.#ids;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`${this.#name} did not answer "${question}" within ${timeout} ms`));
      }, timeout);
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      });
      this.#process.stdin!.write(`${JSON.stringify({ id, question, ...parameters })}\n`);
    });
  }

  /** Sends it a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Kills it; resolves when it is gone. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
  }

  #take(line: string): void {
    const { id, error, ...answer } = JSON.parse(line) as Answer & { id: number; error?: string };
    const settle = this.#waiting.get(id);
    this.#waiting.delete(id);
    settle?.(error === undefined ? answer : new Error(`${this.#name}: ${error}`));
  }
}

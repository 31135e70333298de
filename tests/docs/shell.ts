/** Runs the commands of a page, block by block, in the page's folder. What a block leaves in the background lives until the page ends. */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import type { Block } from "./markdown.ts";
import { matches } from "./workshop.ts";

/** How long a block may take, in milliseconds. */
const LIMIT = 20_000;

/** A block of commands that was started. */
interface Job {
  block: Block;
  child: ChildProcess;
  printed: string;
}

/** The shell of a page. */
export class Shell implements AsyncDisposable {
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #jobs: Job[] = [];
  readonly #waiting: Job[] = [];

  constructor(folder: string, environment: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#environment = environment;
  }

  /** Starts a block. If it `waits`, resolves at its end, or when it has printed what it has to, with what is wrong. */
  async run(
    block: Block,
    { waits }: { waits: boolean },
  ): Promise<string | undefined> {
    // A process group of its own, so that it can be ended whole.
    const child = spawn("bash", ["-c", block.text], {
      cwd: this.#folder,
      env: { ...process.env, ...this.#environment },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const job: Job = { block, child, printed: "" };
    this.#jobs.push(job);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (bytes: Uint8Array) => {
        job.printed += new TextDecoder().decode(bytes);
        child.emit("printed");
      });
    }
    if (waits) return await outcome(job);
    this.#waiting.push(job);
    return undefined;
  }

  /** Resolves with what is wrong with the blocks that go on until the end of the page. */
  async end(): Promise<string[]> {
    const problems = await Promise.all(this.#waiting.map(async (job) => {
      if (job.block.output === undefined) return [];
      const problem = await outcome(job);
      return problem === undefined ? [] : [`${job.block.page}:${job.block.line}: ${problem}`];
    }));
    return problems.flat();
  }

  /** Ends all that still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#jobs.map(({ child }) => {
      const ended = new Promise<void>((resolve) => {
        if (child.stdout!.closed && child.stderr!.closed) resolve();
        else child.once("close", () => resolve());
      });
      try {
        process.kill(-child.pid!, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
      return ended;
    }));
  }
}

function outcome(job: Job): Promise<string | undefined> {
  const { block: { output }, child } = job;
  return new Promise((resolve) => {
    const done = (problem?: string) => {
      clearTimeout(timer);
      child.off("printed", look).off("exit", look);
      resolve(problem);
    };
    const look = () => {
      const status = child.exitCode;
      if (output !== undefined) {
        if (matches(job.printed, output)) done();
      } else if (status !== null) {
        done(
          status === 0 ? undefined : `ended with status ${status}, printed\n${job.printed}`,
        );
      }
    };
    const timer = setTimeout(() =>
      done(
        output === undefined
          ? `does not end; printed\n${job.printed}`
          : `printed\n${job.printed}instead of\n${output}`,
      ), LIMIT);
    child.on("printed", look).on("exit", look);
    look();
  });
}

/** What nanocat and nngcat are as programs: signals, standard input and output, exit statuses. */

import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { constants } from "node:os";
import process from "node:process";
import { setTimeout } from "node:timers";
import { codeOf, EXIT, Failure, reasonOf } from "./failure.ts";
import { Output } from "./output.ts";

/** How long the socket may take to close once the run is over for the user, in milliseconds. */
const GRACE = 2000;

/** What a command line comes to. */
export type Job = Text | Task;

/** Something to print, and no more. */
export interface Text {
  readonly text: string;
  readonly exitCode: number;
}

/** Something to do. */
export interface Task {
  /** Runs until it is done, or until `stop` is aborted. */
  readonly run: (output: Output, stop: AbortSignal) => Promise<void>;
  /** The exit status after a signal, if it is not 128 and the signal's number. */
  readonly statusOfSignal?: number;
  /** The exit status when standard output cannot be written. */
  readonly statusOfOutput: number;
}

/** Prints a line on standard error. */
export function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Whether what happens to the socket is wanted on standard error: nanomsg's own sign. */
export function wantsErrors(): boolean {
  return Boolean(process.env["NN_PRINT_ERRORS"]);
}

/** The whole of a file; `-` is standard input. */
export async function readWhole(path: string): Promise<Uint8Array> {
  if (path !== "-") return await readFile(path);
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Does what the command line asks for, and sets the exit status. */
export async function perform(prepare: () => Job | Promise<Job>): Promise<void> {
  try {
    const job = await prepare();
    process.exitCode = "text" in job ? await print(job) : await work(job);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    log(error.message);
    process.exitCode = error.exitCode;
  }
}

async function print({ text, exitCode }: Text): Promise<number> {
  const run = async (output: Output): Promise<void> => {
    await output.write(new TextEncoder().encode(text));
  };
  const status = await work({ run, statusOfOutput: EXIT.file });
  return status === EXIT.ok ? exitCode : status;
}

async function work({ run, statusOfSignal, statusOfOutput }: Task): Promise<number> {
  const stop = new AbortController();
  let status: number = EXIT.ok;
  let failure: Failure | undefined;
  const end = (code: number): void => {
    status = code;
    stop.abort();
    // For a peer that does not take what it was sent.
    setTimeout(() => process.exit(code), GRACE).unref();
  };
  const output = new Output(process.stdout, (error) => {
    // Who reads no further, as `head`, has what it wanted.
    if (codeOf(error) === "EPIPE") return end(EXIT.ok);
    failure = new Failure(statusOfOutput, `Can't write: ${reasonOf(error)}`, { cause: error });
    end(statusOfOutput);
  });
  const onSignal = (signal: NodeJS.Signals): void =>
    end(statusOfSignal ?? 128 + constants.signals[signal]);
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    await run(output, stop.signal);
  } finally {
    await output.finish();
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
  if (failure !== undefined) throw failure;
  return status;
}

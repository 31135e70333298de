#!/usr/bin/env node
/**
 * nanocat: sends and receives messages from the command line. A drop-in for the tool of that name
 * that comes with nanomsg: its flags, formats, error texts and exit statuses.
 *
 * ```sh
 * deno run -A cli/nanocat.ts --pull --bind tcp://127.0.0.1:5555 --ascii
 * bun cli/nanocat.ts --push --connect tcp://127.0.0.1:5555 --data "hello"
 * node cli/nanocat.ts --help
 * ```
 *
 * Exit status: 0 the end, also of waiting for messages; 1 the command line is wrong; 2 a file cannot
 * be read; 3 the socket failed; 128 and the number of the signal that stopped it.
 */

// "env node", not "env -S node …": no flag is needed since Node 22.18, npm keeps the line for the
// package's `bin` and makes its Windows launchers of it, and Deno and Bun, when they are to run the
// file, are named on the command line.

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import process from "node:process";
import { codeOf, EXIT, Failure, reasonOf } from "./failure.ts";
import { FLAGS, type Source } from "./flags.ts";
import { FORMATTERS } from "./formats.ts";
import { helpText } from "./help.ts";
import { parseCommand } from "./options.ts";
import { Output } from "./output.ts";
import { run } from "./run.ts";

/** What a shell shows for a program that a signal ended. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** `nn_push` and its like when the program was started under that name, else `nanocat`. */
function programName(): string {
  const name = basename(process.argv[1] ?? "").replace(/\.(js|ts|exe)$/, "");
  return FLAGS.some((flag) => flag.executable === name) ? name : "nanocat";
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The message to send; the whole of a file is one. */
async function load(source: Source): Promise<Uint8Array> {
  if ("text" in source) return new TextEncoder().encode(source.text);
  const { path } = source;
  try {
    return path === "-" ? await readAll(process.stdin) : await readFile(path);
  } catch (error) {
    const verb = codeOf(error) === "EISDIR" ? "reading" : "opening";
    const message = `Error ${verb} file \`\`${path}'': ${reasonOf(error)}`;
    throw new Failure(EXIT.file, message, { cause: error });
  }
}

/** Runs the command line; returns the exit status. */
async function main(): Promise<number> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const program = programName();
  const stop = new AbortController();
  let status: number = EXIT.ok;
  let broken: Error | undefined;
  const output = new Output(process.stdout, (error) => {
    broken = error;
    stop.abort();
  });
  const listeners = Object.entries(SIGNALS).map(([signal, code]) => {
    const listener = (): void => {
      status = code;
      stop.abort();
    };
    return { signal, listener };
  });

  try {
    const command = parseCommand(process.argv.slice(2), program);
    if (command.kind === "help") {
      output.write(new TextEncoder().encode(helpText(program)));
    } else {
      const { settings } = command;
      const data = settings.data && await load(settings.data);
      for (const { signal, listener } of listeners) process.once(signal, listener);
      const format = FORMATTERS[settings.format];
      const print = (message: Uint8Array) => output.write(format(message));
      // nanomsg prints a socket's errors if this variable is set.
      const isVerbose = settings.verbosity > 0 || Boolean(process.env["NN_PRINT_ERRORS"]);
      await run({ settings, data, stop: stop.signal, print }, isVerbose ? log : undefined);
    }
    await output.finish();
    // Who reads no further, as `head`, has what it wanted.
    if (broken !== undefined && codeOf(broken) !== "EPIPE") {
      throw new Failure(EXIT.file, `Can't write: ${reasonOf(broken)}`, { cause: broken });
    }
    return status;
  } catch (error) {
    await output.finish();
    if (!(error instanceof Failure)) throw error;
    log(error.message);
    return error.exitCode;
  } finally {
    for (const { signal, listener } of listeners) process.off(signal, listener);
  }
}

process.exitCode = await main();

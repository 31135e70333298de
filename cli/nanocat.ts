#!/usr/bin/env node
/**
 * nanocat: sends and receives messages from the command line. A drop-in for the tool of that name
 * that comes with nanomsg: its flags, formats, error texts and exit statuses.
 *
 * ```sh
 * deno run -A cli/nanocat.ts --pull --bind tcp://127.0.0.1:5555 --ascii
 * bun cli/nanocat.ts --push --connect tcp://127.0.0.1:5555 --data "hello"
 * node cli/nanocat.ts device --reqrep tcp://127.0.0.1:5555 tcp://127.0.0.1:5556
 * node cli/nanocat.ts --help
 * ```
 *
 * Exit status: 0 the end, also of waiting for messages; 1 the command line is wrong; 2 a file cannot
 * be read; 3 the socket failed; 128 and the number of the signal that stopped it, but 0 for a device.
 */

// "env node", not "env -S node …": no flag is needed since Node 22.18, npm keeps the line for the
// package's `bin` and makes its Windows launchers of it, and Deno and Bun, when they are to run the
// file, are named on the command line.

import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { constants } from "node:os";
import { basename } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers";
import { runDevice } from "./device.ts";
import { deviceHelpText, parseDevice } from "./device_options.ts";
import { codeOf, EXIT, Failure, reasonOf } from "./failure.ts";
import { FLAGS, type Settings, type Source } from "./flags.ts";
import { FORMATTERS } from "./formats.ts";
import { helpText } from "./help.ts";
import { parseCommand } from "./options.ts";
import { Output } from "./output.ts";
import { run } from "./run.ts";

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

/** How long the socket may take to close once the run is over for the user, in milliseconds. */
const GRACE = 2000;

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Runs one socket, and prints what it receives. */
async function converse(
  settings: Settings,
  stop: AbortSignal,
  output: Output,
  report: ((line: string) => void) | undefined,
): Promise<void> {
  const data = settings.data && await load(settings.data);
  const format = FORMATTERS[settings.format];
  await run({ settings, data, stop, print: (message) => output.write(format(message)) }, report);
}

/** Runs the command line; returns the exit status. */
async function main(): Promise<number> {
  const program = programName();
  const args = process.argv.slice(2);
  const command = program === "nanocat" && args[0] === "device"
    ? parseDevice(args.slice(1))
    : parseCommand(args, program);

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
    failure = new Failure(EXIT.file, `Can't write: ${reasonOf(error)}`, { cause: error });
    end(EXIT.file);
  });
  if (command.kind === "help" || command.kind === "device-help") {
    const text = command.kind === "help" ? helpText(program) : deviceHelpText();
    output.write(new TextEncoder().encode(text));
    await output.finish();
    return status;
  }

  // nanomsg's own sign that a socket's errors are wanted on stderr.
  const isVerbose = command.settings.verbosity > 0 || Boolean(process.env["NN_PRINT_ERRORS"]);
  const report = isVerbose ? log : undefined;
  // A device has no other end.
  const statusOf = (signal: NodeJS.Signals): number =>
    command.kind === "device" ? EXIT.ok : 128 + constants.signals[signal];
  const onSignal = (signal: NodeJS.Signals): void => end(statusOf(signal));
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    if (command.kind === "device") await runDevice(command.settings, stop.signal, report);
    else await converse(command.settings, stop.signal, output, report);
  } finally {
    await output.finish();
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
  if (failure !== undefined) throw failure;
  return status;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  log(error.message);
  process.exitCode = error.exitCode;
}

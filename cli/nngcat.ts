#!/usr/bin/env node
/**
 * nngcat: sends and receives messages from the command line. A drop-in for the tool of that name that comes with nng:
 * its options, formats, words and exit statuses.
 *
 * Exit status: 0 the end, also of waiting for messages; 1 anything that went wrong, and `--help`; 128 and the number
 * of the signal that stopped it. What happens to the socket is printed on standard error with `NN_PRINT_ERRORS=1` in
 * the environment.
 *
 * @example
 * ```sh
 * deno run -A jsr:@nanostreams/nanostreams/nngcat --pull --listen tcp://127.0.0.1:5555 --quoted
 * bun cli/nngcat.ts --push --dial tcp://127.0.0.1:5555 --data "hello"
 * node cli/nngcat.ts --help
 * ```
 *
 * @module
 */

import process from "node:process";
import { NNGCAT_FORMATTERS } from "./lib/formats.ts";
import { parseCommand } from "./nngcat/command.ts";
import { attach } from "./nngcat/endpoints.ts";
import { helpText } from "./nngcat/help.ts";
import { PROTOCOLS } from "./nngcat/protocols.ts";
import type { Settings } from "./nngcat/settings.ts";
import { cannot } from "./nngcat/words.ts";
import type { Output } from "./lib/output.ts";
import { type Job, log, perform, readWhole, wantsErrors } from "./lib/program.ts";
import { run } from "./lib/run.ts";
import { VERSION } from "./lib/version.ts";

/** The exit status of whatever goes wrong, and of the help. */
const FATAL = 1;

/** Runs one socket, and prints what it receives. */
async function converse(settings: Settings, output: Output, stop: AbortSignal): Promise<void> {
  const format = NNGCAT_FORMATTERS[settings.format];
  const text = new TextEncoder();
  const print = (line: string): void => void output.write(text.encode(line));
  await run(
    {
      settings,
      data: settings.data,
      stop,
      cannot,
      print: (message) => output.write(format(message)),
      attach: (socket, bound) => attach(socket, settings, { print, bound }),
    },
    PROTOCOLS[settings.protocol](settings),
    wantsErrors() ? log : undefined,
  );
}

/** What the command line asks for. */
async function prepare(): Promise<Job> {
  const command = await parseCommand(process.argv.slice(2), readWhole);
  if (command.kind === "help") return { text: helpText(), exitCode: FATAL };
  if (command.kind === "version") return { text: `${VERSION}\n`, exitCode: 0 };
  const { settings } = command;
  return { run: (output, stop) => converse(settings, output, stop), statusOfOutput: FATAL };
}

await perform(prepare);

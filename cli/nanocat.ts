#!/usr/bin/env node
/**
 * nanocat: sends and receives messages from the command line. A drop-in for the tool of that name
 * that comes with nanomsg: its flags, formats, error texts and exit statuses.
 *
 * Exit status: 0 the end, also of waiting for messages; 1 the command line is wrong; 2 a file cannot
 * be read; 3 the socket failed; 128 and the number of the signal that stopped it, but 0 for a device.
 *
 * @example
 * ```sh
 * deno run -A jsr:@nanostreams/nanostreams/nanocat --pull --bind tcp://127.0.0.1:5555 --ascii
 * bun cli/nanocat.ts --push --connect tcp://127.0.0.1:5555 --data "hello"
 * node cli/nanocat.ts device --reqrep tcp://127.0.0.1:5555 tcp://127.0.0.1:5556
 * node cli/nanocat.ts --help
 * ```
 *
 * @module
 */

// "env node", not "env -S node …": no flag is needed since Node 22.18, npm keeps the line for the
// package's `bin` and makes its Windows launchers of it, and Deno and Bun, when they are to run the
// file, are named on the command line.

import { basename } from "node:path";
import process from "node:process";
import { runDevice } from "./nanocat/device.ts";
import { deviceHelpText, parseDevice } from "./nanocat/device_options.ts";
import { cannot, codeOf, EXIT, Failure, reasonOf } from "./lib/failure.ts";
import { FLAGS, type Settings, type Source } from "./nanocat/flags.ts";
import { FORMATTERS } from "./lib/formats.ts";
import { helpText } from "./nanocat/help.ts";
import { parseCommand } from "./nanocat/options.ts";
import type { Output } from "./lib/output.ts";
import { type Job, log, perform, readWhole, wantsErrors } from "./lib/program.ts";
import { type AnySocket, PROTOCOLS } from "./nanocat/protocols.ts";
import { run } from "./lib/run.ts";
import { type TlsFiles, tlsOptions, type TlsTexts } from "./lib/tls.ts";

/** `nn_push` and its like when the program was started under that name, else `nanocat`. */
function programName(): string {
  const name = basename(process.argv[1] ?? "").replace(/\.(js|ts|exe)$/, "");
  return FLAGS.some((flag) => flag.executable === name) ? name : "nanocat";
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readWhole(path);
  } catch (error) {
    const verb = codeOf(error) === "EISDIR" ? "reading" : "opening";
    const message = `Error ${verb} file \`\`${path}'': ${reasonOf(error)}`;
    throw new Failure(EXIT.file, message, { cause: error });
  }
}

/** The message to send; the whole of a file is one. */
async function load(source: Source): Promise<Uint8Array> {
  return "text" in source ? new TextEncoder().encode(source.text) : await read(source.path);
}

async function loadTls(files: TlsFiles = {}): Promise<TlsTexts> {
  const texts: TlsTexts = files.insecure === undefined ? {} : { insecure: files.insecure };
  for (const name of ["cert", "key", "cacert"] as const) {
    const path = files[name];
    if (path !== undefined) texts[name] = new TextDecoder().decode(await read(path));
  }
  return texts;
}

/** Binds and connects to all addresses: first, as nanomsg's does, all that are to be bound. */
async function attach(
  socket: AnySocket,
  settings: Settings,
  tls: TlsTexts,
  bound: (address: string) => void,
): Promise<void> {
  const addresses: string[] = [];
  for (const address of settings.bind) {
    const listener = await socket.bind(address, tlsOptions("bind", address, tls)).catch((error) => {
      throw cannot("bind", error);
    });
    addresses.push(listener.address);
  }
  for (const address of settings.connect) {
    try {
      socket.connect(address, tlsOptions("connect", address, tls));
    } catch (error) {
      throw cannot("connect", error);
    }
  }
  addresses.forEach(bound);
}

/** Runs one socket, and prints what it receives. */
async function converse(
  settings: Settings,
  output: Output,
  stop: AbortSignal,
  report: ((line: string) => void) | undefined,
): Promise<void> {
  const data = settings.data && await load(settings.data);
  const tls = await loadTls(settings.tls);
  const format = FORMATTERS[settings.format];
  await run(
    {
      settings,
      data,
      stop,
      cannot,
      print: (message) => output.write(format(message)),
      attach: (socket, bound) => attach(socket, settings, tls, bound),
    },
    PROTOCOLS[settings.protocol!](settings),
    report,
  );
}

/** What the command line asks for. */
function prepare(): Job {
  const program = programName();
  const args = process.argv.slice(2);
  const command = program === "nanocat" && args[0] === "device"
    ? parseDevice(args.slice(1))
    : parseCommand(args, program);
  if (command.kind === "help") return { text: helpText(program), exitCode: EXIT.ok };
  if (command.kind === "device-help") return { text: deviceHelpText(), exitCode: EXIT.ok };

  const report = command.settings.verbosity > 0 || wantsErrors() ? log : undefined;
  const statusOfOutput = EXIT.file;
  if (command.kind === "device") {
    const { settings } = command;
    // A device has no other end than a signal.
    return {
      run: (_, stop) => runDevice(settings, stop, report),
      statusOfSignal: EXIT.ok,
      statusOfOutput,
    };
  }
  const { settings } = command;
  return { run: (output, stop) => converse(settings, output, stop, report), statusOfOutput };
}

await perform(prepare);

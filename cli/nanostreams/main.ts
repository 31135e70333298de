import process from "node:process";
import { VERSION } from "../lib/version.ts";
import { EXIT, Failure } from "./ends.ts";
import { helpOf, overview } from "./help.ts";
import { Flags } from "./invocation.ts";
import { readCommandLine, wireOf } from "./program.ts";
import { painter } from "./report/colours.ts";
import { Signals } from "./signals.ts";
import { COMMANDS } from "./spec/commands.ts";

/** Runs a command line. Returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  using signals = new Signals(process);
  try {
    const request = readCommandLine(args, COMMANDS, {
      overview,
      help: helpOf,
      version: () => VERSION,
    });
    if ("text" in request) {
      await print(request.text);
      return EXIT.ok;
    }
    const { command, operands, values } = request;
    const { run } = await command.load();
    const status = await run({
      command: command.name,
      wire: wireOf(command, values),
      binds: command.binds === true,
      operands,
      flags: new Flags(values),
      stop: signals.stop,
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
    });
    // Another program's statuses are its own.
    return command.passesAll === true ? status : signals.status ?? status;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const name = painter(process.stderr)("red", "nanostreams:");
    process.stderr.write(`${name} ${error.message}\n`);
    return signals.status ?? error.status;
  }
}

/** Prints a text. Who reads no further, as `head`, has what it wanted. */
function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.once("error", () => resolve());
    process.stdout.write(text, () => resolve());
  });
}

/* Prints messages to standard output. */
import { Output } from "../../lib/output.ts";
import { EXIT, Failure } from "../ends.ts";
import type { Invocation } from "../invocation.ts";
import type { Arrived, Printer } from "../messages.ts";
import { type Format, formatOf } from "./formats.ts";

/**
 * The printer that the flags ask for.
 *
 * @param template What is printed of a message if they ask for nothing.
 */
export function printerOf(invocation: Invocation, template?: string): Printer {
  const { flags, stdout } = invocation;
  const isTerminal = stdout.isTTY === true;
  const format = flags.has("quiet") ? undefined : formatOf({ flags, isTerminal }, template);
  return new MessagePrinter(stdout, format);
}

class MessagePrinter implements Printer {
  readonly #output: Output;
  readonly #format: Format | undefined;
  readonly #broken: AbortController = new AbortController();
  #n = 0;

  constructor(stdout: Invocation["stdout"], format: Format | undefined) {
    this.#format = format;
    this.#output = new Output(stdout, (error) => this.#broken.abort(explained(error)));
  }

  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  print(message: Arrived): Promise<void> | undefined {
    if (this.#format === undefined) return undefined;
    const time = new Date().toISOString();
    return this.#output.write(this.#format({ ...message, n: ++this.#n, time }));
  }

  finish(): Promise<void> {
    return this.#output.finish();
  }
}

/** Who reads no further, as `head`, has what it wanted: an end with status 0. */
function explained(error: Error): Failure {
  const isEnough = "code" in error && error.code === "EPIPE";
  const status = isEnough ? EXIT.ok : EXIT.failed;
  return new Failure(status, `cannot print: ${error.message}`, { cause: error });
}

/** Samples on standard input and output. */

import process from "node:process";
import {
  chooseFormatText,
  type Codec,
  FormatError,
  type LogSink,
  parseDtypes,
  type Sample,
  type Signal,
  StreamDecoder,
} from "../../villas/mod.ts";
import type { Output } from "../lib/output.ts";
import { UsageError } from "./command.ts";

/** The signals of a dtype string on the command line. */
export function dtypesFlag(text: string): Signal[] {
  const signals = parseDtypes(text);
  if (signals === undefined) {
    throw new UsageError(
      `Failed to parse data-type format string "${text}": expected [N](f|i|b|c)`,
    );
  }
  return signals;
}

/** Opens a format of the command line, for a stream. What cannot be read is a warning. */
export async function openFormat(
  text: string,
  signals: readonly Signal[],
  log: LogSink,
  offset = true,
): Promise<Codec> {
  const { format, settings } = chooseFormatText(text);
  return await format.open({
    settings,
    signals,
    offset,
    mode: "stream",
    problem: ({ message }) => log("warn", "format", message),
  });
}

/** The samples of standard input, in the pieces that they come in. */
export async function* readInput(codec: Codec): AsyncGenerator<Sample[]> {
  const decoder = new StreamDecoder(codec);
  for await (const chunk of process.stdin) {
    const samples = decoder.push(chunk as Uint8Array);
    if (samples.length > 0) yield samples;
  }
  const last = decoder.end();
  if (last.length > 0) yield last;
}

/** Prints samples, with a header before the first. */
export class Printer {
  readonly #codec: Codec;
  readonly #output: Output;
  readonly #log: LogSink;
  #first = true;

  constructor(codec: Codec, output: Output, log: LogSink) {
    this.#codec = codec;
    this.#output = output;
    this.#log = log;
  }

  /** Resolves when there is room for more. */
  async print(samples: readonly Sample[], signals: readonly Signal[]): Promise<void> {
    if (this.#first && this.#codec.header !== undefined) {
      await this.#output.write(new TextEncoder().encode(this.#codec.header(signals)));
    }
    this.#first = false;
    if (samples.length === 0) return;
    try {
      await this.#output.write(this.#codec.encode(samples));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#log("warn", "format", error.message);
    }
  }
}

import { ConfigError } from "../../config/setting.ts";
import type { Sample } from "../../model/sample.ts";
import type { Signal } from "../../model/signal.ts";
import { type Codec, type CodecOptions, FormatError } from "../format.ts";
import { toBytes, toText, wholeLines } from "./bytes.ts";
import { type CommonOptions, commonOptions } from "./options.ts";

/** A format of one line a sample. */
export abstract class LineCodec implements Codec {
  protected readonly options: CommonOptions;
  protected readonly signals: readonly Signal[];
  protected readonly mode: CodecOptions["mode"];
  /** Whether the offset is written. */
  protected readonly withOffset: boolean;
  readonly header?: (signals: readonly Signal[]) => string;
  readonly #delimiter: string;
  readonly #comment: string;
  readonly #problem: CodecOptions["problem"];
  #skip: boolean;

  constructor({ settings, mode, signals, offset, problem }: CodecOptions) {
    this.options = commonOptions(settings);
    this.signals = signals;
    this.mode = mode;
    this.withOffset = offset && this.options.offset;
    this.#delimiter = settings.character("delimiter") ?? "\n";
    this.#comment = settings.character("comment_prefix") ?? "#";
    if (this.#delimiter > "\x7f") {
      throw new ConfigError(settings.get("delimiter")!.at, "Expected an ASCII character");
    }
    this.#problem = problem;
    this.#skip = mode === "stream" && (settings.boolean("skip_first_line") ?? false);
    if (mode === "stream" && (settings.boolean("header") ?? true)) {
      this.header = (written) => `${this.#comment}${this.columns(written)}${this.#delimiter}`;
    }
  }

  /** The header, without its prefix. */
  protected abstract columns(signals: readonly Signal[]): string;

  /** A sample, without its delimiter. */
  protected abstract write(sample: Sample): string;

  /**
   * Reads a line that is not empty.
   *
   * @throws {FormatError} If it is not a sample.
   */
  protected abstract read(line: string): Sample;

  encode(samples: readonly Sample[]): Uint8Array<ArrayBuffer> {
    let text = "";
    for (const sample of samples) text += this.write(sample) + this.#delimiter;
    return toBytes(text);
  }

  decode(bytes: Uint8Array): Sample[] {
    const samples: Sample[] = [];
    for (const line of toText(bytes).split(this.#delimiter)) {
      if (this.#skip) {
        this.#skip = false;
        continue;
      }
      // A "\r" is no part of a value: files come from Windows too.
      const text = line.endsWith("\r") ? line.slice(0, -1) : line;
      if (text === "" || text.startsWith(this.#comment)) continue;
      try {
        samples.push(this.read(text));
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        this.#problem(error);
      }
    }
    return samples;
  }

  measure(bytes: Uint8Array, ended: boolean): number {
    return wholeLines(bytes, this.#delimiter.charCodeAt(0), ended);
  }
}

/** The name of a column, with the unit of its signal. */
export function columnName({ name, unit }: Signal, at: number): string {
  return (name || `signal${at}`) + (unit === "" ? "" : `[${unit}]`);
}

import { exponential } from "../model/numbers.ts";
import { later, type Sample, secondsBetween, type Timestamp } from "../model/sample.ts";
import type { Signal, Value } from "../model/signal.ts";
import { type Codec, type CodecOptions, type Format, FormatError } from "./format.ts";
import { columnName, LineCodec } from "./lib/line_codec.ts";
import { readValue, writeValue } from "./lib/text_value.ts";

/** The head of a line: SEC[.NSEC][OFFSET][(SEQ)][F]. The digits after the point count nanoseconds. */
const HEAD =
  /^(\d{1,15})(?:\.(\d{1,18}))?([-+](?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|[-+](?:nan|inf))?(?:\((\d{1,20})\))?(F)?/;

class HumanCodec extends LineCodec {
  readonly #separator: string;

  constructor(options: CodecOptions) {
    super(options);
    this.#separator = options.settings.character("separator") ?? "\t";
  }

  protected override columns(signals: readonly Signal[]): string {
    const { origin, sequence, data } = this.options;
    const head = [
      ...(origin ? ["seconds.nanoseconds"] : []),
      ...(this.withOffset ? ["+offset"] : []),
      ...(sequence ? ["(sequence)"] : []),
    ];
    return [` ${head.join("")}`, ...(data ? signals.map(columnName) : [])].join(this.#separator);
  }

  protected override write(sample: Sample): string {
    const { options, withOffset } = this;
    const origin = options.origin ? sample.origin : undefined;
    let line = origin === undefined ? "0.0" : `${origin[0]}.${String(origin[1]).padStart(9, "0")}`;
    if (withOffset && options.received && origin !== undefined && sample.received !== undefined) {
      line += exponential(secondsBetween(origin, sample.received));
    }
    if (options.sequence && sample.sequence !== undefined) line += `(${sample.sequence})`;
    if (sample.newFrame) line += "F";
    if (!options.data) return line;
    for (const value of sample.values) {
      line += this.#separator + writeValue(value, options.precision);
    }
    return line;
  }

  protected override read(line: string): Sample {
    const head = HEAD.exec(line);
    // A timestamp and the values are apart by any one character.
    if (head === null || /[\w.]/.test(line[head[0].length] ?? "")) {
      throw new FormatError(`Cannot read ${JSON.stringify(line.slice(0, 60))} as villas.human`);
    }
    const [text, seconds, fraction, offset, sequence, frame] = head;
    const nanoseconds = Number(fraction ?? 0);
    const origin: Timestamp = later([Number(seconds), 0], Math.floor(nanoseconds / 1e9));
    const measured: Timestamp = [origin[0], nanoseconds % 1e9];
    const known = seconds !== "0" || nanoseconds !== 0;
    const delay = offset === undefined ? Number.NaN : Number(offset);
    return {
      signals: this.signals,
      values: this.#values(line, text.length + 1),
      sequence: sequence === undefined ? undefined : BigInt.asUintN(64, BigInt(sequence)),
      origin: known ? measured : undefined,
      received: known && Math.abs(delay) < 1e9 ? later(measured, delay) : undefined,
      ...(frame !== undefined && { newFrame: true }),
    };
  }

  #values(line: string, from: number): Value[] {
    const values: Value[] = [];
    if (from >= line.length) return values;
    for (const text of line.slice(from).split(/[\t ,;|]/)) {
      const signal = this.signals[values.length];
      // More values than signals: what they are is not known.
      if (text === "" || signal === undefined) break;
      values.push(readValue(text, signal.type));
    }
    return values;
  }
}

/** `villas.human`: lines for people, such as `1700000000.123456789(42)` and the values, tabs between them. */
export const human: Format = {
  name: "villas.human",
  open: (options): Codec => new HumanCodec(options),
};

import { fixed } from "../../model/numbers.ts";
import { later, type Sample, secondsBetween, type Timestamp } from "../../model/sample.ts";
import type { Signal, Value } from "../../model/signal.ts";
import { type CodecOptions, FormatError } from "../format.ts";
import { columnName, LineCodec } from "./line_codec.ts";
import { readValue, writeValue } from "./text_value.ts";

/**
 * csv and tsv: SECONDS, NANOSECONDS, OFFSET, SEQUENCE and the values.
 *
 * VILLASnode's reader wants the offset always, but its nanomsg node writes none. So we always write it, in
 * messages as well, and read both.
 */
export class ColumnCodec extends LineCodec {
  readonly #separator: string;

  constructor(options: CodecOptions, separator: string) {
    super(options);
    this.#separator = options.settings.character("separator") ?? separator;
  }

  protected override columns(signals: readonly Signal[]): string {
    const { origin, offset, sequence, data } = this.options;
    return ` ${
      [
        ...(origin ? ["secs", "nsecs"] : []),
        ...(offset ? ["offset"] : []),
        ...(sequence ? ["sequence"] : []),
        ...(data ? signals.map(columnName) : []),
      ].join(this.#separator)
    }`;
  }

  protected override write(sample: Sample): string {
    const { options } = this;
    const origin = options.origin ? sample.origin : undefined;
    const received = options.received ? sample.received : undefined;
    const fields = origin === undefined
      ? ["nan", "nan"]
      : [String(origin[0]), String(origin[1]).padStart(9, "0")];
    // Not what the codec was told: without the column VILLASnode reads the sequence as the offset.
    if (options.offset) {
      fields.push(
        origin === undefined || received === undefined
          ? "nan"
          : fixed(secondsBetween(origin, received), 9),
      );
    }
    fields.push(
      options.sequence && sample.sequence !== undefined ? String(sample.sequence) : "nan",
    );
    if (options.data) {
      for (const value of sample.values) fields.push(writeValue(value, options.precision));
    }
    return fields.join(this.#separator);
  }

  protected override read(line: string): Sample {
    const fields = line.split(this.#separator).map((field) => field.trim());
    const [seconds, nanoseconds] = [fields[0]!, fields[1] ?? ""];
    const known = /^\d{1,15}$/.test(seconds) && /^\d{1,9}$/.test(nanoseconds);
    if (!known && !(seconds === "nan" && nanoseconds === "nan")) {
      throw new FormatError(`Cannot read ${JSON.stringify(line.slice(0, 60))}: expected a time`);
    }
    const origin: Timestamp | undefined = known
      ? [Number(seconds), Number(nanoseconds)]
      : undefined;
    const hasOffset = this.#hasOffset(fields);
    const offset = hasOffset ? Number(fields[2]) : Number.NaN;
    const sequence = fields[hasOffset ? 3 : 2] ?? "nan";
    if (!/^(\d{1,20}|nan)$/.test(sequence)) {
      throw new FormatError(`Cannot read ${JSON.stringify(sequence)} as a sequence number`);
    }
    return {
      signals: this.signals,
      values: this.#values(fields.slice(hasOffset ? 4 : 3)),
      sequence: sequence === "nan" ? undefined : BigInt.asUintN(64, BigInt(sequence)),
      origin,
      received: origin !== undefined && Math.abs(offset) < 1e9 ? later(origin, offset) : undefined,
    };
  }

  /** Whether the third field is the offset: it has a point or is nan, and a sequence number follows. */
  #hasOffset(fields: readonly string[]): boolean {
    if (!this.options.offset) return false;
    const third = fields[2];
    if (third === undefined) return false;
    if (/^\d+$/.test(third)) return false;
    // Without a sequence, "nan" may be either: the number of values tells.
    if (third === "nan" && fields.length === 3 + this.signals.length) return false;
    return true;
  }

  #values(fields: readonly string[]): Value[] {
    const values: Value[] = [];
    for (const [at, signal] of this.signals.entries()) {
      const text = fields[at];
      if (text === undefined || text === "") break;
      values.push(readValue(text, signal.type));
    }
    return values;
  }
}

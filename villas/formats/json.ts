import type { Sample, Timestamp } from "../model/sample.ts";
import type { Value } from "../model/signal.ts";
import { type Codec, type CodecOptions, type Format, FormatError } from "./format.ts";
import { isObject, type Json, JsonCodec, type JsonObject } from "./lib/json_codec.ts";

class SampleCodec extends JsonCodec {
  /** Off unless it is asked for, in contrast to the other formats. */
  readonly #received: boolean;

  constructor(options: CodecOptions) {
    super(options);
    this.#received = options.settings.boolean("ts_received") ?? false;
  }

  protected override pack(sample: Sample, level: number): string {
    const { writer, options } = this;
    const entries: [string, string][] = [];
    const times: [string, string][] = [];
    const addTime = (name: string, time: Timestamp | undefined): void => {
      if (time !== undefined) times.push([name, writer.array(time.map(String), level + 2)]);
    };
    if (options.origin) addTime("origin", sample.origin);
    if (this.#received) addTime("received", sample.received);
    if (times.length > 0) entries.push(["ts", writer.object(times, level + 1)]);
    const flags = [
      ...(sample.newSimulation ? ['"new_simulation"'] : []),
      ...(sample.newFrame ? ['"new_frame"'] : []),
    ];
    if (flags.length > 0) entries.push(["flags", writer.array(flags, level + 1)]);
    if (options.sequence && sample.sequence !== undefined) {
      entries.push(["sequence", String(sample.sequence)]);
    }
    if (options.data) entries.push(["data", this.#values(sample.values, level + 1)]);
    return writer.object(entries, level);
  }

  #values(values: readonly Value[], level: number): string {
    const items: string[] = [];
    for (const value of values) {
      const item = this.packValue(value, level + 1);
      if (item === undefined) {
        // Without it the values behind would move up; null makes VILLASnode abort. Who gets fewer
        // values keeps the old ones.
        this.problem(
          new FormatError(
            `Cannot write ${items.length} and the values after it: JSON has no NaN or infinity`,
          ),
        );
        break;
      }
      items.push(item);
    }
    return this.writer.array(items, level);
  }

  protected override unpack(json: JsonObject): Sample | undefined {
    const { data, sequence, flags, ts } = json;
    if (data === undefined) return undefined;
    if (!Array.isArray(data)) throw new FormatError('Received a sample with a wrong "data"');
    const values = (data as Json[]).slice(0, this.signals.length)
      .map((item, at) => this.unpackValue(item, this.signals[at]!.type));
    const has = (flag: string): boolean => Array.isArray(flags) && flags.includes(flag);
    return {
      signals: this.signals,
      values,
      sequence: toSequence(sequence),
      ...(isObject(ts) && {
        origin: toTimestamp(ts["origin"]),
        received: toTimestamp(ts["received"]),
      }),
      ...(has("new_frame") && { newFrame: true }),
      ...(has("new_simulation") && { newSimulation: true }),
    };
  }
}

/** A sequence number; a negative one stands for none. */
export function toSequence(json: Json | undefined): bigint | undefined {
  if (json === undefined) return undefined;
  if (typeof json !== "bigint" && !Number.isSafeInteger(json)) {
    throw new FormatError('Received a sample with a wrong "sequence"');
  }
  return BigInt(json as number) < 0n ? undefined : BigInt.asUintN(64, BigInt(json as number));
}

function toTimestamp(json: Json | undefined): Timestamp | undefined {
  if (json === undefined) return undefined;
  const [seconds, nanoseconds] = Array.isArray(json) ? json as unknown[] : [];
  if (!Number.isSafeInteger(seconds) || !Number.isSafeInteger(nanoseconds)) {
    throw new FormatError('Received a sample with a wrong "ts"');
  }
  return [seconds as number, nanoseconds as number];
}

/** `json`: an array of samples, or in a stream one sample a line. */
export const json: Format = {
  name: "json",
  open: (options): Codec => new SampleCodec(options),
};

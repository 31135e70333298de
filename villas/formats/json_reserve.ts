import { fromMilliseconds, type Sample, toMilliseconds } from "../model/sample.ts";
import { toNumber, type Value, zero } from "../model/signal.ts";
import { type Codec, type Format, FormatError } from "./format.ts";
import { toSequence } from "./json.ts";
import { isObject, type Json, JsonCodec, type JsonObject } from "./lib/json_codec.ts";
import { placeOf } from "./lib/names.ts";

class ReserveCodec extends JsonCodec {
  protected override pack(sample: Sample, level: number): string {
    const { writer, options } = this;
    const { origin, sequence } = sample;
    const measurements: string[] = [];
    for (const [at, value] of sample.values.entries()) {
      // The format has floats only.
      const number = this.packValue(toNumber(value), level + 3);
      if (number === undefined) {
        this.problem(new FormatError(`Cannot write value ${at}: JSON has no NaN or infinity`));
        continue;
      }
      const { name = `signal_${at}`, unit = "" } = sample.signals[at] ?? {};
      const entries: [string, string][] = [["name", writer.string(name)], ["value", number]];
      if (unit !== "") entries.push(["unit", writer.string(unit)]);
      if (options.origin && origin !== undefined) {
        entries.push(["created", String(toMilliseconds(origin))]);
      }
      if (options.sequence && sequence !== undefined) entries.push(["sequence", String(sequence)]);
      measurements.push(writer.object(entries, level + 2));
    }
    return writer.object([["measurements", writer.array(measurements, level + 1)]], level);
  }

  protected override unpack(json: JsonObject): Sample | undefined {
    const list = json["measurements"] ?? json["setpoints"];
    if (!Array.isArray(list)) throw new FormatError('Received a sample without "measurements"');
    const values: Value[] = [];
    let created: Json | undefined;
    let sequence: Json | undefined;
    for (const item of list as Json[]) {
      if (!isObject(item) || typeof item["name"] !== "string" || item["value"] === undefined) {
        throw new FormatError('Received a measurement without "name" or "value"');
      }
      created ??= item["created"];
      sequence ??= item["sequence"];
      const at = placeOf(item["name"], this.signals);
      if (at === undefined) continue;
      const { type } = this.signals[at]!;
      const value = this.unpackValue(item["value"], "float");
      while (values.length < at) values.push(zero(this.signals[values.length]!.type));
      values[at] = type === "float" ? value : this.unpackValue(item["value"], type);
    }
    if (values.length === 0) return undefined;
    return {
      signals: this.signals,
      values,
      sequence: toSequence(sequence),
      origin: typeof created === "number" ? fromMilliseconds(created) : undefined,
    };
  }
}

/** `json.reserve`: a list of measurements, each with its signal's name. Floats only. */
export const jsonReserve: Format = {
  name: "json.reserve",
  open: (options): Codec => new ReserveCodec(options),
};

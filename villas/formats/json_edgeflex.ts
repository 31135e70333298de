import { fromMilliseconds, type Sample, toMilliseconds } from "../model/sample.ts";
import { type Value, zero } from "../model/signal.ts";
import { type Codec, type Format, FormatError } from "./format.ts";
import { JsonCodec, type JsonObject } from "./lib/json_codec.ts";
import { placeOf } from "./lib/names.ts";

class EdgeflexCodec extends JsonCodec {
  protected override pack(sample: Sample, level: number): string {
    const { writer } = this;
    const entries: [string, string][] = [];
    for (const [at, value] of sample.values.entries()) {
      const text = this.packValue(value, level + 1);
      if (text !== undefined) entries.push([sample.signals[at]?.name ?? `signal_${at}`, text]);
      else this.problem(new FormatError(`Cannot write value ${at}: JSON has no NaN or infinity`));
    }
    const { origin } = sample;
    entries.push(["created", String(origin === undefined ? 0 : toMilliseconds(origin))]);
    return writer.object(entries, level);
  }

  protected override unpack(json: JsonObject): Sample | undefined {
    const values: Value[] = [];
    for (const [name, item] of Object.entries(json)) {
      const at = name === "created" ? undefined : placeOf(name, this.signals);
      if (at === undefined) continue;
      while (values.length < at) values.push(zero(this.signals[values.length]!.type));
      values[at] = this.unpackValue(item!, this.signals[at]!.type);
    }
    const created = json["created"];
    if (typeof created !== "number") throw new FormatError('Received a sample without "created"');
    return { signals: this.signals, values, origin: fromMilliseconds(created) };
  }
}

/** `json.edgeflex`: an object of values by their signals' names, and the time in milliseconds. */
export const jsonEdgeflex: Format = {
  name: "json.edgeflex",
  open: (options): Codec => new EdgeflexCodec(options),
};

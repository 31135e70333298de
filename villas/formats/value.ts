import type { Sample } from "../model/sample.ts";
import { type Codec, type Format, FormatError } from "./format.ts";
import { LineCodec } from "./lib/line_codec.ts";
import { parseNumber } from "../model/numbers.ts";
import { readValue, writeValue } from "./lib/text_value.ts";

/** VILLASnode writes reals with `%f` here. */
const PRECISION = 6;

class ValueCodec extends LineCodec {
  protected override columns(): string {
    return "";
  }

  protected override write({ values }: Sample): string {
    if (values.length !== 1) {
      throw new FormatError(
        `Cannot write ${values.length} values: the format "value" has room for 1`,
      );
    }
    return writeValue(values[0]!, PRECISION);
  }

  protected override read(line: string): Sample {
    const [text] = line.trim().split(/\s/);
    const type = this.signals[0]?.type ?? "float";
    // A "#" was taken for a comment already.
    if (type === "float" && parseNumber(text!) === undefined) {
      throw new FormatError(`Cannot read ${JSON.stringify(line.slice(0, 40))} as a value`);
    }
    return { signals: this.signals, values: [readValue(text!, type)] };
  }
}

/** `value`: one bare value a line, and nothing else. */
export const value: Format = {
  name: "value",
  open: (options): Codec => {
    const codec = new ValueCodec(options);
    return {
      encode: (samples) => codec.encode(samples),
      decode: (bytes) => codec.decode(bytes),
      measure: (bytes, ended) => codec.measure(bytes, ended),
    };
  },
};

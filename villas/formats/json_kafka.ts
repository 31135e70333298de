import { fromMilliseconds, type Sample, toMilliseconds } from "../model/sample.ts";
import { type SignalType, typeOf, type Value, zero } from "../model/signal.ts";
import { type Codec, type CodecOptions, type Format, FormatError } from "./format.ts";
import { toSequence } from "./json.ts";
import { isObject, JsonCodec, type JsonObject } from "./lib/json_codec.ts";

const TYPES: Readonly<Record<SignalType, string>> = {
  float: "double",
  integer: "int64",
  boolean: "boolean",
  complex: "unknown",
};

class KafkaCodec extends JsonCodec {
  readonly #type: string;
  readonly #name: string;

  constructor(options: CodecOptions) {
    super(options);
    const schema = options.settings.settings("schema");
    this.#type = schema?.string("type") ?? "struct";
    this.#name = schema?.string("name") ?? "villas-node.Value";
  }

  protected override pack(sample: Sample, level: number): string {
    const { writer, options } = this;
    const fields: string[] = [];
    const payload: [string, string][] = [];
    const add = (field: string, type: string, value: string): void => {
      fields.push(
        writer.object([
          ["type", writer.string(type)],
          ["optional", "false"],
          ["field", writer.string(field)],
        ], level + 3),
      );
      payload.push([field, value]);
    };
    const { origin, sequence } = sample;
    if (options.origin && origin !== undefined) {
      add("timestamp", "int64", String(toMilliseconds(origin)));
    }
    if (options.sequence && sequence !== undefined) add("sequence", "int64", String(sequence));
    for (const [at, value] of sample.values.entries()) {
      const text = this.packValue(value, level + 2);
      if (text !== undefined) {
        add(sample.signals[at]?.name ?? `signal${at}`, TYPES[typeOf(value)], text);
      } else this.problem(new FormatError(`Cannot write value ${at}: JSON has no NaN or infinity`));
    }
    const schema: [string, string][] = [
      ["type", writer.string(this.#type)],
      ["name", writer.string(this.#name)],
      ["fields", writer.array(fields, level + 2)],
    ];
    return writer.object([
      ["schema", writer.object(schema, level + 1)],
      ["payload", writer.object(payload, level + 1)],
    ], level);
  }

  protected override unpack(json: JsonObject): Sample | undefined {
    const payload = json["payload"];
    if (!isObject(payload)) throw new FormatError('Received a sample without "payload"');
    const values: Value[] = [];
    for (const [at, { name, type }] of this.signals.entries()) {
      const item = Object.hasOwn(payload, name) ? payload[name] : undefined;
      if (item === undefined) continue;
      while (values.length < at) values.push(zero(this.signals[values.length]!.type));
      values[at] = this.unpackValue(item, type);
    }
    const timestamp = payload["timestamp"];
    return {
      signals: this.signals,
      values,
      sequence: toSequence(payload["sequence"]),
      origin: typeof timestamp === "number" ? fromMilliseconds(timestamp) : undefined,
    };
  }
}

/** `json.kafka`: each sample with its schema, as Kafka Connect has it. */
export const jsonKafka: Format = {
  name: "json.kafka",
  open: (options): Codec => new KafkaCodec(options),
};

import { parseJson } from "../../config/json.ts";
import type { Setting } from "../../config/setting.ts";
import type { Settings } from "../../config/settings.ts";
import { jsonReal } from "../../model/numbers.ts";
import type { Sample } from "../../model/sample.ts";
import type { Signal, SignalType, Value } from "../../model/signal.ts";
import { type Codec, type CodecOptions, FormatError } from "../format.ts";
import { toBytes, toText, wholeLines } from "./bytes.ts";
import { type CommonOptions, commonOptions } from "./options.ts";

/** What was parsed: as `JSON.parse` has it, but integers beyond 2^53 are of type `bigint`. */
export type Json = string | number | bigint | boolean | null | readonly Json[] | JsonObject;
/** A JSON object. */
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

/** An integer that a double may not hold: the fast path would round it. */
const LONG_INTEGER = /(?<![\d.])\d{16,}(?![\d.eE])/;

/** Whether something is a JSON object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Puts JSON together as jansson does, with its options. */
export class JsonWriter {
  readonly #indent: number;
  readonly #colon: string;
  readonly #comma: string;
  readonly #sorts: boolean;
  readonly #ascii: boolean;
  readonly #slash: boolean;

  constructor(settings: Settings) {
    const compact = settings.boolean("compact") ?? false;
    this.#indent = settings.integer("indent", 0, 31) ?? 0;
    this.#colon = compact ? ":" : ": ";
    this.#comma = compact || this.#indent > 0 ? "," : ", ";
    this.#sorts = settings.boolean("sort_keys") ?? false;
    this.#ascii = settings.boolean("ensure_ascii") ?? false;
    this.#slash = settings.boolean("escape_slash") ?? false;
  }

  /** An array of what is written already. */
  array(items: readonly string[], level: number): string {
    return this.#wrap("[", items, "]", level);
  }

  /** An object of what is written already. */
  object(entries: readonly (readonly [name: string, value: string])[], level: number): string {
    const sorted = this.#sorts ? entries.toSorted(([a], [b]) => a < b ? -1 : 1) : entries;
    const items = sorted.map(([name, value]) => this.string(name) + this.#colon + value);
    return this.#wrap("{", items, "}", level);
  }

  /** A text. */
  string(text: string): string {
    let json = JSON.stringify(text);
    if (this.#slash) json = json.replaceAll("/", "\\/");
    if (this.#ascii) {
      json = json.replace(
        /[\u0080-\uffff]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`,
      );
    }
    return json;
  }

  #wrap(open: string, items: readonly string[], close: string, level: number): string {
    if (this.#indent === 0 || items.length === 0) return open + items.join(this.#comma) + close;
    const outer = `\n${" ".repeat(this.#indent * level)}`;
    const inner = outer + " ".repeat(this.#indent);
    return open + inner + items.join(this.#comma + inner) + outer + close;
  }
}

/** The JSON formats: they differ in what a sample is. */
export abstract class JsonCodec implements Codec {
  protected readonly options: CommonOptions;
  protected readonly signals: readonly Signal[];
  protected readonly writer: JsonWriter;
  protected readonly problem: CodecOptions["problem"];
  readonly #mode: CodecOptions["mode"];

  constructor({ settings, signals, mode, problem }: CodecOptions) {
    this.options = commonOptions(settings);
    this.writer = new JsonWriter(settings);
    this.signals = signals;
    this.problem = problem;
    this.#mode = mode;
  }

  /** A sample as JSON. */
  protected abstract pack(sample: Sample, level: number): string;

  /**
   * Reads a sample; `undefined` if there is none in it.
   *
   * @throws {FormatError} If it is not one.
   */
  protected abstract unpack(json: JsonObject): Sample | undefined;

  encode(samples: readonly Sample[]): Uint8Array<ArrayBuffer> {
    if (this.#mode === "message") {
      return toBytes(this.writer.array(samples.map((sample) => this.pack(sample, 1)), 0));
    }
    return toBytes(samples.map((sample) => `${this.pack(sample, 0)}\n`).join(""));
  }

  decode(bytes: Uint8Array): Sample[] {
    const text = toText(bytes);
    const samples: Sample[] = [];
    if (this.#mode === "message") this.#document(text, samples);
    else {
      for (const line of text.split("\n")) {
        if (line.trim() !== "" && !line.startsWith("#")) this.#document(line, samples);
      }
    }
    return samples;
  }

  #document(text: string, samples: Sample[]): void {
    try {
      const json = parse(text);
      for (const item of Array.isArray(json) ? json as Json[] : [json]) this.#add(item, samples);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.problem(
        error instanceof FormatError ? error : new FormatError(`Cannot read JSON: ${reason}`),
      );
    }
  }

  /** A sample that is wrong is left out; the others of the message are not. */
  #add(item: Json, samples: Sample[]): void {
    if (!isObject(item)) throw new FormatError("Cannot read JSON: expected an object a sample");
    try {
      const sample = this.unpack(item);
      if (sample !== undefined) samples.push(sample);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.problem(error);
    }
  }

  measure(bytes: Uint8Array, ended: boolean): number {
    return wholeLines(bytes, 0x0a, ended);
  }

  /** A value as JSON; `undefined` if JSON has no word for it. */
  protected packValue(value: Value, level: number): string | undefined {
    switch (typeof value) {
      case "number":
        return Number.isFinite(value) ? jsonReal(value, this.options.precision) : undefined;
      case "bigint":
      case "boolean":
        return String(value);
      default: {
        const real = this.packValue(value.real, level);
        const imag = this.packValue(value.imag, level);
        if (real === undefined || imag === undefined) return undefined;
        return this.writer.object([["real", real], ["imag", imag]], level);
      }
    }
  }

  /** A value of a signal. VILLASnode wants exactly the right type; we take what means the same. */
  protected unpackValue(json: Json, type: SignalType): Value {
    switch (type) {
      case "float":
        if (typeof json === "number") return json;
        if (typeof json === "bigint") return Number(json);
        break;
      case "integer":
        if (typeof json === "bigint") return BigInt.asIntN(64, json);
        if (Number.isSafeInteger(json)) return BigInt(json as number);
        break;
      case "boolean":
        if (typeof json === "boolean") return json;
        if (json === 0 || json === 1) return json === 1;
        break;
      case "complex":
        if (typeof json === "number") return { real: Math.fround(json), imag: 0 };
        if (
          isObject(json) && typeof json["real"] === "number" && typeof json["imag"] === "number"
        ) {
          return { real: Math.fround(json["real"]), imag: Math.fround(json["imag"]) };
        }
    }
    throw new FormatError(`Received ${describe(json)}, expected ${type}`);
  }
}

function parse(text: string): Json {
  return LONG_INTEGER.test(text) ? plain(parseJson(text)) : JSON.parse(text) as Json;
}

function plain(setting: Setting): Json {
  switch (setting.kind) {
    case "group": {
      const entries = [...setting.entries].map(([name, item]) => [name, plain(item)]);
      return Object.fromEntries(entries) as JsonObject;
    }
    case "list":
      return setting.items.map(plain);
    case "null":
      return null;
    case "integer": {
      const number = Number(setting.value);
      return Number.isSafeInteger(number) ? number : setting.value;
    }
    default:
      return setting.value;
  }
}

function describe(json: Json): string {
  if (json === null) return "null";
  if (Array.isArray(json)) return "an array";
  if (typeof json === "number") return Number.isInteger(json) ? "integer" : "float";
  return typeof json;
}

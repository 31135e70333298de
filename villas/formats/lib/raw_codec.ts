import type { Sample } from "../../model/sample.ts";
import type { Signal, SignalType, Value } from "../../model/signal.ts";
import { ConfigError } from "../../config/setting.ts";
import { type Codec, type CodecOptions, FormatError } from "../format.ts";
import { viewOf } from "./bytes.ts";

const WIDTHS = [8, 16, 32, 64] as const;

/** raw and gtnet: values of one width back to back. Which and how many they are, the receiver has to know. */
export class RawCodec implements Codec {
  readonly #signals: readonly Signal[];
  readonly #bits: number;
  readonly #little: boolean;
  readonly #fake: boolean;
  readonly #mode: CodecOptions["mode"];
  readonly #problem: CodecOptions["problem"];

  constructor({ signals, settings, mode, problem }: CodecOptions, endianess: "little" | "big") {
    this.#signals = signals;
    this.#mode = mode;
    this.#problem = problem;
    this.#bits = settings.integer("bits") ?? 32;
    if (!WIDTHS.includes(this.#bits as 8)) {
      throw new ConfigError(settings.get("bits")!.at, `Invalid "bits": expected 8, 16, 32 or 64`);
    }
    this.#little = (settings.oneOf("endianess", ["little", "big"]) ?? endianess) === "little";
    this.#fake = settings.boolean("fake") ?? false;
  }

  encode(samples: readonly Sample[]): Uint8Array<ArrayBuffer> {
    if (this.#mode === "message" && samples.length > 1) {
      throw new FormatError(
        `Cannot write ${samples.length} samples in a message: the format has no boundaries`,
      );
    }
    const step = this.#bits / 8;
    const slots = samples.reduce((sum, { values }) => {
      const parts = values.reduce<number>((n, value) => n + (typeof value === "object" ? 2 : 1), 0);
      return sum + parts + (this.#fake ? 3 : 0);
    }, 0);
    const bytes = new Uint8Array(slots * step);
    const view = viewOf(bytes);
    let at = 0;
    const integer = (value: bigint): void => {
      this.#setInteger(view, at, value);
      at += step;
    };
    const float = (value: number): void => {
      this.#setFloat(view, at, value);
      at += step;
    };
    for (const { values, sequence = 0n, origin = [0, 0] } of samples) {
      if (this.#fake) [sequence, ...origin].forEach((value) => integer(BigInt(value)));
      for (const value of values) {
        if (typeof value === "number") float(value);
        else if (typeof value === "object") [value.real, value.imag].forEach(float);
        else integer(BigInt(value));
      }
    }
    return bytes;
  }

  decode(bytes: Uint8Array): Sample[] {
    const step = this.#bits / 8;
    const slots = bytes.length / step;
    if (!Number.isInteger(slots) || (this.#fake && slots < 3)) {
      const wanted = this.#fake ? `at least 3 integers of ${step}` : `a multiple of ${step}`;
      this.#problem(new FormatError(`Cannot read ${bytes.length} bytes: expected ${wanted}`));
      return [];
    }
    const samples: Sample[] = [];
    const view = viewOf(bytes);
    let at = 0;
    do {
      const next = this.#read(view, at, bytes.length);
      if (next.at === at) break;
      samples.push(next.sample);
      at = next.at;
    } while (this.#mode === "stream" && at < bytes.length);
    return samples;
  }

  #read(view: DataView, from: number, end: number): { sample: Sample; at: number } {
    const step = this.#bits / 8;
    let at = from;
    const integer = (): bigint => this.#getInteger(view, (at += step) - step);
    const float = (): number => this.#getFloat(view, (at += step) - step);
    const head: Partial<Sample> = {};
    if (this.#fake && at + 3 * step <= end) {
      const sequence = BigInt.asUintN(this.#bits, integer());
      const [seconds, nanoseconds] = [integer(), integer()].map((value) =>
        Number(BigInt.asUintN(this.#bits, value))
      );
      Object.assign(head, { sequence, origin: [seconds, nanoseconds] });
    }
    const values: Value[] = [];
    for (const { type } of this.#signals) {
      if (at + step * (type === "complex" ? 2 : 1) > end) break;
      if (type === "float") values.push(float());
      else if (type === "integer") values.push(integer());
      else if (type === "boolean") values.push(integer() !== 0n);
      else values.push({ real: Math.fround(float()), imag: Math.fround(float()) });
    }
    return { sample: { signals: this.#signals, values, ...head }, at };
  }

  #setInteger(view: DataView, at: number, value: bigint): void {
    if (this.#bits === 64) return view.setBigInt64(at, value, this.#little);
    const low = Number(BigInt.asIntN(this.#bits, value));
    if (this.#bits === 32) view.setInt32(at, low, this.#little);
    else if (this.#bits === 16) view.setInt16(at, low, this.#little);
    else view.setInt8(at, low);
  }

  #setFloat(view: DataView, at: number, value: number): void {
    if (this.#bits === 64) view.setFloat64(at, value, this.#little);
    else if (this.#bits === 32) view.setFloat32(at, value, this.#little);
    // VILLASnode writes -1 for a float that has no room.
    else this.#setInteger(view, at, -1n);
  }

  #getInteger(view: DataView, at: number): bigint {
    if (this.#bits === 64) return view.getBigInt64(at, this.#little);
    if (this.#bits === 32) return BigInt(view.getInt32(at, this.#little));
    return BigInt(this.#bits === 16 ? view.getInt16(at, this.#little) : view.getInt8(at));
  }

  #getFloat(view: DataView, at: number): number {
    if (this.#bits === 64) return view.getFloat64(at, this.#little);
    return this.#bits === 32 ? view.getFloat32(at, this.#little) : -1;
  }

  measure(bytes: Uint8Array, ended: boolean): number {
    const slotsOf = (type: SignalType): number => type === "complex" ? 2 : 1;
    const slots = this.#signals.reduce((sum, { type }) => sum + slotsOf(type), this.#fake ? 3 : 0);
    const size = slots * this.#bits / 8;
    return ended || size === 0 ? bytes.length : bytes.length - bytes.length % size;
  }
}

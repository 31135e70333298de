import type { Sample } from "../../model/sample.ts";
import type { Signal, Value } from "../../model/signal.ts";
import { type Codec, type CodecOptions, FormatError } from "../format.ts";
import { viewOf } from "./bytes.ts";
import { type CommonOptions, commonOptions } from "./options.ts";

/** Version 2, type 0 (data), reserved bits 0. */
const FIRST_BYTE = 0x20;
const HEADER = 16;
const MASK = 0xffff_ffffn;

/**
 * villas.binary and villas.web: a header of 16 bytes and 4 bytes a value. The receiver's signals tell floats from
 * integers; integers are modulo 2^32.
 */
export class BinaryCodec implements Codec {
  readonly #signals: readonly Signal[];
  readonly #littleEndian: boolean;
  readonly #options: CommonOptions;
  readonly #sourceIndex: number;
  readonly #checksSource: boolean;
  readonly #problem: CodecOptions["problem"];

  constructor({ signals, settings, problem }: CodecOptions, littleEndian: boolean) {
    this.#signals = signals;
    this.#littleEndian = littleEndian;
    this.#options = commonOptions(settings);
    this.#sourceIndex = settings.integer("source_index", 0, 255) ?? 0;
    this.#checksSource = settings.boolean("validate_source_index") ?? false;
    this.#problem = problem;
  }

  encode(samples: readonly Sample[]): Uint8Array<ArrayBuffer> {
    const size = samples.reduce((sum, { values }) => sum + HEADER + 4 * values.length, 0);
    const bytes = new Uint8Array(size);
    const view = viewOf(bytes);
    let at = 0;
    for (const sample of samples) at = this.#write(view, at, sample);
    return bytes;
  }

  #write(view: DataView, at: number, { values, sequence, origin }: Sample): number {
    const little = this.#littleEndian;
    if (values.length > 0xffff) throw new FormatError(`Cannot write ${values.length} values`);
    view.setUint8(at, FIRST_BYTE);
    view.setUint8(at + 1, this.#sourceIndex);
    view.setUint16(at + 2, values.length, little);
    if (this.#options.sequence) {
      view.setUint32(at + 4, Number(BigInt.asUintN(32, sequence ?? 0n)), little);
    }
    if (this.#options.origin && origin !== undefined) {
      view.setUint32(at + 8, origin[0] % 2 ** 32, little);
      view.setUint32(at + 12, origin[1], little);
    }
    at += HEADER;
    for (const value of values) {
      if (typeof value === "number") view.setFloat32(at, value, little);
      else if (typeof value === "bigint") view.setUint32(at, Number(value & MASK), little);
      else {
        const type = typeof value === "boolean" ? "boolean" : "complex";
        throw new FormatError(`Cannot write a ${type}: villas.binary has floats and integers only`);
      }
      at += 4;
    }
    return at;
  }

  decode(bytes: Uint8Array): Sample[] {
    const samples: Sample[] = [];
    const view = viewOf(bytes);
    if (bytes.length % 4 !== 0) return this.#reject(`${bytes.length} bytes`, "a multiple of 4");
    let at = 0;
    while (at < bytes.length) {
      const left = bytes.length - at;
      if (left < HEADER) return this.#reject(`${left} bytes at the end`, "a header of 16");
      const first = view.getUint8(at);
      if (first !== FIRST_BYTE) {
        return this.#reject(`0x${first.toString(16)} as the first byte`, "0x20");
      }
      const count = view.getUint16(at + 2, this.#littleEndian);
      if (left < HEADER + 4 * count) {
        return this.#reject(`${left - HEADER} bytes of values`, String(4 * count));
      }
      const sample = this.#read(view, at, count);
      if (sample !== undefined) samples.push(sample);
      at += HEADER + 4 * count;
    }
    return samples;
  }

  #read(view: DataView, at: number, count: number): Sample | undefined {
    const little = this.#littleEndian;
    const source = view.getUint8(at + 1);
    if (this.#checksSource && source !== this.#sourceIndex) {
      this.#problem(
        new FormatError(`Skipped a sample of source ${source}: expected ${this.#sourceIndex}`),
      );
      return undefined;
    }
    const values: Value[] = [];
    for (let n = 0; n < Math.min(count, this.#signals.length); n++) {
      const from = at + HEADER + 4 * n;
      const { type } = this.#signals[n]!;
      if (type === "float") values.push(view.getFloat32(from, little));
      else if (type === "integer") values.push(BigInt(view.getUint32(from, little)));
      else {
        this.#problem(new FormatError(`Cannot read a ${type}: expected only floats and integers`));
        return undefined;
      }
    }
    return {
      signals: this.#signals,
      values,
      sequence: BigInt(view.getUint32(at + 4, little)),
      origin: [view.getUint32(at + 8, little), view.getUint32(at + 12, little)],
    };
  }

  /** The rest of the message is lost, and with it what was read: as with VILLASnode. */
  #reject(got: string, wanted: string): Sample[] {
    this.#problem(new FormatError(`Cannot read ${got}: expected ${wanted}`));
    return [];
  }

  measure(bytes: Uint8Array, ended: boolean): number {
    if (ended) return bytes.length;
    const view = viewOf(bytes);
    let at = 0;
    while (at + HEADER <= bytes.length) {
      // Out of step with the sender: there is no way back, so all of it is one bad message.
      if (view.getUint8(at) !== FIRST_BYTE) return bytes.length - bytes.length % 4;
      const next = at + HEADER + 4 * view.getUint16(at + 2, this.#littleEndian);
      if (next > bytes.length) break;
      at = next;
    }
    return at;
  }
}

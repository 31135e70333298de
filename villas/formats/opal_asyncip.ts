import type { Sample } from "../model/sample.ts";
import { cast, toNumber, type Value } from "../model/signal.ts";
import { type Codec, type CodecOptions, type Format, FormatError } from "./format.ts";
import { viewOf } from "./lib/bytes.ts";

const HEADER = 8;
/** More values than these do not fit OPAL-RT's own buffers. */
const MOST_VALUES = 64;

class OpalCodec implements Codec {
  readonly #options: CodecOptions;
  readonly #device: number;

  constructor(options: CodecOptions) {
    this.#options = options;
    this.#device = options.settings.integer("dev_id", 0, 32_767) ?? 0;
  }

  encode(samples: readonly Sample[]): Uint8Array<ArrayBuffer> {
    const size = samples.reduce((sum, { values }) => sum + HEADER + 8 * values.length, 0);
    const bytes = new Uint8Array(size);
    const view = viewOf(bytes);
    let at = 0;
    for (const { values, sequence = 0n } of samples) {
      if (values.length > MOST_VALUES) {
        throw new FormatError(`Cannot write ${values.length} values: expected at most 64`);
      }
      view.setInt16(at, this.#device, true);
      view.setUint32(at + 2, Number(BigInt.asUintN(32, sequence)), true);
      view.setUint16(at + 6, 8 * values.length, true);
      at += HEADER;
      for (const value of values) {
        view.setFloat64(at, toNumber(value), true);
        at += 8;
      }
    }
    return bytes;
  }

  decode(bytes: Uint8Array): Sample[] {
    const { signals, problem } = this.#options;
    const samples: Sample[] = [];
    const view = viewOf(bytes);
    let at = 0;
    while (at < bytes.length) {
      const left = bytes.length - at;
      const length = left < HEADER ? 0 : view.getUint16(at + 6, true);
      if (left < HEADER + length || length % 8 !== 0) {
        const wanted = `a header of 8 and ${length} of values`;
        problem(new FormatError(`Cannot read ${left} bytes: expected ${wanted}`));
        break;
      }
      const values: Value[] = signals.slice(0, length / 8)
        .map(({ type }, n) => cast(view.getFloat64(at + HEADER + 8 * n, true), type));
      samples.push({ signals, values, sequence: BigInt(view.getUint32(at + 2, true)) });
      at += HEADER + length;
    }
    return samples;
  }

  measure(bytes: Uint8Array, ended: boolean): number {
    if (ended) return bytes.length;
    const view = viewOf(bytes);
    let at = 0;
    while (at + HEADER <= bytes.length) {
      const next = at + HEADER + view.getUint16(at + 6, true);
      if (next > bytes.length) break;
      at = next;
    }
    return at;
  }
}

/** `opal.asyncip`: OPAL-RT's AsyncIP example, doubles in little-endian byte order. Every value is a double on the wire. */
export const opalAsyncip: Format = {
  name: "opal.asyncip",
  binary: true,
  open: (options): Codec => new OpalCodec(options),
};

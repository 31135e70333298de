import { toSetting } from "../config/setting.ts";
import type { Sample } from "../model/sample.ts";
import { DEFAULT_SIGNALS, type Signal } from "../model/signal.ts";
import { type Codec, FormatError, type Mode } from "./format.ts";
import { toBytes } from "./lib/bytes.ts";
import { chooseFormat } from "./table.ts";

/** Options of {@linkcode sampleWriter} and {@linkcode sampleReader}. */
export interface FormatStreamOptions {
  /** `"stream"` (the default) for files and pipes, `"message"` where each chunk is one message. */
  readonly mode?: Mode;
  /** What the values are; default 64 floats. A writer takes them for the header only. */
  readonly signals?: readonly Signal[];
  /** Whether text has the offset; default true. */
  readonly offset?: boolean;
  /**
   * Takes what cannot be read or written and is left out. By default it is an error of the stream.
   */
  readonly problem?: (error: FormatError) => void;
}

/** A format by its name, or by an object with `type` and the format's options. */
export type FormatChoice = string | ({ readonly type: string } & Readonly<Record<string, unknown>>);

/** The longest piece of a stream without a whole sample, in bytes: what never ends must not fill the memory. */
const LONGEST_SAMPLE = 16 * 1024 * 1024;

function rethrow(error: FormatError): void {
  throw error;
}

/** Opens a codec by the name of a format. */
export async function openCodec(
  choice: FormatChoice,
  { mode = "stream", signals = DEFAULT_SIGNALS, offset = true, problem = rethrow }:
    FormatStreamOptions = {},
): Promise<Codec> {
  const { format, settings } = chooseFormat(toSetting(choice));
  return await format.open({ mode, settings, signals, offset, problem });
}

/**
 * Writes samples in a format.
 *
 * @example
 * ```ts
 * import { sampleWriter } from "@nanostreams/nanostreams/villas";
 *
 * const writer = sampleWriter("villas.human");
 * const signals = [{ name: "voltage", unit: "V", type: "float" as const }];
 * const samples = ReadableStream.from([[{ signals, values: [230.1], sequence: 0n }]]);
 * for await (const line of samples.pipeThrough(writer)) console.log(line);
 * ```
 *
 * @param choice The format, such as `"json"`.
 * @param options How the samples lie in the stream.
 * @returns A stream that makes a chunk of bytes of each chunk of samples.
 */
export function sampleWriter(
  choice: FormatChoice,
  options: FormatStreamOptions = {},
): TransformStream<readonly Sample[], Uint8Array<ArrayBuffer>> {
  let codec: Codec;
  let first = true;
  return new TransformStream({
    async start() {
      codec = await openCodec(choice, options);
    },
    transform(samples, controller) {
      if (first && codec.header !== undefined) {
        const signals = options.signals ?? samples[0]?.signals ?? DEFAULT_SIGNALS;
        controller.enqueue(toBytes(codec.header(signals)));
      }
      first = false;
      if (samples.length > 0) controller.enqueue(codec.encode(samples));
    },
  });
}

/**
 * Reads samples of a format.
 *
 * @param choice The format, such as `"json"`.
 * @param options What the values are, and how the samples lie in the stream.
 * @returns A stream that makes samples of bytes, in the same pieces as they come.
 */
export function sampleReader(
  choice: FormatChoice,
  options: FormatStreamOptions = {},
): TransformStream<Uint8Array, readonly Sample[]> {
  let cutter: StreamDecoder;
  let codec: Codec;
  const emit = (
    samples: readonly Sample[],
    controller: TransformStreamDefaultController<readonly Sample[]>,
  ): void => {
    if (samples.length > 0) controller.enqueue(samples);
  };
  return new TransformStream({
    async start() {
      codec = await openCodec(choice, options);
      cutter = new StreamDecoder(codec);
    },
    transform(bytes, controller) {
      emit(options.mode === "message" ? codec.decode(bytes) : cutter.push(bytes), controller);
    },
    flush(controller) {
      if (options.mode !== "message") emit(cutter.end(), controller);
    },
  });
}

/** Reads a stream that comes in pieces of any size. */
export class StreamDecoder {
  readonly #codec: Codec;
  #rest: Uint8Array = new Uint8Array(0);

  /**
   * Makes a decoder that has read nothing yet.
   *
   * @param codec Opened with the mode `stream`.
   */
  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /**
   * Takes the next piece; returns the samples that it makes whole.
   *
   * @throws {FormatError} If no sample comes to an end.
   */
  push(bytes: Uint8Array): Sample[] {
    const all = this.#rest.length === 0 ? bytes : join(this.#rest, bytes);
    const whole = this.#codec.measure(all, false);
    this.#rest = all.slice(whole);
    if (this.#rest.length > LONGEST_SAMPLE) {
      throw new FormatError(`Cannot find the end of a sample within ${this.#rest.length} bytes`);
    }
    return whole === 0 ? [] : this.#codec.decode(all.subarray(0, whole));
  }

  /** Nothing more comes; returns what is left. */
  end(): Sample[] {
    const rest = this.#rest;
    this.#rest = new Uint8Array(0);
    return rest.length === 0 ? [] : this.#codec.decode(rest);
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

import type { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { ConfigError, NOWHERE } from "../config/setting.ts";
import type { Sample, Timestamp } from "../model/sample.ts";
import { type Complex, typeOf, type Value } from "../model/signal.ts";
import { type Codec, type CodecOptions, type Format, FormatError } from "./format.ts";
import { type CommonOptions, commonOptions } from "./lib/options.ts";

/*
 * VILLASnode's villas.proto, written field by field on the library's reader and writer:
 *
 *   Message   { repeated Sample samples = 1; }
 *   Sample    { required Type type = 1; uint64 sequence = 2; Timestamp ts_origin = 3; bool new_frame = 5;
 *               repeated Value values = 100; }
 *   Timestamp { required uint32 sec = 1, nsec = 2; }
 *   Value     { oneof { double f = 1; int64 i = 2; bool b = 3; Complex z = 4; } }
 *   Complex   { required float real = 1, imag = 2; }
 */
type Wire = typeof import("@bufbuild/protobuf/wire");

/** The wire types of protobuf. */
const VARINT = 0, FIXED64 = 1, DELIMITED = 2, FIXED32 = 5;
/** The type of a sample with values. */
const DATA = 1;

const keyOf = (field: number, type: number): number => field << 3 | type;

/** The fields, as they are on the wire. */
const KEY = {
  samples: keyOf(1, DELIMITED),
  type: keyOf(1, VARINT),
  sequence: keyOf(2, VARINT),
  origin: keyOf(3, DELIMITED),
  newFrame: keyOf(5, VARINT),
  values: keyOf(100, DELIMITED),
  seconds: keyOf(1, VARINT),
  nanoseconds: keyOf(2, VARINT),
  float: keyOf(1, FIXED64),
  integer: keyOf(2, VARINT),
  boolean: keyOf(3, VARINT),
  complex: keyOf(4, DELIMITED),
  real: keyOf(1, FIXED32),
  imag: keyOf(2, FIXED32),
} as const;

class ProtobufCodec implements Codec {
  readonly #wire: Wire;
  readonly #codec: CodecOptions;
  readonly #options: CommonOptions;

  constructor(wire: Wire, codec: CodecOptions) {
    this.#wire = wire;
    this.#codec = codec;
    this.#options = commonOptions(codec.settings);
  }

  encode(samples: readonly Sample[]): Uint8Array<ArrayBuffer> {
    const writer = new this.#wire.BinaryWriter();
    for (const sample of samples) {
      writer.tag(1, DELIMITED).fork();
      this.#write(writer, sample);
      writer.join();
    }
    return writer.finish();
  }

  #write(writer: BinaryWriter, { sequence, origin, newFrame, values }: Sample): void {
    const options = this.#options;
    writer.tag(1, VARINT).int32(DATA);
    if (options.sequence && sequence !== undefined) writer.tag(2, VARINT).uint64(sequence);
    if (options.origin && origin !== undefined) {
      writer.tag(3, DELIMITED).fork();
      writer.tag(1, VARINT).uint32(origin[0] % 2 ** 32).tag(2, VARINT).uint32(origin[1]);
      writer.join();
    }
    if (newFrame) writer.tag(5, VARINT).bool(true);
    if (!options.data) return;
    for (const value of values) {
      writer.tag(100, DELIMITED).fork();
      if (typeof value === "number") writer.tag(1, FIXED64).double(value);
      else if (typeof value === "bigint") writer.tag(2, VARINT).int64(value);
      else if (typeof value === "boolean") writer.tag(3, VARINT).bool(value);
      else {
        writer.tag(4, DELIMITED).fork();
        writer.tag(1, FIXED32).float(Math.fround(value.real));
        writer.tag(2, FIXED32).float(Math.fround(value.imag));
        writer.join();
      }
      writer.join();
    }
  }

  decode(bytes: Uint8Array): Sample[] {
    const samples: Sample[] = [];
    try {
      const reader = new this.#wire.BinaryReader(bytes);
      while (reader.pos < bytes.length) {
        const key = reader.uint32();
        if (key === KEY.samples) this.#read(reader, enter(reader, bytes.length), samples);
        else skip(reader, key);
      }
      leave(reader, bytes.length);
    } catch (error) {
      // The library's own errors: a length beyond the end, a varint without one.
      const reason = error instanceof Error ? error.message : String(error);
      this.#codec.problem(
        error instanceof FormatError ? error : new FormatError(`Cannot read protobuf: ${reason}`),
      );
    }
    return samples;
  }

  #read(reader: BinaryReader, end: number, samples: Sample[]): void {
    const { signals } = this.#codec;
    const values: Value[] = [];
    let type = DATA;
    let sequence: bigint | undefined;
    let origin: Timestamp | undefined;
    let newFrame = false;
    while (reader.pos < end) {
      const key = reader.uint32();
      if (key === KEY.values) {
        const value = readValue(reader, enter(reader, end));
        const signal = signals[values.length];
        // More values than signals: what they are is not known.
        if (signal === undefined || value === undefined) continue;
        if (typeOf(value) !== signal.type) {
          throw new FormatError(`Received ${typeOf(value)}, expected ${signal.type}`);
        }
        values.push(value);
      } else if (key === KEY.type) type = reader.int32();
      else if (key === KEY.sequence) sequence = BigInt(reader.uint64());
      else if (key === KEY.origin) origin = readTimestamp(reader, enter(reader, end));
      else if (key === KEY.newFrame) newFrame = reader.bool();
      else skip(reader, key);
    }
    leave(reader, end);
    if (type !== DATA) return;
    samples.push({ signals, values, sequence, origin, ...(newFrame && { newFrame }) });
  }

  /** Messages one after the other are one message: a stream has whole fields. */
  measure(bytes: Uint8Array, ended: boolean): number {
    if (ended) return bytes.length;
    const reader = new this.#wire.BinaryReader(bytes);
    let whole = 0;
    try {
      while (reader.pos < bytes.length) {
        const [field, type] = reader.tag();
        reader.skip(type, field);
        if (reader.pos > bytes.length) break;
        whole = reader.pos;
      }
    } catch {
      // A field that has not come to its end.
    }
    return whole;
  }
}

/** Goes into a message within another: returns where it ends. */
function enter(reader: BinaryReader, end: number): number {
  const inside = reader.uint32() + reader.pos;
  if (inside > end) throw new FormatError("Cannot read protobuf: a field ends too late");
  return inside;
}

/** Checks that a message has ended where it said it would. */
function leave(reader: BinaryReader, end: number): void {
  if (reader.pos > end) throw new FormatError("Cannot read protobuf: a field ends too late");
}

/** Goes past a field that is not known. */
function skip(reader: BinaryReader, key: number): void {
  reader.skip(key & 7, key >>> 3);
}

function readTimestamp(reader: BinaryReader, end: number): Timestamp {
  let seconds = 0;
  let nanoseconds = 0;
  while (reader.pos < end) {
    const key = reader.uint32();
    if (key === KEY.seconds) seconds = reader.uint32();
    else if (key === KEY.nanoseconds) nanoseconds = reader.uint32();
    else skip(reader, key);
  }
  leave(reader, end);
  return [seconds, nanoseconds];
}

function readValue(reader: BinaryReader, end: number): Value | undefined {
  let value: Value | undefined;
  while (reader.pos < end) {
    const key = reader.uint32();
    if (key === KEY.float) value = reader.double();
    else if (key === KEY.integer) value = BigInt(reader.int64());
    else if (key === KEY.boolean) value = reader.bool();
    else if (key === KEY.complex) value = readComplex(reader, enter(reader, end));
    else skip(reader, key);
  }
  leave(reader, end);
  return value;
}

function readComplex(reader: BinaryReader, end: number): Complex {
  let real = 0;
  let imag = 0;
  while (reader.pos < end) {
    const key = reader.uint32();
    if (key === KEY.real) real = reader.float();
    else if (key === KEY.imag) imag = reader.float();
    else skip(reader, key);
  }
  leave(reader, end);
  return { real, imag };
}

/** `protobuf`: VILLASnode's villas.proto. Needs the package `@bufbuild/protobuf`, which is loaded when it is asked for. */
export const protobuf: Format = {
  name: "protobuf",
  binary: true,
  async open(options): Promise<Codec> {
    return new ProtobufCodec(await load(), options);
  },
};

async function load(): Promise<Wire> {
  try {
    return await import("@bufbuild/protobuf/wire");
  } catch (cause) {
    throw new ConfigError(
      NOWHERE,
      'Cannot use the format "protobuf" without the package @bufbuild/protobuf: install it',
      { cause },
    );
  }
}

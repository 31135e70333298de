import type { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { ConfigError, NOWHERE } from "../config/setting.ts";
import type { Sample, Timestamp } from "../model/sample.ts";
import { typeOf, type Value } from "../model/signal.ts";
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

const tag = (field: number, type: number): number => field << 3 | type;

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
    const { options } = { options: this.#options };
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
      fields(reader, bytes.length, {
        [tag(1, DELIMITED)]: (end) => samples.push(...this.#read(reader, end)),
      });
      return samples;
    } catch (error) {
      // The library's own errors: a length beyond the end, a varint without one.
      const reason = error instanceof Error ? error.message : String(error);
      this.#codec.problem(
        error instanceof FormatError ? error : new FormatError(`Cannot read protobuf: ${reason}`),
      );
      return samples;
    }
  }

  #read(reader: BinaryReader, end: number): Sample[] {
    const { signals } = this.#codec;
    const values: Value[] = [];
    const sample: { -readonly [K in keyof Sample]: Sample[K] } = { signals, values };
    let type = DATA;
    fields(reader, end, {
      [tag(1, VARINT)]: () => type = reader.int32(),
      [tag(2, VARINT)]: () => sample.sequence = BigInt(reader.uint64()),
      [tag(3, DELIMITED)]: (inside) => sample.origin = readTimestamp(reader, inside),
      [tag(5, VARINT)]: () => {
        if (reader.bool()) sample.newFrame = true;
      },
      [tag(100, DELIMITED)]: (inside) => {
        const value = readOne(reader, inside);
        const signal = signals[values.length];
        // More values than signals: what they are is not known.
        if (signal === undefined || value === undefined) return;
        if (typeOf(value) !== signal.type) {
          throw new FormatError(`Received ${typeOf(value)}, expected ${signal.type}`);
        }
        values.push(value);
      },
    });
    return type === DATA ? [sample] : [];
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

/** Reads the fields up to an end; one that is not known is skipped. */
function fields(
  reader: BinaryReader,
  end: number,
  known: Readonly<Record<number, (end: number) => void>>,
): void {
  while (reader.pos < end) {
    const [field, type] = reader.tag();
    const take = known[tag(field, type)];
    if (take === undefined) {
      reader.skip(type, field);
    } else if (type === DELIMITED) {
      const inside = reader.uint32() + reader.pos;
      if (inside > end) throw new FormatError("Cannot read protobuf: a field ends too late");
      take(inside);
      reader.pos = inside;
    } else {
      take(end);
    }
  }
  if (reader.pos > end) throw new FormatError("Cannot read protobuf: a field ends too late");
}

function readTimestamp(reader: BinaryReader, end: number): Timestamp {
  let seconds = 0;
  let nanoseconds = 0;
  fields(reader, end, {
    [tag(1, VARINT)]: () => seconds = reader.uint32(),
    [tag(2, VARINT)]: () => nanoseconds = reader.uint32(),
  });
  return [seconds, nanoseconds];
}

function readOne(reader: BinaryReader, end: number): Value | undefined {
  let value: Value | undefined;
  fields(reader, end, {
    [tag(1, FIXED64)]: () => value = reader.double(),
    [tag(2, VARINT)]: () => value = BigInt(reader.int64()),
    [tag(3, VARINT)]: () => value = reader.bool(),
    [tag(4, DELIMITED)]: (inside) => {
      let real = 0;
      let imag = 0;
      fields(reader, inside, {
        [tag(1, FIXED32)]: () => real = reader.float(),
        [tag(2, FIXED32)]: () => imag = reader.float(),
      });
      value = { real, imag };
    },
  });
  return value;
}

/** `protobuf`: VILLASnode's villas.proto. Needs the package `@bufbuild/protobuf`, which is loaded when it is asked for. */
export const protobuf: Format = {
  name: "protobuf",
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

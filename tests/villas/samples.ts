/** Samples for tests: the spec's, and arbitrary ones. */

import fc from "fast-check";
import type { FormatError } from "../../villas/formats/format.ts";
import {
  type FormatChoice,
  type FormatStreamOptions,
  openCodec,
} from "../../villas/formats/streams.ts";
import type { Codec } from "../../villas/formats/format.ts";
import type { Sample, Timestamp } from "../../villas/model/sample.ts";
import {
  parseDtypes,
  type Signal,
  type SignalType,
  type Value,
} from "../../villas/model/signal.ts";

export function dtypes(text: string): Signal[] {
  return parseDtypes(text)!;
}

/** A sample of what a real VILLASnode wrote. */
export function sample(types: string, values: Value[], more: Partial<Sample> = {}): Sample {
  return {
    signals: dtypes(types),
    values,
    sequence: 42n,
    origin: [1_700_000_000, 123_456_789],
    ...more,
  };
}

/** A codec for messages, with what it complains about. */
export async function codec(
  choice: FormatChoice,
  types: string,
  options: FormatStreamOptions = {},
): Promise<{ codec: Codec; problems: string[] }> {
  const problems: string[] = [];
  return {
    problems,
    codec: await openCodec(choice, {
      mode: "message",
      signals: dtypes(types),
      problem: (error: FormatError) => problems.push(error.message),
      ...options,
    }),
  };
}

/** Bytes as in the spec: pairs of hexadecimal digits, with blanks. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const TYPES: Readonly<Record<string, SignalType>> = {
  f: "float",
  i: "integer",
  b: "boolean",
  c: "complex",
};

/** Which samples a format can hold without loss. */
export interface Holds {
  /** Letters of the types. */
  readonly types: string;
  /** Floats of this kind. */
  readonly floats: fc.Arbitrary<number>;
  /** Parts of complex values; by default any float. */
  readonly parts?: fc.Arbitrary<number>;
  readonly integers?: fc.Arbitrary<bigint>;
  readonly sequence?: number;
  readonly most?: number;
  readonly origin?: fc.Arbitrary<Timestamp> | undefined;
}

/** Arbitrary samples of one list of signals. */
export function samplesFor(holds: Holds): fc.Arbitrary<Sample[]> {
  const {
    types,
    floats,
    integers = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    sequence = 64,
    most = 4,
    origin,
    parts = fc.float({ noNaN: true, noDefaultInfinity: true }),
  } = holds;
  const values: Record<SignalType, fc.Arbitrary<Value>> = {
    float: floats,
    integer: integers,
    boolean: fc.boolean(),
    complex: fc.tuple(parts, parts).map(([real, imag]) => ({ real, imag })),
  };
  return fc.array(fc.constantFrom(...types), { minLength: 1, maxLength: 6 }).chain((letters) => {
    const signals = letters.map((letter, at): Signal => ({
      name: `signal${at}`,
      unit: "",
      type: TYPES[letter]!,
    }));
    const one: fc.Arbitrary<Sample> = fc.record({
      values: fc.tuple(...signals.map(({ type }) => values[type])),
      ...(sequence > 0 && { sequence: fc.bigInt(0n, 2n ** BigInt(sequence) - 1n) }),
      ...(origin !== undefined && { origin }),
    }).map((rest) => ({ signals, ...rest }));
    return fc.array(one, { minLength: 1, maxLength: most });
  });
}

/** Any time that 32 bits of seconds hold. */
export const TIMES: fc.Arbitrary<Timestamp> = fc.tuple(
  fc.integer({ min: 1, max: 0xffff_ffff }),
  fc.integer({ min: 0, max: 999_999_999 }),
);

/** Any double that has no fraction of less than 2^-40, within what 17 digits after the point keep. */
export const PLAIN_FLOATS: fc.Arbitrary<number> = fc.tuple(
  fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
  fc.integer({ min: 0, max: 16 }),
).map(([n, shift]) => n / 2 ** shift + 0);

/** Any float of which the same is true. */
export const PLAIN_PARTS: fc.Arbitrary<number> = fc.tuple(
  fc.integer({ min: -(2 ** 23), max: 2 ** 23 }),
  fc.integer({ min: 0, max: 16 }),
).map(([n, shift]) => n / 2 ** shift + 0);

/** Any finite double. */
export const DOUBLES: fc.Arbitrary<number> = fc.double({ noNaN: true, noDefaultInfinity: true });

/** Only what says something about a sample. */
export function essence({ values, sequence, origin, newFrame }: Sample): unknown {
  return { values, sequence, origin, newFrame };
}

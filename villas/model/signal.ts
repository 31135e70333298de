/** What kind of value a signal has: a double, a 64-bit integer, a boolean, or two floats. */
export type SignalType = "float" | "integer" | "boolean" | "complex";

/** A complex number of two 32-bit floats. */
export interface Complex {
  /** The real part. */
  readonly real: number;
  /** The imaginary part. */
  readonly imag: number;
}

/** The value of a signal: a `number` is a float, a `bigint` an integer. */
export type Value = number | bigint | boolean | Complex;

/** The description of one value of a sample. */
export interface Signal {
  /** What it is called. */
  readonly name: string;
  /** Such as `V`; empty if there is none. */
  readonly unit: string;
  /** What kind of value it has. */
  readonly type: SignalType;
  /** The value before the first sample; default zero. */
  readonly init?: Value;
}

/** The letters of a dtype string such as `2f1i`. */
const LETTERS: Readonly<Record<string, SignalType>> = {
  f: "float",
  i: "integer",
  b: "boolean",
  c: "complex",
};

/** More signals than any VILLASnode handles: guards against `999999999f`. */
const MOST_SIGNALS = 65_536;

/** The type of a value. */
export function typeOf(value: Value): SignalType {
  switch (typeof value) {
    case "number":
      return "float";
    case "bigint":
      return "integer";
    case "boolean":
      return "boolean";
    default:
      return "complex";
  }
}

/** Zero, as a value of a type. */
export function zero(type: SignalType): Value {
  if (type === "float") return 0;
  if (type === "integer") return 0n;
  return type === "boolean" ? false : { real: 0, imag: 0 };
}

/** So many signals `signal0`, `signal1`, … of one type. */
export function signals(count: number, type: SignalType = "float", name = "signal"): Signal[] {
  return Array.from({ length: count }, (_, at) => ({ name: `${name}${at}`, unit: "", type }));
}

/** What a node has if its configuration says nothing: 64 floats. */
export const DEFAULT_SIGNALS: readonly Signal[] = signals(64);

/**
 * The signals of a dtype string: any number of `[COUNT]LETTER`, with the letters f, i, b and c.
 *
 * @param text Such as `64f` or `2f1i`.
 * @returns The signals, or `undefined` if the text is not a dtype string.
 */
export function parseDtypes(text: string): Signal[] | undefined {
  if (!/^(\d*[fibc])+$/.test(text)) return undefined;
  const types: SignalType[] = [];
  for (const [, count, letter] of text.matchAll(/(\d*)([fibc])/g)) {
    const times = count === "" ? 1 : Number(count);
    if (types.length + times > MOST_SIGNALS) return undefined;
    for (let n = 0; n < times; n++) types.push(LETTERS[letter!]!);
  }
  return types.map((type, at) => ({ name: `signal${at}`, unit: "", type }));
}

/** A value as one of another type, as VILLASnode's `cast` does it. */
export function cast(value: Value, type: SignalType): Value {
  if (typeOf(value) === type) return value;
  switch (type) {
    case "float":
      return toNumber(value);
    case "integer":
      return toInteger(toNumber(value));
    case "boolean":
      return toNumber(value) !== 0;
    case "complex":
      return { real: Math.fround(toNumber(value)), imag: 0 };
  }
}

/** The number that a value comes closest to; of a complex value the real part. */
export function toNumber(value: Value): number {
  return typeof value === "object" ? value.real : Number(value);
}

/** A float without its fraction as a 64-bit integer; NaN and infinities are 0. */
export function toInteger(value: number): bigint {
  return Number.isFinite(value) ? BigInt.asIntN(64, BigInt(Math.trunc(value))) : 0n;
}

/** Whether two values are the same, bit by bit. */
export function sameValue(a: Value, b: Value): boolean {
  if (typeof a !== "object" || typeof b !== "object") return Object.is(a, b);
  return Object.is(a.real, b.real) && Object.is(a.imag, b.imag);
}

import { fixed, parseNumber, signed } from "../../model/numbers.ts";
import { type SignalType, toInteger, type Value } from "../../model/signal.ts";
import { FormatError } from "../format.ts";

/** A value as VILLASnode's text formats write it. */
export function writeValue(value: Value, precision: number): string {
  switch (typeof value) {
    case "number":
      return fixed(value, precision);
    case "bigint":
      return String(value);
    case "boolean":
      return value ? "1" : "0";
    default:
      return `${fixed(value.real, precision)}${signed(value.imag, precision)}i`;
  }
}

const COMPLEX =
  /^([-+]?(?:nan|inf|[\d.]+(?:e[-+]?\d+)?))(?:([-+](?:nan|inf|[\d.]+(?:e[-+]?\d+)?))[ij])?$/i;

/**
 * Reads a value of a type.
 *
 * @throws {FormatError} If it is not one.
 */
export function readValue(text: string, type: SignalType): Value {
  const value = parse(text, type);
  if (value === undefined) {
    throw new FormatError(`Cannot read ${JSON.stringify(text.slice(0, 40))} as ${type}`);
  }
  return value;
}

function parse(text: string, type: SignalType): Value | undefined {
  switch (type) {
    case "float":
      return parseNumber(text);
    case "integer": {
      if (/^\s*[-+]?\d{1,20}$/.test(text)) return BigInt.asIntN(64, BigInt(text));
      const number = parseNumber(text);
      return number !== undefined && Number.isFinite(number) ? toInteger(number) : undefined;
    }
    case "boolean": {
      if (/^\s*(true|false)$/i.test(text)) return /true/i.test(text);
      const number = parseNumber(text);
      return number === undefined ? undefined : number !== 0;
    }
    case "complex": {
      const parts = COMPLEX.exec(text.trim());
      const real = parts === null ? undefined : parseNumber(parts[1]!);
      const imag = parts?.[2] === undefined ? 0 : parseNumber(parts[2]);
      if (real === undefined || imag === undefined) return undefined;
      return { real: Math.fround(real), imag: Math.fround(imag) };
    }
  }
}

/**
 * Numbers as C's `printf` spells them. JavaScript's own methods differ in three points: they round an exact
 * half up instead of to the even digit, switch to an exponent elsewhere, and lose the sign of -0.
 *
 * @module
 */

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return "nan";
  if (value === Infinity) return "inf";
  return value === -Infinity ? "-inf" : undefined;
}

/** Whether a number lies exactly between two neighbours with so many digits after the point. */
function isHalf(magnitude: number, digits: number): boolean {
  // Only an odd multiple of 2^-(digits + 1) has a 5 as its last digit just behind them.
  const scaled = magnitude * 2 ** (digits + 1);
  return scaled < 2 ** 53 && scaled % 2 === 1;
}

/** The digits of a number that was rounded up from a half, with the last one made even. */
function makeEven(digits: string): string {
  const last = digits.charCodeAt(digits.length - 1) - 48;
  return last % 2 === 0 ? digits : digits.slice(0, -1) + (last - 1);
}

/** `%.*f`. */
export function fixed(value: number, digits: number): string {
  const name = special(value);
  if (name !== undefined) return name;
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const magnitude = Math.abs(value);
  if (magnitude >= 1e21) {
    return `${sign}${BigInt(magnitude)}${digits > 0 ? `.${"0".repeat(digits)}` : ""}`;
  }
  const text = magnitude.toFixed(digits);
  return sign + (isHalf(magnitude, digits) ? makeEven(text) : text);
}

/** `%+.*f`. */
export function signed(value: number, digits: number): string {
  const text = fixed(value, digits);
  return text.startsWith("-") ? text : `+${text}`;
}

/** `%+e`: one digit, six after the point, and an exponent of at least two. */
export function exponential(value: number): string {
  const name = special(value);
  const text = name ??
    value.toExponential(6).replace(/e([+-])(\d)$/, (_, sign, digit) => `e${sign}0${digit}`);
  if (text.startsWith("-")) return text;
  return Object.is(value, -0) ? `-${text}` : `+${text}`;
}

/** Digits and exponent of a number that is finite and positive, rounded as C rounds. */
function significant(magnitude: number, precision: number): [digits: string, exponent: number] {
  const [mantissa, power] = magnitude.toExponential(precision - 1).split("e");
  const exponent = Number(power);
  const digits = mantissa!.replace(".", "");
  const after = precision - 1 - exponent;
  // With as many digits as a double has, no integer lies between two neighbours.
  const half = after >= 0 ? isHalf(magnitude, after) : isHalfInteger(magnitude, -after);
  return [half ? makeEven(digits) : digits, exponent];
}

function isHalfInteger(magnitude: number, zeros: number): boolean {
  if (!Number.isInteger(magnitude)) return false;
  const unit = 10n ** BigInt(zeros);
  return BigInt(magnitude) % unit === unit / 2n;
}

const ZERO = 48;

/** What most reals are, faster: 17 digits of a number from 1 to 10^16. */
function plainReal(magnitude: number): string {
  let text = magnitude.toPrecision(17);
  const point = text.indexOf(".");
  if (isHalf(magnitude, 17 - point)) text = makeEven(text);
  let end = text.length;
  while (text.charCodeAt(end - 1) === ZERO && end > point + 2) end--;
  return end === text.length ? text : text.slice(0, end);
}

/**
 * A real as jansson writes it: `%.*g`, then `.0` if it looks like an integer, and the exponent without `+` and
 * leading zeros. Such as `1.5`, `100.0`, `-0.10000000000000001`, `1e-9`.
 *
 * @param value Finite.
 * @param precision Significant digits; 0 stands for 17, as there.
 */
export function jsonReal(value: number, precision: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const wanted = precision === 0 ? 17 : precision;
  const magnitude = Math.abs(value);
  // Most values of a counter, a ramp or a square wave.
  if (wanted >= 15 && magnitude < 1e15 && Number.isInteger(value)) return `${value}.0`;
  const sign = value < 0 ? "-" : "";
  if (wanted === 17 && magnitude >= 1 && magnitude < 1e16) return sign + plainReal(magnitude);
  const [all, exponent] = significant(magnitude, wanted);
  const digits = all.replace(/0+$/, "");
  if (exponent < -4 || exponent >= wanted) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${sign}${digits[0]}${fraction}e${exponent}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

/** A decimal number, `nan`, `inf` or `infinity` with a sign, as C's `strtod` takes them; otherwise `undefined`. */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim();
  // Each pattern has one way to match: a peer's long line must not take long.
  if (/^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i.test(trimmed)) return Number(trimmed);
  if (/^[-+]?nan$/i.test(trimmed)) return Number.NaN;
  const infinity = /^([-+]?)inf(inity)?$/i.exec(trimmed);
  if (infinity === null) return undefined;
  return infinity[1] === "-" ? -Infinity : Infinity;
}

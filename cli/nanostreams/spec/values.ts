/* How the arguments of flags are read. */
import { BadValue } from "./types.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const SIZES: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** A time in milliseconds: `500ms`, `2s`, `1m`, `1h`; a bare number is seconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  if (text === "forever") return Infinity;
  if (match === null) throw new BadValue("a time, as 500ms, 2s, 1m or 1h");
  return Number(match[1]) * UNITS[match[2] ?? "s"]!;
}

/** A size in bytes: `512`, `64k`, `1M`, `2G`. */
export function size(text: string): number {
  const match = /^(\d+)([kmg])?(?:i?b)?$/i.exec(text);
  if (match === null) throw new BadValue("a size in bytes, as 512, 64k or 1M");
  return Number(match[1]) * (SIZES[(match[2] ?? "").toLowerCase()] ?? 1);
}

/** A whole number, `least` or more. */
export function count(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
    throw new BadValue(`a whole number, ${least} or more`);
  };
}

/** A number above zero. */
export function rate(text: string): number {
  const number = Number(text);
  if (text !== "" && number > 0 && Number.isFinite(number)) return number;
  throw new BadValue("a number above 0");
}

/** A header: a name, a colon, a value. */
export function header(text: string): readonly [string, string] {
  const at = text.indexOf(":");
  if (at > 0) return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  throw new BadValue('a header, as "Authorization: Bearer token"');
}

/** Permissions of a file: three octal digits. */
export function fileMode(text: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8);
  throw new BadValue("permissions, as 600 or 666");
}

/** A template of what is printed. */
export function template(text: string): string {
  for (const [whole, name] of text.matchAll(/\{\{(\w+)\}\}/g)) {
    if (!PLACES.includes(name!)) {
      throw new BadValue(`${PLACES.map((place) => `{{${place}}}`).join(", ")}, and not ${whole}`);
    }
  }
  return text;
}

/** What a template can show. */
const PLACES = ["data", "hex", "base64", "n", "time", "peer", "size", "topic"];

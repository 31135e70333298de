/** One value as a publisher sends it. */
export interface Sample {
  /** Its chart: `cpu`. */
  readonly group: string;
  /** Its line in that chart: `user`; the group's name if there is only one. */
  readonly name: string;
  readonly value: number;
  /** `%`, `ms`, or nothing. */
  readonly unit: string;
  /** Seconds since 1970. */
  readonly time: number;
}

/** If a clock is off by more than this, in seconds, values count as of now. */
const CLOCKS_APART = 30;

const LINE = /^(\S+)\s+([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(\S*)(?:\s+(\d+(?:\.\d+)?))?\s*$/i;

/**
 * Reads a message: lines of `name value [time]`, such as `cpu.user 12.5% 1763765123456`. The name's part before
 * the first period is its chart; the value may have a unit; the time is in seconds or milliseconds since 1970.
 *
 * @returns The values; `wrong` counts the lines that are not values.
 */
export function readValues(text: string, now: number): { samples: Sample[]; wrong: number } {
  const samples: Sample[] = [];
  let wrong = 0;
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const found = LINE.exec(line.trim());
    if (found === null) {
      wrong++;
      continue;
    }
    const [, full = "", value, unit = "", said] = found;
    const dot = full.indexOf(".");
    const group = dot > 0 ? full.slice(0, dot) : full;
    const name = dot > 0 ? full.slice(dot + 1) : full;
    samples.push({ group, name, value: Number(value), unit, time: timeOf(said, now) });
  }
  return { samples, wrong };
}

function timeOf(said: string | undefined, now: number): number {
  if (said === undefined) return now;
  const time = Number(said) > 1e11 ? Number(said) / 1000 : Number(said);
  return Math.abs(time - now) > CLOCKS_APART ? now : time;
}

/** A number as people read it: three or four digits. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${(value / 1e9).toFixed(2)}G`;
  if (size >= 1e6) return `${(value / 1e6).toFixed(2)}M`;
  if (size >= 1e4) return `${(value / 1e3).toFixed(1)}k`;
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

/** A number of bytes as people read it. */
export function formatBytes(value: number): string {
  if (value < 1000) return `${Math.round(value)} B`;
  return value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`;
}

/* Figures as people read them. */

const COUNT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** `12,345` */
export function count(value: number): string {
  return COUNT.format(value);
}

/** A number and what it counts: `1 peer`, `2 peers`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** `512 B`, `1.23 MB`: powers of ten, three digits. */
export function bytes(value: number): string {
  let unit = 0;
  // From 999.5 on, three digits would be 1000.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : digits(value)} ${UNITS[unit]}`;
}

/** A time in milliseconds: `12.3 µs`, `4.56 ms`, `7.89 s`, `2 min 5 s`. */
export function time(ms: number): string {
  if (ms < 0.9995) return `${digits(ms * 1000)} µs`;
  if (ms < 999.5) return `${digits(ms)} ms`;
  if (ms < 59_950) return `${digits(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  return `${count(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}

/** Three digits, no zeros behind the point that say nothing. */
function digits(value: number): string {
  const decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return String(Number(value.toFixed(decimals)));
}

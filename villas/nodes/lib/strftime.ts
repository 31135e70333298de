const pad = (value: number, length = 2): string => String(value).padStart(length, "0");

/** What a letter after % stands for, in UTC. */
const FIELDS: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => String(date.getUTCFullYear()),
  y: (date) => pad(date.getUTCFullYear() % 100),
  m: (date) => pad(date.getUTCMonth() + 1),
  d: (date) => pad(date.getUTCDate()),
  H: (date) => pad(date.getUTCHours()),
  M: (date) => pad(date.getUTCMinutes()),
  S: (date) => pad(date.getUTCSeconds()),
  j: (date) =>
    pad(1 + Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0)) / 864e5), 3),
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  F: (date) => date.toISOString().slice(0, 10),
  T: (date) => date.toISOString().slice(11, 19),
  "%": () => "%",
};

/** Fills in the time, as C's strftime does it in UTC. Letters that are not known stay as they are. */
export function strftime(text: string, date: Date): string {
  return text.replace(/%([a-zA-Z%])/g, (all, letter: string) => FIELDS[letter]?.(date) ?? all);
}

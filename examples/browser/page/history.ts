import type { Sample } from "./values.ts";

/** How long values are kept, in seconds. */
const KEPT = 330;

/** A line is broken where nothing came for this many seconds, and for this many times as long as usual. */
const SILENCE = 1.5;
const TIMES_AS_LONG = 4;

/** Undefined where another line has a value; null where this one ends. */
type Column = (number | null | undefined)[];

/** What one chart shows: times, and a column for each line. */
export class History {
  readonly group: string;
  readonly names: string[] = [];
  readonly times: number[] = [];
  readonly columns: Column[] = [];
  readonly units: string[] = [];
  /** The last value of each line. */
  readonly latest: number[] = [];
  #usual = 0;

  constructor(group: string) {
    this.group = group;
  }

  /** The unit of all lines; none if they differ. */
  get unit(): string {
    return this.units.every((unit) => unit === this.units[0]) ? this.units[0] ?? "" : "";
  }

  /** When the last value came, in seconds; 0 if none has. */
  get last(): number {
    return this.times.at(-1) ?? 0;
  }

  /** Adds a value. True if it is a line's first. */
  add({ name, value, unit, time }: Sample): boolean {
    let line = this.names.indexOf(name);
    const isNew = line < 0;
    if (isNew) {
      line = this.names.push(name) - 1;
      this.columns.push(this.times.map(() => undefined));
    }
    this.latest[line] = value;
    this.units[line] = unit;
    if (this.times.at(-1) !== time) this.#open(time);
    this.columns[line]![this.times.length - 1] = value;
    return isNew;
  }

  /** Breaks all lines: until the next value, nothing is known. */
  break(time: number): void {
    if (this.times.length === 0 || this.columns[0]!.at(-1) === null) return;
    this.times.push(Math.max(time, this.last + 0.001));
    for (const column of this.columns) column.push(null);
  }

  /** Starts a row. */
  #open(time: number): void {
    const pause = time - this.last;
    if (this.times.length > 0) {
      if (pause > SILENCE && pause > TIMES_AS_LONG * this.#usual) this.break(this.last + 0.001);
      else if (pause > 0) this.#usual = this.#usual === 0 ? pause : 0.8 * this.#usual + 0.2 * pause;
    }
    // If the clock was set back, time must not go back.
    this.times.push(Math.max(time, this.last));
    for (const column of this.columns) column.push(undefined);
    let old = 0;
    while (this.times[old]! < time - KEPT) old++;
    if (old < 256) return;
    this.times.splice(0, old);
    for (const column of this.columns) column.splice(0, old);
  }
}

import type { Values } from "../feed.ts";

/** The longest time that is kept, in seconds. */
const LONGEST = 60;

/** The newest values of a path: a time for each, and a row for each signal. */
export class History {
  readonly times: number[] = [];
  rows: (number | null)[][] = [];
  signals: Values["signals"] = [];

  /** Adds values. Returns whether the signals are others than before. */
  add({ signals, times, rows }: Values): boolean {
    const names = (list: Values["signals"]): string => list.map(({ name }) => name).join("\n");
    const isNew = signals.length !== this.signals.length || names(signals) !== names(this.signals);
    if (isNew) {
      this.signals = signals;
      this.rows = signals.map((_, at) => this.rows[at] ?? this.times.map(() => null));
    }
    for (const [at, time] of times.entries()) {
      // Times that go back, as in a file that is rewound, begin anew.
      if (time <= (this.times.at(-1) ?? -Infinity)) this.#clear();
      this.times.push(time);
      for (const [line, row] of this.rows.entries()) row.push(rows[line]?.[at] ?? null);
    }
    this.#forget();
    return isNew;
  }

  #clear(): void {
    this.times.length = 0;
    for (const row of this.rows) row.length = 0;
  }

  #forget(): void {
    const oldest = (this.times.at(-1) ?? 0) - LONGEST;
    const first = this.times.findIndex((time) => time >= oldest);
    // Not one by one: that would move all of them each time.
    if (first < 500) return;
    this.times.splice(0, first);
    for (const row of this.rows) row.splice(0, first);
  }
}

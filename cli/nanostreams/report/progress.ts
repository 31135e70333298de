/* The progress bar, and for what has no end the count alone. */
import type { Invocation } from "../invocation.ts";
import { count, time } from "./figures.ts";

/** How wide the bar itself is at the most, in characters. */
const WIDEST = 40;

/** Subcommands that print no messages. */
const SILENT: ReadonlySet<string> = new Set(["push", "pub", "bench"]);

/** Whether the bar is drawn: on a terminal that nothing else is printed to, or always, if the flag says so. */
export function hasBar({ command, flags, stdout, stderr }: Invocation): boolean {
  if (!flags.has("progress")) return false;
  if (flags.text("progress") === "always") return true;
  const isAlone = SILENT.has(command) || flags.has("quiet") || stdout.isTTY !== true;
  return stderr.isTTY === true && isAlone;
}

/** How many messages there are to be, where that is known. */
export function totalOf({ flags }: Invocation): number | undefined {
  const limit = flags.number("count");
  if (limit !== undefined) return limit;
  const own = flags.all("data").length + flags.all("file").length;
  const repeat = flags.number("repeat");
  const isEndless = repeat === undefined && (flags.has("interval") || flags.has("rate"));
  return own === 0 || isEndless ? undefined : own * (repeat ?? 1);
}

/** A bar. Times are milliseconds of one clock. */
export class Bar {
  readonly #total: number | undefined;
  #start: number;

  constructor(total: number | undefined, now: number) {
    this.#total = total;
    this.#start = now;
  }

  /** `[=====>     ] 42%  420 of 1,000  123/s  4.7 s left` @param columns The width of the terminal. */
  text(done: number, now: number, columns: number): string {
    // Before the first there is nothing to tell the time by.
    if (done === 0) this.#start = now;
    const elapsed = now - this.#start;
    const rate = done / Math.max(elapsed, 1);
    const speed = `${count(rate * 1000)}/s`;
    const total = this.#total;
    if (total === undefined) return `${count(done)}  ${speed}`.slice(0, columns - 1);
    const part = total === 0 ? 1 : Math.min(done / total, 1);
    const rest = part === 1
      ? `in ${time(elapsed)}`
      : rate > 0
      ? `${time((total - done) / rate)} left`
      : "";
    const percent = `${Math.floor(part * 100)}%`.padStart(4);
    const text = `${percent}  ${count(done)} of ${count(total)}  ${speed}  ${rest}`.trimEnd();
    // The last column stays free: some terminals begin a new line behind it.
    const width = Math.min(WIDEST, columns - text.length - 3);
    return width < 5 ? text.trimStart().slice(0, columns - 1) : `[${filled(part, width)}]${text}`;
  }
}

function filled(part: number, width: number): string {
  const full = Math.floor(part * width);
  if (full === width) return "=".repeat(width);
  return `${"=".repeat(full)}>`.padEnd(width);
}

/** How much a line matters. */
export type Level = "debug" | "info" | "warn" | "error";

/** The levels, from the least to the most. */
export const LEVELS: readonly Level[] = ["debug", "info", "warn", "error"];

/** Takes the lines that a gateway logs. */
export type LogSink = (level: Level, source: string, text: string) => void;

/** The time in which the same trouble is told once, in milliseconds. */
const QUIET = 1000;

/** The log of one part of the gateway. */
export class Log {
  readonly #sink: LogSink;
  readonly #source: string;
  /** When a kind of trouble was told, and how often it came since. */
  readonly #told: Map<string, { at: number; since: number }> = new Map();

  /**
   * Makes a log.
   *
   * @param sink Takes the lines.
   * @param source The part of the gateway that the lines are about.
   */
  constructor(sink: LogSink, source: string) {
    this.#sink = sink;
    this.#source = source;
  }

  /** Logs what helps to find a fault. */
  debug(text: string): void {
    this.#sink("debug", this.#source, text);
  }

  /** Logs what happens. */
  info(text: string): void {
    this.#sink("info", this.#source, text);
  }

  /** Logs what may be wrong. */
  warn(text: string): void {
    this.#sink("warn", this.#source, text);
  }

  /** Logs what failed. */
  error(text: string): void {
    this.#sink("error", this.#source, text);
  }

  /** Warns of what may come a thousand times a second, but only once in a second. */
  often(kind: string, text: string): void {
    const at = performance.now();
    const told = this.#told.get(kind);
    if (told !== undefined && at - told.at < QUIET) {
      told.since++;
      return;
    }
    const more = told === undefined || told.since === 0 ? "" : ` (and ${told.since} more)`;
    this.#told.set(kind, { at, since: 0 });
    this.warn(text + more);
  }
}

/** A log that keeps nothing. */
export const SILENT: Log = new Log(() => {}, "");

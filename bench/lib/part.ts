import type { Row, Rows } from "./rows.ts";

/** What a figure is a figure of. */
export type Unit = "msg/s" | "req/s" | "B/s" | "µs" | "B" | "s";

/** One figure of a case. */
export interface Metric {
  /** Its name, as a column title. */
  readonly name: string;
  /** Its unit. */
  readonly unit: Unit;
}

/** One run's figures, by the metric's name. */
export type Sample = Readonly<Record<string, number>>;

/** A row at work on a case. */
export interface Session {
  /** Measures once. */
  round(): Promise<Sample>;
  /** Ends the work; nothing of it is left. */
  end(): Promise<void>;
}

/** Rows side by side that do the same work. */
export interface Case {
  /** Unique within its part: `64 B over tcp`. */
  readonly name: string;
  /** Its figures; the rows are compared by the first. */
  readonly metrics: readonly [Metric, ...Metric[]];
  /** Whether more of the first metric is better, or less. */
  readonly better: "higher" | "lower";
  /** Who takes part. */
  readonly rows: readonly Row[];
  /** Why a row cannot do this, if it cannot. */
  readonly unable?: (row: Row) => string | undefined;
  /** Its rounds are no more than these, as each takes seconds. */
  readonly mostRounds?: number;
  /** Puts a row to work. */
  readonly open: (row: Row) => Promise<Session>;
}

/** One part of the bench: `npm run bench -- NAME` runs it alone. */
export interface Part {
  /** Its name on the command line. */
  readonly name: string;
  /** What it shows, in a line. */
  readonly title: string;
  /** Whether its cases stand beside one another as rows do: then all of them run in turn, a row's one after the other. */
  readonly comparesCases?: boolean;
  /** Its cases; a quick run has the most telling one or two only. */
  readonly cases: (rows: Rows, pace: Pace) => readonly Case[];
}

/** How long a run takes. */
export interface Pace {
  /** Fewer cases, fewer rounds, shorter windows. */
  readonly quick: boolean;
  /** More cases, where a part has them. */
  readonly all: boolean;
  /** Times that each row is measured. */
  readonly rounds: number;
  /** Milliseconds before anything counts in the first round. */
  readonly warmup: number;
  /** Milliseconds that count. */
  readonly duration: number;
}

import { median, type Spread, spreadOf } from "./statistics.ts";
import type { Case, Metric, Sample, Session } from "./part.ts";
import type { Family, Row, Runtime } from "./rows.ts";

/** A row's outcome. */
export interface RowResult {
  /** Its name. */
  readonly name: string;
  /** Whose it is. */
  readonly family: Family;
  /** What ran it, if not a C program. */
  readonly runtime?: Runtime;
  /** Which face of ours. */
  readonly face?: string;
  /** Every metric, over the rounds. */
  readonly figures: Readonly<Record<string, Spread>>;
  /** The first metric, round by round; null where a round failed. */
  readonly rounds: readonly (number | null)[];
  /** Why there are no figures, or fewer. */
  readonly note?: string;
}

/** A case's outcome. */
export interface CaseResult {
  /** Its name. */
  readonly name: string;
  /** Its metrics; the first is the one to compare by. */
  readonly metrics: readonly [Metric, ...Metric[]];
  /** Whether more is better, or less. */
  readonly better: "higher" | "lower";
  /** Its rows. */
  readonly rows: readonly RowResult[];
}

/** After so many failures without a figure a row is not tried again. */
const triesWithoutFigure = 2;

/** A row, and what has come of it so far. */
class Run {
  readonly row: Row;
  readonly samples: (Sample | undefined)[] = [];
  note: string | undefined;
  readonly #work: Case;
  #session: Session | undefined;
  #unable: boolean;

  constructor(work: Case, row: Row) {
    this.row = row;
    this.#work = work;
    this.note = row.missing ?? work.unable?.(row);
    this.#unable = this.note !== undefined;
  }

  get unable(): boolean {
    return this.#unable;
  }

  async round(): Promise<void> {
    try {
      this.#session ??= await this.#work.open(this.row);
      this.samples.push(await this.#session.round());
    } catch (error) {
      await this.end();
      this.samples.push(undefined);
      this.note = `failed: ${(error as Error).message}`;
      this.#unable = this.samples.length >= triesWithoutFigure &&
        this.samples.every((sample) => sample === undefined);
    }
  }

  async end(): Promise<void> {
    await this.#session?.end();
    this.#session = undefined;
  }
}

/** Runs all rows in turn, then all again, and so on: what changes on the machine hits all alike. */
export async function runCase(
  work: Case,
  rounds: number,
  progress: (round: number, row: Row) => void,
): Promise<CaseResult> {
  const runs = work.rows.map((row) => new Run(work, row));
  for (let round = 1; round <= rounds; round++) {
    for (const run of runs) {
      if (run.unable) continue;
      progress(round, run.row);
      await run.round();
    }
  }
  await Promise.all(runs.map((run) => run.end()));
  const { name, metrics, better } = work;
  return { name, metrics, better, rows: runs.map((run) => resultOf(work, run)) };
}

function resultOf(
  { metrics }: Case,
  { row, samples, note }: Run,
): RowResult {
  const { name, family, runtime, face } = row;
  const figures = Object.fromEntries(metrics.flatMap((metric) => {
    const values = samples.flatMap((sample) => sample?.[metric.name] ?? []);
    return values.length === 0 ? [] : [[metric.name, spreadOf(values)]];
  }));
  return {
    name,
    family,
    ...(runtime && { runtime }),
    ...(face && { face }),
    figures,
    rounds: samples.map((sample) => sample?.[metrics[0].name] ?? null),
    ...(note && { note }),
  };
}

/** How one row stands to another by the first metric: the median of what it was in each round. */
export function ratio(row: RowResult, other: RowResult | undefined): number | undefined {
  const ratios = row.rounds.flatMap((value, round) => {
    const base = other?.rounds[round];
    return value === null || base === null || base === undefined ? [] : [value / base];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}

/** The bare socket of a row's runtime. */
export function bareOf(row: RowResult, rows: readonly RowResult[]): RowResult | undefined {
  return rows.find((other) => other.family === "bare" && other.runtime === row.runtime);
}

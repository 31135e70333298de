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
  readonly work: Case;
  readonly row: Row;
  readonly samples: (Sample | undefined)[] = [];
  note: string | undefined;
  #session: Session | undefined;
  #unable: boolean;

  constructor(work: Case, row: Row) {
    this.work = work;
    this.row = row;
    this.note = row.missing ?? work.unable?.(row);
    this.#unable = this.note !== undefined;
  }

  get unable(): boolean {
    return this.#unable;
  }

  async round(): Promise<void> {
    try {
      this.#session ??= await this.work.open(this.row);
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

/** How often the rows of a case are measured, where so many rounds were asked for. */
export function roundsOf({ mostRounds = Infinity }: Case, rounds: number): number {
  return Math.min(rounds, mostRounds);
}

/**
 * Runs all rows in turn, then all again, and so on: what changes on the machine hits all alike. If there are several
 * cases, a row's turn in one comes right after its turn in another.
 */
export async function runCases(
  cases: readonly Case[],
  rounds: number,
  progress: (round: number, row: Row) => void,
): Promise<CaseResult[]> {
  const runs = cases.map((work) => work.rows.map((row) => new Run(work, row)));
  const longest = Math.max(...runs.map((rows) => rows.length));
  const inTurn = Array.from({ length: longest }, (_, i) => runs.flatMap((rows) => rows[i] ?? []))
    .flat();
  for (let round = 1; round <= rounds; round++) {
    for (const run of inTurn) {
      if (run.unable || round > roundsOf(run.work, rounds)) continue;
      progress(round, run.row);
      await run.round();
    }
  }
  await Promise.all(inTurn.map((run) => run.end()));
  return cases.map(({ name, metrics, better }, i) => (
    { name, metrics, better, rows: runs[i]!.map(resultOf) }
  ));
}

function resultOf({ work: { metrics }, row, samples, note }: Run): RowResult {
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

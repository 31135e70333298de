import type { Machine } from "./machine.ts";
import type { CaseResult } from "./run_case.ts";
import { caseTable } from "./tables.ts";

/** A part's outcome. */
export interface PartResult {
  /** Its name. */
  readonly name: string;
  /** What it shows. */
  readonly title: string;
  /** Its cases. */
  readonly cases: readonly CaseResult[];
}

/** A whole run: what `results/latest.json` holds. */
export interface Results {
  /** When, as ISO 8601. */
  readonly date: string;
  /** On what. */
  readonly machine: Machine;
  /** Of whom. */
  readonly versions: Readonly<Record<string, string>>;
  /** The commit of ours. */
  readonly commit?: string;
  /** Times that each row was run. */
  readonly rounds: number;
  /** Milliseconds of each run. */
  readonly window: { readonly warmup: number; readonly duration: number };
  /** The figures. */
  readonly parts: readonly PartResult[];
}

/** The tables, with what is needed to judge them; last the one of the targets, if there is one. */
export function resultsMarkdown(results: Results, targets: string | undefined): string {
  const sections = results.parts.flatMap((part) => [
    `## ${part.name}\n\n${part.title}.`,
    ...part.cases.map((outcome) =>
      `### ${outcome.name} (${outcome.better} is better)\n\n${caseTable(outcome)}`
    ),
  ]);
  if (targets !== undefined) sections.push(`## targets\n\n${targets}`);
  return `${[...sections, footnote(results)].join("\n\n")}\n`;
}

/** When, on what, of whom, and how a figure came about. */
export function footnote({ machine, versions, date, rounds, commit }: Results): string {
  const pinned = machine.pinned === undefined
    ? ""
    : `, workers on processors ${machine.pinned.join(" and ")}`;
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  return `${date.slice(0, 10)}; ${machine.processor}, ${machine.cores} cores${pinned}, ` +
    `${machine.system}; ${names}${commit === undefined ? "" : `; commit ${commit}`}. ` +
    `Median of up to ${rounds} interleaved rounds; ratios are medians of each round's ratio.`;
}

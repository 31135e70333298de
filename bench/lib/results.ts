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
  const { machine, versions, date, rounds } = results;
  const sections = results.parts.flatMap((part) => [
    `## ${part.name}\n\n${part.title}.`,
    ...part.cases.map((outcome) =>
      `### ${outcome.name} (${outcome.better} is better)\n\n${caseTable(outcome)}`
    ),
  ]);
  if (targets !== undefined) sections.push(`## targets\n\n${targets}`);
  const pinned = machine.pinned === undefined
    ? ""
    : `, workers on processors ${machine.pinned.join(" and ")}`;
  return `${
    [
      ...sections,
      `${
        date.slice(0, 10)
      }; ${machine.processor}, ${machine.cores} cores${pinned}, ${machine.system}; ` +
      `${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ")}` +
      `${results.commit === undefined ? "" : `; commit ${results.commit}`}. ` +
      `Median of ${rounds} interleaved rounds, and how far the rounds lie from it; ` +
      `ratios are medians of each round's ratio.`,
    ].join("\n\n")
  }\n`;
}

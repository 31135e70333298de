import type { Unit } from "./part.ts";
import { bareOf, type CaseResult, ratio, type RowResult } from "./run_case.ts";

const prefixes: readonly [number, string][] = [[1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""]];

/** A figure as people read it: `1.23 M msg/s`. */
export function format(value: number, unit: Unit): string {
  if (unit === "µs") return `${precise(value)} µs`;
  if (unit === "s") return value < 1 ? `${precise(value * 1e3)} ms` : `${precise(value)} s`;
  const [divisor, prefix] = prefixes.find(([divisor]) => Math.abs(value) >= divisor) ?? [1, ""];
  return `${precise(value / divisor)} ${prefix}${unit === "B" || unit === "B/s" ? "" : " "}${unit}`
    .replace("  ", " ");
}

/** Three digits. */
function precise(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** A ratio with two digits behind the point, or one if it is large. */
export function formatRatio(value: number | undefined): string {
  if (value === undefined) return "";
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** One case as a Markdown table: the figures, their spread, and how each row stands to the peers. */
export function caseTable({ metrics, rows }: CaseResult): string {
  const peers = ["nanomsg", "nng", "libzmq", "zeromq"].map((family) =>
    rows.find((row) => row.family === family)
  );
  const header = [
    "",
    ...metrics.map(({ name }) => name),
    "spread",
    "÷ libnanomsg",
    "÷ libnng",
    "÷ libzmq",
    "÷ zeromq.js",
    "÷ bare socket",
  ];
  const lines = rows.map((row) => [
    row.name,
    ...metrics.map(({ name, unit }) => {
      const figure = row.figures[name];
      return figure === undefined ? "" : format(figure.median, unit);
    }),
    spread(row, metrics[0].name),
    ...peers.map((peer) => formatRatio(peer === row ? undefined : ratio(row, peer))),
    formatRatio(row.family === "ours" ? ratio(row, bareOf(row, rows)) : undefined),
    row.note ?? "",
  ]);
  return table([...header, ""], lines);
}

/** How far the rounds lie from their median. */
function spread(row: RowResult, metric: string): string {
  const figure = row.figures[metric];
  if (figure === undefined) return "";
  const percent = (value: number): string => {
    const difference = Math.round((value / figure.median - 1) * 100);
    return `${difference > 0 ? "+" : difference < 0 ? "−" : ""}${Math.abs(difference)}`;
  };
  return `${percent(figure.low)} … ${percent(figure.high)} %`;
}

/** A Markdown table with aligned columns; empty ones are left out. */
export function table(header: readonly string[], lines: readonly (readonly string[])[]): string {
  const used = header.map((_, column) =>
    column === 0 || lines.some((line) => (line[column] ?? "") !== "")
  );
  const kept = [header, ...lines].map((line) => line.filter((_, column) => used[column]));
  const widths = kept[0]!.map((_, column) =>
    Math.max(3, ...kept.map((line) => (line[column] ?? "").length))
  );
  const last = used.at(-1) === true ? widths.length - 1 : -1; // notes
  const left = (column: number): boolean => column === 0 || column === last;
  const row = (line: readonly string[]): string =>
    `| ${
      widths.map((width, column) => {
        const cell = line[column] ?? "";
        return left(column) ? cell.padEnd(width) : cell.padStart(width);
      }).join(" | ")
    } |`;
  const rule = `| ${
    widths.map((width, column) => left(column) ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)
      .join(" | ")
  } |`;
  return [row(kept[0]!), rule, ...kept.slice(1).map(row)].join("\n");
}

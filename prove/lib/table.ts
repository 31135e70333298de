import type { Finding } from "./part.ts";

const MARKS = { true: "met", false: "**missed**", undefined: "" } as const;

/** A finding in a line. */
export function findingLine({ situation, who, measured, met, note }: Finding): string {
  const figures = Object.entries(measured).map(([name, value]) => `${name} ${value}`).join("; ");
  return `${MARKS[`${met}` as keyof typeof MARKS] || "-"} ${who}, ${situation}: ${figures} ${
    note ?? ""
  }`;
}

/** The findings of a part as a Markdown table. */
export function findingsTable(findings: readonly Finding[]): string {
  const rows = findings.map(({ situation, who, measured, wanted, met, note }) => [
    situation,
    who,
    [...Object.entries(measured).map(([name, value]) => `${name} ${value}`), ...note ? [note] : []]
      .join("; "),
    wanted ?? "",
    MARKS[`${met}` as keyof typeof MARKS],
  ]);
  const heads = ["situation", "who", "measured", "wanted", ""];
  return [heads, heads.map(() => "---"), ...rows].map((cells) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`
  ).join("\n");
}

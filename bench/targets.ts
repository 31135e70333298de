import { bareOf, type CaseResult, ratio, type RowResult } from "./lib/run_case.ts";
import type { Family, Runtime } from "./lib/rows.ts";
import type { PartResult } from "./lib/results.ts";
import { formatRatio, table } from "./lib/tables.ts";

/** What this library wants to reach, as a figure for each runtime. */
interface Target {
  /** In words. */
  readonly what: string;
  /** The bound, and on which side of it is good. */
  readonly wanted: readonly ["at least" | "at most", number];
  /** The figure; undefined if it was not measured. */
  readonly figure: (runtime: Runtime) => number | undefined;
}

const runtimes: readonly Runtime[] = ["deno", "bun", "node"];

/** How this library stands to its targets, as a Markdown table; undefined if none was measured. */
export function targetsTable(parts: readonly PartResult[]): string | undefined {
  const lines = targets(parts).flatMap(({ what, wanted: [side, bound], figure }) => {
    const figures = runtimes.map(figure);
    if (figures.every((value) => value === undefined)) return [];
    const cells = figures.map((value) => {
      if (value === undefined) return "";
      const reached = side === "at least" ? value >= bound : value <= bound;
      return `${formatRatio(value)} ${reached ? "✓" : "✗"}`;
    });
    return [[what, ...cells, `${side} ${bound}`]];
  });
  if (lines.length === 0) return undefined;
  return table(["", "Deno", "Bun", "Node", "wanted", ""], lines);
}

function targets(parts: readonly PartResult[]): Target[] {
  const find = (part: string, name: string): CaseResult | undefined =>
    parts.find((found) => found.name === part)?.cases.find((found) => found.name === name);

  const ours = (work: CaseResult | undefined, runtime: Runtime, face?: string) =>
    work?.rows.find((row) =>
      row.family === "ours" && row.runtime === runtime && (face ?? row.face) === row.face
    );

  /** Our ratio to one peer, or to the best of all of them, or to the bare socket of the same runtime. */
  const stand =
    (part: string, name: string, against: Family | "best peer", face?: string) =>
    (runtime: Runtime): number | undefined => {
      const work = find(part, name);
      const row = ours(work, runtime, face);
      if (work === undefined || row === undefined) return undefined;
      if (against === "bare") return ratio(row, bareOf(row, work.rows));
      if (against !== "best peer") return ratio(row, work.rows.find((r) => r.family === against));
      return ratio(row, bestPeer(work));
    };

  const median = (row: RowResult | undefined, metric: string): number | undefined =>
    row?.figures[metric]?.median;

  const divide = (a: number | undefined, b: number | undefined): number | undefined =>
    a === undefined || b === undefined ? undefined : a / b;

  const small = ["tcp", "ipc"].flatMap((transport): Target[] => {
    const name = `64 B over ${transport}`;
    const part = "throughput";
    return [
      {
        what: `64 B, ${transport}, streams ÷ libnanomsg`,
        wanted: ["at least", 3],
        figure: stand(part, name, "nanomsg", "streams"),
      },
      {
        what: `64 B, ${transport}, streams ÷ libnng`,
        wanted: ["at least", 8],
        figure: stand(part, name, "nng", "streams"),
      },
      {
        what: `64 B, ${transport}, streams ÷ zeromq.js`,
        wanted: ["at least", 8],
        figure: stand(part, name, "zeromq", "streams"),
      },
      {
        what: `64 B, ${transport}, send and receive ÷ libnanomsg`,
        wanted: ["at least", 4],
        figure: stand(part, name, "nanomsg", "calls"),
      },
      {
        what: `64 B, ${transport}, batches ÷ libnanomsg`,
        wanted: ["at least", 4],
        figure: stand(part, name, "nanomsg", "batches"),
      },
    ];
  });

  return [
    ...small,
    {
      what: "1 KiB, tcp ÷ libnanomsg",
      wanted: ["at least", 1.5],
      figure: stand("throughput", "1 KiB over tcp", "nanomsg"),
    },
    {
      what: "64 KiB, tcp ÷ best peer",
      wanted: ["at least", 1],
      figure: stand("throughput", "64 KiB over tcp", "best peer"),
    },
    {
      what: "1 MiB, tcp ÷ best peer",
      wanted: ["at least", 1],
      figure: stand("throughput", "1 MiB over tcp", "best peer"),
    },
    {
      what: "64 B, inproc, streams ÷ libnanomsg",
      wanted: ["at least", 5],
      figure: stand("throughput", "64 B over inproc", "nanomsg", "streams"),
    },
    {
      what: "half a round trip, tcp ÷ best peer",
      wanted: ["at most", 1],
      figure: stand("latency", "tcp, on one processor", "best peer"),
    },
    {
      what: "half a round trip, tcp ÷ bare socket",
      wanted: ["at most", 1.25],
      figure: stand("latency", "tcp, on one processor", "bare"),
    },
    {
      what: "requests, 1,000 in flight ÷ libnng one at a time",
      wanted: ["at least", 10],
      figure: (runtime) =>
        divide(
          median(ours(find("requests", "1,000 in flight"), runtime), "requests"),
          median(
            find("requests", "1 in flight")?.rows.find(({ family }) => family === "nng"),
            "requests",
          ),
        ),
    },
    {
      what: "fan-out to 100 ÷ libnanomsg",
      wanted: ["at least", 3],
      figure: stand("fan-out", "100 SUBs", "nanomsg"),
    },
    {
      what: "cost of a message, 1,000,000 prefixes ÷ 10",
      wanted: ["at most", 1.2],
      figure: (runtime) =>
        divide(
          median(ours(find("subscriptions", "10 prefixes"), runtime), "messages"),
          median(ours(find("subscriptions", "1,000,000 prefixes"), runtime), "messages"),
        ),
    },
    {
      what: "heap of an idle peer, kB",
      wanted: ["at most", 10],
      figure: (runtime) =>
        divide(median(ours(find("connections", "1,000 peers"), runtime), "of it heap"), 1000),
    },
  ];
}

function bestPeer({ rows, metrics, better }: CaseResult): RowResult | undefined {
  const sign = better === "higher" ? -1 : 1;
  const value = (row: RowResult): number => sign * (row.figures[metrics[0].name]?.median ?? NaN);
  return rows
    .filter((row) => row.family !== "ours" && row.family !== "bare" && !isNaN(value(row)))
    .toSorted((a, b) => value(a) - value(b))[0];
}

import { bareOf, type CaseResult, ratio, type RowResult } from "./lib/run_case.ts";
import type { Family, Runtime } from "./lib/rows.ts";
import type { PartResult } from "./lib/results.ts";
import { formatRatio, table } from "./lib/tables.ts";

/** What this library wants to reach, as a figure for each runtime. */
interface Target {
  /** In words. */
  readonly what: string;
  /** The bound, and on which side of it is good; undefined for a figure that is only shown. */
  readonly wanted?: readonly ["at least" | "at most", number];
  /** The figure; undefined if it was not measured. */
  readonly figure: (runtime: Runtime) => number | undefined;
}

const names: Readonly<Record<Family | "best peer", string>> = {
  ours: "ours",
  nanomsg: "libnanomsg",
  nng: "libnng",
  zeromq: "zeromq.js",
  libzmq: "libzmq",
  bare: "bare socket",
  "best peer": "best peer",
};

const runtimes: readonly Runtime[] = ["deno", "bun", "node"];

/** How this library stands to its targets, as a Markdown table; undefined if none was measured. */
export function targetsTable(parts: readonly PartResult[]): string | undefined {
  const lines = targets(parts).flatMap(({ what, wanted, figure }) => {
    const figures = runtimes.map(figure);
    if (figures.every((value) => value === undefined)) return [];
    const cells = figures.map((value) => {
      if (value === undefined) return "";
      if (wanted === undefined) return formatRatio(value);
      const [side, bound] = wanted;
      const reached = side === "at least" ? value >= bound : value <= bound;
      return `${formatRatio(value)} ${reached ? "✓" : "✗"}`;
    });
    return [[what, ...cells, wanted === undefined ? "" : wanted.join(" ")]];
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

  /** A target for our ratio to one peer, to the best of them, or to the bare socket of the same runtime. */
  function standing(
    what: string,
    wanted: NonNullable<Target["wanted"]>,
    part: string,
    name: string,
    against: Family | "best peer",
    face?: string,
  ): Target {
    const figure = (runtime: Runtime): number | undefined => {
      const work = find(part, name);
      const row = ours(work, runtime, face);
      if (work === undefined || row === undefined) return undefined;
      if (against === "bare") return ratio(row, bareOf(row, work.rows));
      if (against === "best peer") return ratio(row, bestPeer(work));
      return ratio(row, work.rows.find(({ family }) => family === against));
    };
    return { what: `${what} ÷ ${names[against]}`, wanted, figure };
  }

  const beside = (row: RowResult | undefined, other: RowResult | undefined): number | undefined =>
    row === undefined ? undefined : ratio(row, other);

  const small = ["tcp", "ipc"].flatMap((transport) => {
    const at = ["throughput", `64 B over ${transport}`] as const;
    const through = (face: string): string => `64 B, ${transport}, ${face}`;
    return [
      standing(through("streams"), ["at least", 3], ...at, "nanomsg", "streams"),
      standing(through("streams"), ["at least", 8], ...at, "nng", "streams"),
      standing(through("streams"), ["at least", 8], ...at, "zeromq", "streams"),
      standing(through("send and receive"), ["at least", 4], ...at, "nanomsg", "calls"),
      standing(through("batches"), ["at least", 4], ...at, "nanomsg", "batches"),
    ];
  });
  const large = ["64 KiB", "1 MiB"].flatMap((size) => {
    const at = ["throughput", `${size} over tcp`, "best peer"] as const;
    return [
      standing(`${size}, tcp, streams`, ["at least", 1], ...at, "streams"),
    ];
  });
  const inproc = ["throughput", "64 B over inproc", "nanomsg", "streams"] as const;
  const roundTrip = ["latency", "tcp, on one processor"] as const;
  const zmtp = ["PUSH to PULL", "PUB to SUB"].flatMap((pattern) => {
    const at = ["zmtp", `${pattern}, 64 B`] as const;
    return [
      standing(`ZMTP, ${pattern}, 64 B, streams`, ["at least", 5], ...at, "zeromq", "streams"),
      standing(`ZMTP, ${pattern}, 64 B, streams`, ["at least", 3], ...at, "libzmq", "streams"),
      standing(`ZMTP, ${pattern}, 64 B, batches`, ["at least", 3], ...at, "libzmq", "batches"),
    ];
  });
  const zmtpRequest = "REQ to REP, on one processor";

  return [
    ...small,
    standing("1 KiB, tcp", ["at least", 1.5], "throughput", "1 KiB over tcp", "nanomsg"),
    ...large,
    standing("64 B, inproc, streams", ["at least", 5], ...inproc),
    standing("half a round trip, tcp", ["at most", 1], ...roundTrip, "best peer"),
    standing("half a round trip, tcp", ["at most", 1.25], ...roundTrip, "bare"),
    standing("fan-out to 100", ["at least", 3], "fan-out", "100 SUBs", "nanomsg"),
    {
      what: "requests, 1,000 in flight ÷ libnng one at a time",
      wanted: ["at least", 10],
      figure: (runtime) =>
        beside(
          ours(find("requests", "1,000 in flight"), runtime),
          find("requests", "1 in flight")?.rows.find(({ family }) => family === "nng"),
        ),
    },
    {
      what: "cost of a message, 1,000,000 prefixes ÷ 10",
      figure: (runtime) =>
        beside(
          ours(find("subscriptions", "10 prefixes"), runtime),
          ours(find("subscriptions", "1,000,000 prefixes"), runtime),
        ),
    },
    {
      what: "heap of an idle peer, kB",
      wanted: ["at most", 10],
      figure: (runtime) => {
        const row = ours(find("connections", "1,000 peers"), runtime);
        const heap = row?.figures["of it heap"]?.median;
        return heap === undefined ? undefined : heap / 1000;
      },
    },
    ...zmtp,
    standing("ZMTP, round trip", ["at most", 1], "zmtp", zmtpRequest, "best peer"),
    {
      what: "ZMTP, round trip, p99 ÷ best peer",
      wanted: ["at most", 1],
      figure: (runtime) => {
        const work = find("zmtp", zmtpRequest);
        const other = work && bestPeer(work)?.figures.p99?.median;
        const figure = ours(work, runtime)?.figures.p99?.median;
        return other === undefined || figure === undefined ? undefined : figure / other;
      },
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

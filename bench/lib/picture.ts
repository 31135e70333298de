import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { PartResult } from "./results.ts";
import type { CaseResult } from "./run_case.ts";
import type { Family } from "./rows.ts";
import { format } from "./tables.ts";

/** Of middling brightness, so that they show on a light page as well as on a dark one. */
const colours: Readonly<Record<Family, string>> = {
  ours: "#2a9d6f",
  nanomsg: "#d0763c",
  nng: "#b3912b",
  zeromq: "#b85c8a",
  libzmq: "#8a6fc0",
  bare: "#868e99",
};
const ink = "#7f8893";
const plotWidth = 420;
const rowHeight = 17;
const labelWidth = 130;

/** A part as an SVG: a bar for each row, a whisker from its worst round to its best, and the figure. */
export async function drawPart({ title, cases }: PartResult): Promise<string> {
  const specification: TopLevelSpec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "transparent",
    title: { text: title, anchor: "start", fontSize: 14, offset: 14 },
    vconcat: cases.map(drawCase),
    spacing: 26,
    config: {
      font: "system-ui, sans-serif",
      title: { color: ink, subtitleColor: ink },
      axis: { labelColor: ink, domain: false, ticks: false, minExtent: labelWidth },
      text: { color: ink },
      view: { stroke: null },
    },
  };
  return await new View(parse(compile(specification).spec), { renderer: "none" }).toSVG();
}

/** One of the charts that `vconcat` stacks. */
type Chart = Extract<TopLevelSpec, { vconcat: unknown }>["vconcat"][number];

function drawCase({ name, metrics, better, rows }: CaseResult): Chart {
  const { name: metric, unit } = metrics[0];
  const values = rows.map((row) => {
    const figure = row.figures[metric];
    const label = figure === undefined
      ? row.note?.split(":")[0] ?? ""
      : format(figure.median, unit);
    return { row: row.name, family: row.family, label, ...(figure ?? { median: 0 }) };
  });
  const y = { field: "row", type: "nominal", sort: null, axis: { title: null } } as const;
  return {
    title: { text: `${name}: ${metric}, ${better} is better`, anchor: "start", fontSize: 12 },
    width: plotWidth,
    height: { step: rowHeight },
    data: { values },
    layer: [
      {
        mark: { type: "bar", height: rowHeight - 5 },
        encoding: {
          y,
          x: { field: "median", type: "quantitative", axis: null },
          color: {
            field: "family",
            type: "nominal",
            legend: null,
            scale: { domain: Object.keys(colours), range: Object.values(colours) },
          },
        },
      },
      {
        transform: [{ filter: "isValid(datum.low)" }],
        mark: { type: "rule", color: ink },
        encoding: {
          y,
          x: { field: "low", type: "quantitative" },
          x2: { field: "high" },
        },
      },
      {
        transform: [{ calculate: "isValid(datum.high) ? datum.high : 0", as: "end" }],
        mark: { type: "text", align: "left", dx: 5, fontSize: 10 },
        encoding: {
          y,
          x: { field: "end", type: "quantitative" },
          text: { field: "label" },
        },
      },
    ],
  };
}

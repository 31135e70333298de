/**
 * The bench: this library beside libnanomsg, libnng, libzmq, zeromq.js and the bare sockets, in the same run. See README.md.
 *
 *     npm run bench                          everything, some thirteen minutes
 *     npm run bench -- throughput latency    some parts
 *     npm run bench -- --quick throughput    a part in short, under 30 s
 *     npm run bench -- --all                 throughput of every size over every transport
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { codecs } from "./codecs.ts";
import { connections } from "./connections.ts";
import { fanIn } from "./fan_in.ts";
import { fanOut } from "./fan_out.ts";
import { latency } from "./latency.ts";
import { commit, thisMachine } from "./lib/machine.ts";
import type { Case, Pace, Part } from "./lib/part.ts";
import { drawPart } from "./lib/picture.ts";
import { Progress } from "./lib/progress.ts";
import { intoPage } from "./lib/page.ts";
import { type PartResult, type Results, resultsMarkdown } from "./lib/results.ts";
import { findRows } from "./lib/rows.ts";
import { roundsOf, runCases } from "./lib/run_case.ts";
import { requests } from "./requests.ts";
import { slowReader } from "./slow_reader.ts";
import { subscriptions } from "./subscriptions.ts";
import { targetsTable } from "./targets.ts";
import { throughput } from "./throughput.ts";
import { villas } from "./villas.ts";
import { zmtp } from "./zmtp.ts";

const parts: readonly Part[] = [
  throughput,
  latency,
  requests,
  codecs,
  fanOut,
  fanIn,
  subscriptions,
  connections,
  slowReader,
  villas,
  zmtp,
];

const usage = `Usage: npm run bench -- [--quick | --all] [--rounds N] [PART ...]

Parts: ${parts.map(({ name }) => name).join(", ")}.
Without a part all are run, and without either of the first two options results/ and docs/performance.md are written then.

  --quick      fewer cases, 5 rounds, a shorter warm-up
  --all        only throughput, of every size over every transport and through every face
  --rounds N   times that each row is measured: 11, or 5 if quick; at the most 5 where that takes seconds
`;

function readCommandLine(): { chosen: readonly Part[]; pace: Pace } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      all: { type: "boolean", default: false },
      rounds: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  const unknown = positionals.find((name) => !parts.some((part) => part.name === name));
  const rounds = Number(values.rounds ?? (values.quick ? 5 : 11));
  const wrong = unknown !== undefined
    ? `Unknown part "${unknown}"`
    : !Number.isInteger(rounds) || rounds < 1
    ? "Rounds: 1 or more"
    : values.quick && values.all
    ? "--quick or --all, not both"
    : values.all && positionals.some((name) => name !== throughput.name)
    ? `--all takes no part but ${throughput.name}`
    : undefined;
  if (wrong !== undefined) {
    console.error(`${wrong}\n`);
    console.error(usage);
    process.exit(1);
  }
  const names = values.all ? [throughput.name] : positionals;
  const chosen = parts.filter(({ name }) => names.length === 0 || names.includes(name));
  const window = { warmup: values.quick ? 150 : 300, duration: 100 };
  return { chosen, pace: { quick: values.quick, all: values.all, rounds, ...window } };
}

/** How often a row is measured in all. */
function runsOf(cases: readonly Case[]): number {
  return cases.reduce((sum, work) => sum + work.rows.length * roundsOf(work, pace.rounds), 0);
}

const { chosen, pace } = readCommandLine();
const rows = findRows();
const plan = chosen.map((part) => ({ part, cases: part.cases(rows, pace) }));
const progress = new Progress(runsOf(plan.flatMap(({ cases }) => cases)));

const measured: PartResult[] = [];
for (const { part, cases } of plan) {
  const results = [];
  for (const together of part.comparesCases === true ? [cases] : cases.map((work) => [work])) {
    const names = together.map(({ name }) => name).join(" | ");
    progress.enter(`${part.name}: ${names}`, runsOf(together));
    results.push(
      ...await runCases(together, pace.rounds, (round, row) => {
        progress.step(`round ${round}, ${row.name}`);
      }),
    );
  }
  measured.push({ name: part.name, title: part.title, cases: results });
}
progress.end();

const { rounds, warmup, duration } = pace;
const measuredCommit = commit();
const results: Results = {
  date: new Date().toISOString(),
  machine: thisMachine(),
  versions: rows.versions,
  ...(measuredCommit !== undefined && { commit: measuredCommit }),
  rounds,
  window: { warmup, duration },
  parts: measured,
};
const targets = targetsTable(measured);
const markdown = resultsMarkdown(results, targets);
console.log(markdown);

if (!pace.quick && !pace.all && chosen.length === parts.length) {
  const folder = fileURLToPath(new URL("results/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "latest.json"), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(folder, "latest.md"), markdown);
  for (const part of measured) {
    writeFileSync(join(folder, `${part.name}.svg`), await drawPart(part));
  }
  const page = fileURLToPath(new URL("../docs/performance.md", import.meta.url));
  writeFileSync(page, intoPage(readFileSync(page, "utf8"), results, targets!));
  console.error(`Written to ${folder} and docs/performance.md`);
}

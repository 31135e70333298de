/**
 * The proving ground: hostile bytes, faults, networks that break, crowds, and what the machine runs out of. See README.md.
 *
 *     npm run prove                        every part, an hour or more
 *     npm run prove -- crowd limits        some parts
 *     npm run prove -- crowd.loud          one scenario of a part
 *     npm run prove -- --short             every part, seconds each, as the tests run it
 *     npm run prove -- fuzz --seed=7       a run again, with the inputs that it had
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { commit, thisMachine } from "../bench/lib/machine.ts";
import { replaceSection } from "../bench/lib/page.ts";
import { findRows } from "../bench/lib/rows.ts";
import type { Finding, Part, Plan, Runtime } from "./lib/part.ts";
import { parts } from "./parts.ts";
import { type PartFindings, summary } from "./lib/summary.ts";
import { findingLine, findingsTable } from "./lib/table.ts";

const usage = `Usage: npm run prove -- [OPTION ...] [PART ...]

Parts:
${parts.map(({ name, title }) => `  ${name.padEnd(12)}${title}`).join("\n")}

Of some parts one scenario can be had alone, as PART.SCENARIO:
${parts.flatMap(scenarioNames).map((name) => `  ${name}`).join("\n")}

  --short          seconds for each part, as the tests run it
  --only=deno,bun  on these runtimes only
  --alone          without the others
  --seed=N         repeats a run; without it a new one is drawn, and told
  --inputs=N       fuzz: inputs for each runtime and wire (3,400,000; short: 2,000)
  --from=N         fuzz: begins with the connection of this number, to repeat what a note names
  --faults=N       faults: for each pattern and runtime (1,000; short: 5)
  --minutes=N      soak: how long (10; short: 0.05)
`;

function scenarioNames({ name, scenarios = [] }: Part): string[] {
  return scenarios.map((scenario) => `${name}.${scenario}`);
}

function readCommandLine(): {
  chosen: readonly Part[];
  plan: Plan;
  positionals: readonly string[];
} {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      short: { type: "boolean", default: false },
      only: { type: "string", default: "deno,bun,node" },
      alone: { type: "boolean", default: false },
      seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
      inputs: { type: "string" },
      from: { type: "string", default: "0" },
      faults: { type: "string" },
      minutes: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  const known = parts.flatMap((part) => [part.name, ...scenarioNames(part)]);
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    console.error(`Unknown part "${unknown}"\n\n${usage}`);
    process.exit(1);
  }
  const rows = findRows();
  const { short } = values;
  const plan: Plan = {
    runtimes: values.only.split(",") as Runtime[],
    seed: Number(values.seed),
    short,
    inputs: Number(values.inputs ?? (short ? 2_000 : 3_400_000)),
    from: Number(values.from),
    faults: Number(values.faults ?? (short ? 5 : 1_000)),
    minutes: Number(values.minutes ?? (short ? 0.05 : 10)),
    others: short || values.alone
      ? []
      : [...rows.peers, ...rows.bare].filter((row) => row.missing === undefined),
    tell,
  };
  const chosen = parts.filter(({ name }) =>
    positionals.length === 0 || positionals.some((one) => one.split(".")[0] === name)
  );
  return { chosen, plan, positionals };
}

/** The plan for one part: with the scenarios that were named, if any were. */
function planFor({ name }: Part): Plan {
  const scenarios = positionals.filter((one) => one.startsWith(`${name}.`))
    .map((one) => one.slice(name.length + 1));
  return scenarios.length === 0 || positionals.includes(name) ? plan : { ...plan, scenarios };
}

/** One line that changes, on a terminal; a line each, elsewhere. */
function tell(text: string): void {
  const clock = `[${Math.round(performance.now() / 1e3)} s] `;
  if (!process.stderr.isTTY) console.error(clock + text);
  else process.stderr.write(`\r\x1b[K${(clock + text).slice(0, process.stderr.columns - 1)}`);
}

// By way of `exit`, where what a part made is removed.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => process.exit(130));
}
const { chosen, plan, positionals } = readCommandLine();
console.log(`Seed ${plan.seed}`);
const { processor, cores, system } = thisMachine();
const found: Record<string, PartFindings> = {};
let missed = 0;
for (const part of chosen) {
  const { name, title } = part;
  const findings: Finding[] = [];
  for await (const finding of part.run(planFor(part))) {
    findings.push(finding);
    tell(findingLine(finding));
    if (finding.met === false) missed++;
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  console.log(`\n## ${name}\n\n${title}.\n\n${findingsTable(findings)}`);
  found[name] = {
    date: new Date().toISOString(),
    commit: commit(),
    machine: `${processor}, ${cores} cores, ${system}`,
    seed: plan.seed,
    findings,
  };
}
console.log(`\n${missed} missed`);
const isWhole = positionals.every((name) => !name.includes("."));
if (!plan.short && plan.runtimes.length === 3 && isWhole) record(found);
process.exitCode = missed > 0 ? 1 : 0;

/** Puts the parts that were run into `results/`, and leaves the others as they stand there. */
function record(found: Readonly<Record<string, PartFindings>>): void {
  const folder = fileURLToPath(new URL("results/", import.meta.url));
  const path = join(folder, "latest.json");
  mkdirSync(folder, { recursive: true });
  let all: Record<string, PartFindings> = {};
  try {
    all = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // The first run.
  }
  Object.assign(all, found);
  writeFileSync(path, `${JSON.stringify(all, null, 2)}\n`);
  const sections = parts.filter(({ name }) => all[name] !== undefined).map(({ name, title }) => {
    const { date, commit, machine, seed, findings } = all[name]!;
    const of = `${date.slice(0, 10)}; ${machine}; commit ${commit}; seed ${seed}.`;
    return `## ${name}\n\n${title}.\n\n${findingsTable(findings)}\n\n${of}`;
  });
  writeFileSync(
    join(folder, "latest.md"),
    `# Proving ground, latest results\n\n${sections.join("\n\n")}\n`,
  );
  const page = fileURLToPath(new URL("../docs/proving_ground.md", import.meta.url));
  writeFileSync(
    page,
    replaceSection(
      readFileSync(page, "utf8"),
      "<!-- Written by `npm run prove`. -->",
      "<!-- So far proven. -->",
      summary(all),
    ),
  );
  console.error(`Written to ${folder} and docs/proving_ground.md`);
}

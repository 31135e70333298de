// The gate: deno lint, deno fmt and deno check, then each test file, in a process of its own, on Deno, Bun and Node. The last line of the
// output is the sum. CONTRIBUTING.md has the options.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { FROM_JSR } from "./from_jsr.ts";
import { readReport, type Report } from "./junit.ts";
import { type Finished, run } from "./processes.ts";
import { type Runtime, RUNTIMES } from "./runtimes.ts";
import { filesOf, testFiles } from "./test_files.ts";

/** The longest that one file may take, in milliseconds: a hang on Deno, or a handle left open on Node, has to end. */
const FILE_LIMIT = 150_000;
/** The longest that everything may take, in milliseconds. */
const LIMIT = 2_700_000;

const CHECKS = [
  ["deno", "lint"],
  ["deno", "fmt", "--check"],
  // With the examples in doc comments.
  ["deno", "check", "--doc", ".", ...FROM_JSR.map((place) => `!${place}`)],
  // What JSR would refuse: files that are missing, and types that cannot be told from a module alone.
  ["deno", "publish", "--dry-run", "--allow-dirty", "--no-check"],
  // Every example in the doc comments, run. Those of README and docs/ are run by tests/docs/.
  [
    "deno",
    "test",
    "--allow-all",
    "--no-check",
    "--doc",
    "src",
    "patterns",
    "transports",
    "codecs",
    "rpc",
    "observe",
    "villas",
    "zmtp",
    "mod.ts",
    "browser.ts",
  ],
];

const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    only: { type: "string", default: Object.keys(RUNTIMES).join() },
    lint: { type: "boolean", default: true },
    // Two for each processor: many tests wait for another process.
    jobs: { type: "string", default: String(2 * availableParallelism()) },
    verbose: { type: "boolean", default: false },
  },
});

/** Something to do for a processor that has nothing to do. */
type Job = () => Promise<void>;

const start = performance.now();
const total: Report = { passed: 0, failed: [], skipped: [] };
let processorTime = 0;

const names = options.only.split(",").filter((name) => name !== "checks");
const unknown = names.find((name) => !(name in RUNTIMES));
if (unknown !== undefined) {
  throw new RangeError(
    `Cannot run the tests on "${unknown}": it is none of ${Object.keys(RUNTIMES)}`,
  );
}
const files = testFiles(filters);
if (names.length > 0 && files.length === 0) total.failed.push("no test file matches");
const reports = mkdtempSync(join(tmpdir(), "nanostreams-test-"));

// Once for all tests that use it, and the programs of Bun and Node.
const built = join(import.meta.dirname!, "..", "node_modules", ".cache", `package-${process.pid}`);
// Also after a signal.
process.on("exit", () => {
  rmSync(reports, { recursive: true, force: true });
  rmSync(built, { recursive: true, force: true });
});
if (names.length > 0 && files.some((file) => /^tests\/(browser|package|types)\//.test(file))) {
  const folder = join(built, "package");
  const { code, output, processor } = await run(
    ["node", "scripts/build_npm.ts", folder],
    remaining(),
  );
  processorTime += processor;
  if (code === 0) process.env["NANOSTREAMS_PACKAGE"] = folder;
  else add(total, { passed: 0, failed: [`the npm package: ${output.trim()}`], skipped: [] });
}

// One queue of all, so that no processor waits for the end of a check, or of the last file of a runtime.
const jobs: Job[] = [];
if (options.lint && filters.length === 0) {
  jobs.push(...CHECKS.map((command) => () => check(command)));
}
for (const name of names) jobs.push(...await testsOn(name, RUNTIMES[name]!));
const queue = jobs.values();
const work = async () => {
  for (const job of queue) await job();
};
await Promise.all(Array.from({ length: Number(options.jobs) }, work));

const reasons = new Set(total.skipped.filter((reason) => reason !== "" && reason !== "true"));
if (reasons.size > 0) console.log(`\nSkipped because:\n  ${[...reasons].join("\n  ")}`);
if (total.failed.length > 0) console.log(`\nFailed:\n  ${total.failed.join("\n  ")}`);
const seconds = (performance.now() - start) / 1000;
console.log(`\nTook ${seconds.toFixed(1)} s, and ${processorTime.toFixed(1)} s of processors`);
console.log(counts(total));
process.exitCode = total.failed.length > 0 ? 1 : 0;

/** How long something may still take, in milliseconds. */
function remaining(most: number = FILE_LIMIT): number {
  return Math.max(Math.min(most, LIMIT - (performance.now() - start)), 0);
}

async function check(command: string[]): Promise<void> {
  const name = command.join(" ");
  const finished = await run(command, remaining(LIMIT));
  const { code, output } = finished;
  console.log(`${name}: ${code === 0 ? "ok" : "FAILED"} (${times(finished)})`);
  if (code !== 0) console.log(output.trim());
  processorTime += finished.processor;
  add(total, { passed: 0, failed: code === 0 ? [] : [name], skipped: [] });
}

/** A job for each file that a runtime runs. The last to end tells what they came to. */
async function testsOn(key: string, { title, command }: Runtime): Promise<Job[]> {
  const version = await run([command("", "")[0] ?? "", "--version"], FILE_LIMIT);
  const name = `${title} ${version.output.match(/\d+\.\d+\.\d+/)?.[0] ?? "(unknown version)"}`;
  const own = filesOf(key, names, files);
  const sum: Report = { passed: 0, failed: [], skipped: [] };
  let processor = 0;
  let left = own.length;

  return own.map((file, index) => async () => {
    const path = join(reports, `${key}-${index}.xml`);
    const finished = await run(command(file, path), remaining());
    const report = judge(finished, existsSync(path) ? readFileSync(path, "utf8") : "");
    report.failed = report.failed.map((test) => `${name}: ${file}: ${test}`);
    add(sum, report);
    processor += finished.processor;
    if (report.failed.length > 0) {
      console.log(`\n---- ${name}: ${file}\n${finished.output.trim()}\n`);
    }
    if (options.verbose) {
      console.log(`  ${title}: ${file}: ${counts(report)} (${times(finished)})`);
    }
    if (--left > 0) return;
    const count = `${own.length} ${own.length === 1 ? "file" : "files"}`;
    console.log(`${name}: ${counts(sum)} in ${count} (processor ${processor.toFixed(1)} s)`);
    processorTime += processor;
    add(total, sum);
  });
}

/** What a run comes to: what it reported, and whether it ended as its report says it did. */
function judge({ code, expired }: Finished, xml: string): Report {
  const report = readReport(xml);
  const tests = report.passed + report.failed.length + report.skipped.length;
  if (expired) report.failed.push("did not end in time");
  else if (tests === 0) report.failed.push(`reported no tests and exited with ${code}`);
  else if (code !== 0 && report.failed.length === 0) report.failed.push(`exited with ${code}`);
  return report;
}

function add(sum: Report, { passed, failed, skipped }: Report): void {
  sum.passed += passed;
  sum.failed.push(...failed);
  sum.skipped.push(...skipped);
}

function times({ seconds, processor }: Finished): string {
  return `${seconds.toFixed(1)} s, processor ${processor.toFixed(1)} s`;
}

function counts({ passed, failed, skipped }: Report): string {
  return `${passed} passed, ${failed.length} failed${
    skipped.length > 0 ? `, ${skipped.length} skipped` : ""
  }`;
}

// The gate: deno lint, deno fmt and deno check, then each test file, in a process of its own, on Deno, Bun and Node. The last line of the
// output is the sum. CONTRIBUTING.md has the options.

import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { FROM_JSR } from "./from_jsr.ts";
import { readReport, type Report } from "./junit.ts";
import { type Finished, run } from "./processes.ts";
import { type Runtime, RUNTIMES } from "./runtimes.ts";

/** The longest that one file may take, in milliseconds: a hang on Deno, or a handle left open on Node, has to end. */
const FILE_LIMIT = 150_000;
/** The longest that all files may take on one runtime, in milliseconds. */
const RUNTIME_LIMIT = 900_000;

const CHECKS = [
  ["deno", "lint"],
  ["deno", "fmt", "--check"],
  ["deno", "check", ".", ...FROM_JSR.map((place) => `!${place}`)],
  // What JSR would refuse: files that are missing, and types that cannot be told from a module alone.
  ["deno", "publish", "--dry-run", "--allow-dirty"],
  // Every example in the doc comments, run. Those of README and docs/ are run by tests/docs/.
  [
    "deno",
    "test",
    "--allow-all",
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
    // One more than there are processors: many tests wait for another process.
    jobs: { type: "string", default: String(availableParallelism() + 1) },
    verbose: { type: "boolean", default: false },
  },
});

const total: Report = { passed: 0, failed: [], skipped: [] };
if (options.lint && filters.length === 0) {
  for (const command of CHECKS) add(total, await check(command));
}
// Once for all tests that use it.
const built = join(import.meta.dirname!, "..", "node_modules", ".cache", `package-${process.pid}`);
if (
  options.only !== "checks" &&
  testFiles().some((file) => /^tests\/(browser|package|types)\//.test(file))
) {
  const { code, output } = await run(["node", "scripts/build_npm.ts", built], FILE_LIMIT);
  if (code === 0) process.env["NANOSTREAMS_PACKAGE"] = built;
  else add(total, { passed: 0, failed: [`the npm package: ${output.trim()}`], skipped: [] });
}
for (const name of options.only.split(",")) {
  if (name === "checks") continue;
  const runtime = RUNTIMES[name];
  if (!runtime) {
    throw new RangeError(
      `Cannot run the tests on "${name}": it is none of ${Object.keys(RUNTIMES)}`,
    );
  }
  add(total, await test(runtime));
}

const reasons = new Set(total.skipped.filter((reason) => reason !== "" && reason !== "true"));
if (reasons.size > 0) console.log(`\nSkipped because:\n  ${[...reasons].join("\n  ")}`);
if (total.failed.length > 0) console.log(`\nFailed:\n  ${total.failed.join("\n  ")}`);
console.log(`\n${counts(total)}`);
process.exitCode = total.failed.length > 0 ? 1 : 0;
rmSync(built, { recursive: true, force: true });

async function check(command: string[]): Promise<Report> {
  const name = command.join(" ");
  const { code, output, seconds } = await run(command, RUNTIME_LIMIT);
  console.log(`${name}: ${code === 0 ? "ok" : "FAILED"} (${seconds.toFixed(1)} s)`);
  if (code !== 0) console.log(output.trim());
  return { passed: 0, failed: code === 0 ? [] : [name], skipped: [] };
}

async function test({ title, command }: Runtime): Promise<Report> {
  const version = await run([command("", "")[0] ?? "", "--version"], FILE_LIMIT);
  const name = `${title} ${version.output.match(/\d+\.\d+\.\d+/)?.[0] ?? "(unknown version)"}`;
  const start = performance.now();
  const elapsed = () => performance.now() - start;
  const directory = mkdtempSync(join(tmpdir(), "nanostreams-test-"));
  const sum: Report = { passed: 0, failed: [], skipped: [] };

  const files = testFiles();
  const queue = files.entries();
  const work = async () => {
    for (const [index, file] of queue) {
      const path = join(directory, `${index}.xml`);
      const limit = Math.min(FILE_LIMIT, RUNTIME_LIMIT - elapsed());
      const finished = await run(command(file, path), Math.max(limit, 0));
      const report = judge(finished, existsSync(path) ? readFileSync(path, "utf8") : "");
      report.failed = report.failed.map((test) => `${name}: ${file}: ${test}`);
      add(sum, report);
      if (report.failed.length > 0) {
        console.log(`\n---- ${name}: ${file}\n${finished.output.trim()}\n`);
      } else if (options.verbose) {
        console.log(`  ${file}: ${counts(report)} (${finished.seconds.toFixed(1)} s)`);
      }
    }
  };
  await Promise.all(Array.from({ length: Number(options.jobs) }, work));
  rmSync(directory, { recursive: true });

  console.log(
    `${name}: ${counts(sum)} in ${files.length} ${files.length === 1 ? "file" : "files"} (${
      (elapsed() / 1000).toFixed(1)
    } s)`,
  );
  if (files.length === 0) sum.failed.push(`${name}: no test file matches`);
  return sum;
}

function testFiles(): string[] {
  const files = globSync("tests/**/*.test.ts").map((file) => file.replaceAll("\\", "/")).sort();
  return filters.length === 0
    ? files
    : files.filter((file) => filters.some((filter) => file.includes(filter)));
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

function counts({ passed, failed, skipped }: Report): string {
  return `${passed} passed, ${failed.length} failed${
    skipped.length > 0 ? `, ${skipped.length} skipped` : ""
  }`;
}

// Which test files there are, which runtime runs them, and in what order.

import { globSync } from "node:fs";

/**
 * What says the same on every runtime: tests of texts, of types, of what is built, and those that start every runtime by themselves. They
 * run once. What the library and its programs do is tested on all.
 */
const ONCE = [
  "tests/bridges/docs.test.ts",
  "tests/browser/dashboard.test.ts",
  "tests/browser/exports.test.ts",
  "tests/browser/package.test.ts",
  "tests/browser/rpc.test.ts",
  "tests/cli/nanostreams/docs.test.ts",
  "tests/cli/nanostreams/examples.test.ts",
  "tests/cli/nanostreams/package.test.ts",
  "tests/cli/nanostreams/probe_decode_examples.test.ts",
  "tests/docs/commands.test.ts",
  "tests/docs/errors.test.ts",
  "tests/docs/events.test.ts",
  "tests/docs/links.test.ts",
  "tests/docs/options.test.ts",
  "tests/docs/pages.test.ts",
  "tests/docs/semantics.test.ts",
  "tests/docs/site.test.ts",
  "tests/docs/versions.test.ts",
  "tests/jsr/",
  "tests/observe/docs.test.ts",
  "tests/package/",
  "tests/rpc/docs.test.ts",
  "tests/types/",
  "tests/unit/doors.test.ts",
  "tests/unit/house.test.ts",
  "tests/unit/house_runtime.test.ts",
  "tests/unit/runner.test.ts",
  "tests/unit/workflows.test.ts",
  "tests/villas/house.test.ts",
  "tests/zmtp/docs.test.ts",
];

/** What takes longest, to begin with: what is left at the end is short, and leaves no processor without work for long. */
const LONGEST = [
  "tests/types/",
  "tests/package/",
  "tests/docs/",
  "tests/prove/",
  "tests/browser/",
  "tests/villas/",
  "tests/cli/",
  "tests/interop/",
  "tests/transports/",
  "tests/conformance/",
];

/** The test files whose path has one of the filters in it, or all, the longest first. */
export function testFiles(filters: readonly string[]): string[] {
  const files = globSync("tests/**/*.test.ts").map((file) => file.replaceAll("\\", "/")).sort();
  const chosen = filters.length === 0
    ? files
    : files.filter((file) => filters.some((filter) => file.includes(filter)));
  return chosen.sort((one, other) => rank(one) - rank(other));
}

/** Those of them that a runtime runs: what runs once is Node's, or the first one's where Node is not among the runtimes. */
export function filesOf(
  runtime: string,
  runtimes: readonly string[],
  files: readonly string[],
): string[] {
  const runsAll = runtime === (runtimes.includes("node") ? "node" : runtimes[0]);
  return runsAll
    ? [...files]
    : files.filter((file) => !ONCE.some((place) => file.startsWith(place)));
}

function rank(file: string): number {
  const index = LONGEST.findIndex((place) => file.startsWith(place));
  return index < 0 ? LONGEST.length : index;
}

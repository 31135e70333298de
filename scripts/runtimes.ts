// How each runtime runs one test file and writes a JUnit report of it.

/** The longest that one test may take on Bun and Node, in milliseconds. Deno has no such limit. */
const TEST_LIMIT = 60_000;

export interface Runtime {
  title: string;
  command(file: string, report: string): string[];
}

export const RUNTIMES: Record<string, Runtime> = {
  deno: {
    title: "Deno",
    command: (file, report) => [
      "deno",
      "test",
      "--allow-all",
      "--no-check", // `deno check` has seen it
      "--preload=./scripts/deno_uncaught.ts",
      `--junit-path=${report}`,
      file,
    ],
  },
  bun: {
    title: "Bun",
    command: (file, report) => [
      "bun",
      "test",
      `--timeout=${TEST_LIMIT}`,
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      `./${file}`, // without ./ it would be a pattern
    ],
  },
  node: {
    title: "Node",
    command: (file, report) => [
      "node", // without --test, which would start a second process for the file
      `--test-timeout=${TEST_LIMIT}`,
      "--test-reporter=spec",
      "--test-reporter-destination=stdout",
      "--test-reporter=junit",
      `--test-reporter-destination=${report}`,
      file,
    ],
  },
};

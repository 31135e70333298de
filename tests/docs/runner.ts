// Runs files one after the other in this process, whichever runtime it is, and writes for each a line of JSON: what it printed, and what went
// wrong. One process for many examples is many times faster than one for each.

import { dirname } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

/** How long one file may take, in milliseconds. */
const LIMIT = 15_000;

const printed: string[] = [];
for (const method of ["log", "info", "warn", "error", "debug"] as const) {
  console[method] = (...values: unknown[]) => void printed.push(format(...values));
}
let fail: (error: unknown) => void = () => {};
process.on("unhandledRejection", (error) => fail(error));
process.on("uncaughtException", (error) => fail(error));

for (const file of process.argv.slice(2)) {
  let error: unknown;
  process.chdir(dirname(file)); // as a reader would run it
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await Promise.race([
      import(pathToFileURL(file).href),
      new Promise((_, reject) => {
        fail = reject;
        timer = setTimeout(
          () => reject(new Error(`did not end within ${LIMIT} ms`)),
          LIMIT,
        );
      }),
    ]);
  } catch (reason) {
    error = reason;
  }
  clearTimeout(timer);
  const problem = error === undefined
    ? undefined
    : error instanceof Error
    ? error.stack ?? String(error)
    : String(error);
  process.stdout.write(
    `${JSON.stringify({ file, output: printed.splice(0), problem })}\n`,
  );
}
process.exit(0);

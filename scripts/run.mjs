#!/usr/bin/env -S deno run --allow-all
// node scripts/run.mjs PROGRAM [ARGUMENT ...]: runs a program with the pinned node, deno and bun first in PATH, after installing them if
// need be. `&&` in package.json would not do: a shell remembers where it found the first `node`.

import { spawn } from "node:child_process";
import process from "node:process";
import { environment, root, setup } from "./setup.mjs";

setup();
const [program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { cwd: root, env: environment(), stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`Cannot run "${program}": ${error.message}`);
  process.exit(1);
});
child.on("exit", (code) => process.exit(code ?? 1));

#!/usr/bin/env node
/**
 * villas: a gateway that takes the place of VILLASnode's `nanomsg` node, and its tools. The flags, exit statuses and
 * formats are VILLASnode's.
 *
 * ```sh
 * node cli/villas.ts node lab.conf --page 8080
 * node cli/villas.ts signal -r 100 mixed | node cli/villas.ts pipe lab.conf meter
 * node cli/villas.ts --help
 * ```
 *
 * Exit status: 0 the end; 1 the command line is wrong; 255 the configuration is wrong, or a node cannot start.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import {
  EXIT,
  helpText,
  readCommandLine,
  stderrLog,
  textFlag,
  type Tool,
  UsageError,
} from "./villas/command.ts";
import { compare } from "./villas/compare.ts";
import { conf2json, testConfig } from "./villas/configs.ts";
import { convert } from "./villas/convert.ts";
import { node } from "./villas/node.ts";
import { pipe } from "./villas/pipe.ts";
import { signal } from "./villas/signal.ts";

const TOOLS: readonly Tool[] = [node, pipe, signal, convert, compare, conf2json, testConfig];
/** Older names of tools. */
const ALIASES: Readonly<Record<string, string>> = { "test-cmp": "compare" };

function overview(): string {
  const lines = TOOLS.map(({ name, usage }) => `  villas ${name} ${usage}\n`);
  return `Usage:\n${lines.join("")}\nvillas TOOL -h shows the options of a tool.\n`;
}

/** The version of the package, beside the program or above it. */
function version(): string {
  for (const path of ["./package.json", "../package.json"]) {
    try {
      const text = readFileSync(new URL(path, import.meta.url), "utf8");
      return String((JSON.parse(text) as { version: string }).version);
    } catch {
      // The next one.
    }
  }
  return "unknown";
}

const SIGNALS = { SIGINT: "Interrupt", SIGTERM: "Terminated" } as const;

async function runTool(tool: Tool, args: readonly string[]): Promise<number> {
  const { flags, operands } = readCommandLine(tool, args);
  if (flags["h"] !== undefined) {
    process.stdout.write(helpText(tool));
    return EXIT.ok;
  }
  if (flags["V"] !== undefined) {
    process.stdout.write(`nanostreams ${version()}\n`);
    return EXIT.ok;
  }
  const log = stderrLog(textFlag(flags, "d", "info"));
  const stop = new AbortController();
  for (const [name, text] of Object.entries(SIGNALS)) {
    process.once(name, () => {
      log("info", tool.name, `Received ${text} signal. Terminating...`);
      stop.abort();
    });
  }
  try {
    return await tool.run({ flags, operands, log, stop: stop.signal });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    log("error", tool.name, text);
    return EXIT.failed;
  }
}

async function main(): Promise<number> {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined || name === "-h" || name === "--help") {
    (name === undefined ? process.stderr : process.stdout).write(overview());
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  const tool = TOOLS.find((one) => one.name === (ALIASES[name] ?? name));
  if (tool === undefined) {
    process.stderr.write(`Unknown tool "${name}"\n\n${overview()}`);
    return EXIT.usage;
  }
  try {
    return await runTool(tool, args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${helpText(tool)}`);
    return EXIT.usage;
  }
}

const status = await main();
process.exitCode = status;
// Standard input may still be open, and would keep the process.
await new Promise((resolve) => process.stderr.write("", resolve));
process.exit(status);

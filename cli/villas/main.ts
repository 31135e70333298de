/** The tools of `villas`, one of which the first argument names. */

import process from "node:process";
import { VERSION } from "../lib/version.ts";
import {
  EXIT,
  helpText,
  readCommandLine,
  stderrLog,
  textFlag,
  type Tool,
  UsageError,
} from "./command.ts";
import { compare } from "./compare.ts";
import { conf2json, testConfig } from "./configs.ts";
import { convert } from "./convert.ts";
import { node } from "./node.ts";
import { pipe } from "./pipe.ts";
import { signal } from "./signal.ts";

const TOOLS: readonly Tool[] = [node, pipe, signal, convert, compare, conf2json, testConfig];
/** Older names of tools. */
const ALIASES: Readonly<Record<string, string>> = { "test-cmp": "compare" };

function overview(): string {
  const lines = TOOLS.map(({ name, usage }) => `  villas ${name} ${usage}\n`);
  return `Usage:\n${lines.join("")}\nvillas TOOL -h shows the options of a tool.\n`;
}

const SIGNALS = { SIGINT: "Interrupt", SIGTERM: "Terminated" } as const;

async function runTool(tool: Tool, args: readonly string[]): Promise<number> {
  const { flags, operands } = readCommandLine(tool, args);
  if (flags["h"] !== undefined) {
    process.stdout.write(helpText(tool));
    return EXIT.ok;
  }
  if (flags["V"] !== undefined) {
    process.stdout.write(`nanostreams ${VERSION}\n`);
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

/**
 * Runs a tool.
 *
 * @param command Its name, and its own arguments.
 * @returns The exit status. Standard input may still be open then, and keep the process: end it with `process.exit`.
 */
export async function runVillas([name, ...args]: readonly string[]): Promise<number> {
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

/** What the tools of `villas` have in common: how they are called, how they log, how they end. */

import process from "node:process";
import { parseArgs } from "node:util";
import { type Level, LEVELS, type LogSink } from "../../villas/mod.ts";

/** The exit status of each kind of end: the same as VILLASnode's. */
export const EXIT = { ok: 0, usage: 1, failed: 255 } as const;

/** A command line that is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What a tool is run with. */
export interface Call {
  /** Values of flags, by letter or name; true for those without one. */
  readonly flags: Readonly<Record<string, string | true | undefined>>;
  readonly operands: readonly string[];
  readonly log: LogSink;
  /** Ends with SIGINT or SIGTERM. */
  readonly stop: AbortSignal;
}

/** One of the tools. */
export interface Tool {
  readonly name: string;
  /** After the name, such as `[-d LVL] CONFIG`. */
  readonly usage: string;
  /** One line each, such as `-f FMT  the format`. */
  readonly help: readonly string[];
  /** Flags that take a value, and flags that do not, letter by letter. */
  readonly values: string;
  readonly switches: string;
  /** Flags of more than one letter that take a value. */
  readonly long?: readonly string[];
  /** Returns the exit status. */
  run(call: Call): Promise<number>;
}

/** Flags that every tool has. */
const COMMON = { values: "d", switches: "hV" };

/** Reads a command line as getopt does. */
export function readCommandLine(
  tool: Tool,
  args: readonly string[],
): Pick<Call, "flags" | "operands"> {
  const withValue = tool.values + COMMON.values;
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {};
  for (const letter of withValue) options[letter] = { type: "string", short: letter };
  for (const letter of tool.switches + COMMON.switches) {
    options[letter] = { type: "boolean", short: letter };
  }
  for (const name of tool.long ?? []) options[name] = { type: "string" };
  try {
    const { values, positionals } = parseArgs({
      args: joinValues(args, withValue),
      options,
      allowPositionals: true,
    });
    return { flags: values as Call["flags"], operands: positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** `-o -1` as `-o-1`: to getopt a value may begin with a dash, to `parseArgs` it may not. */
function joinValues(args: readonly string[], withValue: string): string[] {
  const joined: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === "--") return [...joined, ...args.slice(at)];
    const takesNext = /^-[a-zA-Z]$/.test(arg) && withValue.includes(arg[1]!);
    const next = args[at + 1];
    if (takesNext && next !== undefined && next.startsWith("-")) {
      joined.push(arg + next);
      at++;
    } else joined.push(arg);
  }
  return joined;
}

/** The help of a tool. */
export function helpText(tool: Tool): string {
  const lines = [
    ...tool.help,
    "-d LVL  the least level to log: debug, info, warn, error",
    "-h      show this help",
    "-V      show the version",
  ];
  return `Usage: villas ${tool.name} ${tool.usage}\n\n${
    lines.map((line) => `  ${line}\n`).join("")
  }`;
}

/** The value of a flag as a number. */
export function numberFlag(
  flags: Call["flags"],
  name: string,
  fallback: number,
  min: number = -Infinity,
): number {
  const text = flags[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text === "" || !(value >= min)) {
    throw new UsageError(`Failed to parse option argument '-${name} ${text}': expected a number`);
  }
  return value;
}

/** The value of a flag as text. */
export function textFlag(flags: Call["flags"], name: string, fallback: string): string {
  const value = flags[name];
  return typeof value === "string" ? value : fallback;
}

/** Writes lines of at least a level to stderr. */
export function stderrLog(least: string): LogSink {
  const rank = LEVELS.indexOf(least as Level);
  if (rank < 0) {
    throw new UsageError(`Invalid log level "${least}": expected one of ${LEVELS.join(", ")}`);
  }
  return (level, source, text) => {
    if (LEVELS.indexOf(level) < rank) return;
    const time = new Date().toTimeString().slice(0, 8);
    process.stderr.write(`${time} ${level} ${source}: ${text}\n`);
  };
}

/** The help text, laid out from the table of flags. */

import { ENDPOINT, FLAGS, SOCKET } from "./flags.ts";

/** A flag, as far as the help knows one. */
export interface Described {
  readonly name: string;
  readonly short?: string;
  /** What its argument is called; a flag without it takes none. */
  readonly argument?: string;
  readonly group: string;
  readonly help: string;
}

const WIDTH = 80;
const INDENT = 24;

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function describe(flag: Described): string {
  const short = flag.short === undefined ? "" : `,-${flag.short}`;
  const argument = flag.argument === undefined ? "" : ` ${flag.argument}`;
  const head = ` --${flag.name}${short}${argument}`;
  const indent = " ".repeat(INDENT);
  const body = wrap(flag.help, WIDTH - INDENT).join(`\n${indent}`);
  return head.length < INDENT - 1
    ? `${head.padEnd(INDENT)}${body}\n`
    : `${head}\n${indent}${body}\n`;
}

function alternatives(bit: number): string {
  const flags = FLAGS.filter((flag) => ((flag.provides ?? 0) & bit) !== 0);
  const words = flags.map((flag) => `--${flag.name}${flag.argument ? ` ${flag.argument}` : ""}`);
  return `{${words.join("|")}}`;
}

/** Flags, in their order, under the names of their groups. */
export function describeAll(flags: readonly Described[]): string {
  let text = "";
  let group = "";
  for (const flag of flags) {
    if (flag.group !== group) text += `\n${group = flag.group}:\n`;
    text += describe(flag);
  }
  return text;
}

/** The text of `--help`, for a program that was started as `program`. */
export function helpText(program: string = "nanocat"): string {
  const isAlias = FLAGS.some((flag) => flag.executable === program);
  const types = isAlias ? "" : `${alternatives(SOCKET)} `;
  const usage = `    ${program} ${types}${alternatives(ENDPOINT)}... [options]\n`;
  const device = isAlias ? "" : `    ${program} device --help\n`;
  return `Usage:\n${usage}${device}\n` +
    "Sends and receives messages on a socket of the scalability protocols; a device\n" +
    "passes messages on between two of them\n" + describeAll(FLAGS);
}

/** The help text, laid out from the table of flags. */

import { ENDPOINT, type Flag, FLAGS, SOCKET } from "./flags.ts";

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

function describe(flag: Flag): string {
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

/** The text of `--help`, for a program that was started as `program`. */
export function helpText(program: string = "nanocat"): string {
  const isAlias = FLAGS.some((flag) => flag.executable === program);
  const types = isAlias ? "" : `${alternatives(SOCKET)} `;
  let text = `Usage:\n    ${program} ${types}${alternatives(ENDPOINT)}... [options]\n\n` +
    "Sends and receives messages on a socket of the scalability protocols\n";
  let group = "";
  for (const flag of FLAGS) {
    if (flag.group !== group) text += `\n${group = flag.group}:\n`;
    text += describe(flag);
  }
  return text;
}

/* The texts of `--help`: made of the specification. */
import type { Command, Flag } from "./spec/types.ts";

const WIDTH = 80;
const INDENT = 26;

/** All subcommands. */
export function overview(commands: readonly Command[]): string {
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(13)}${summary}`);
  return [
    "nanostreams: sockets of nanomsg and ZeroMQ on the command line",
    "",
    "Usage: nanostreams SUBCOMMAND [URL...] [FLAGS]",
    "",
    ...lines,
    "",
    "nanostreams SUBCOMMAND --help shows its flags and examples, --help-all all flags.",
    "",
  ].join("\n");
}

/** One subcommand. @param isAll Whether flags that are rarely used are shown too. */
export function helpOf(command: Command, isAll: boolean): string {
  const shown = command.flags.filter(({ isRare }) => isAll || isRare !== true);
  const groups = [...new Set(shown.map(({ group }) => group))];
  const more = isAll || shown.length === command.flags.length ? [] : [
    "",
    `nanostreams ${command.name} --help-all shows ${
      command.flags.length - shown.length
    } more flags.`,
  ];
  return [
    `Usage: nanostreams ${command.name} ${command.operands} [FLAGS]`,
    ...fold(command.about, 0, WIDTH),
    ...groups.flatMap((group) => [
      "",
      `${group}:`,
      ...shown.filter((flag) => flag.group === group).flatMap(flagLines),
    ]),
    "",
    "Examples:",
    ...command.examples.flatMap(({ line, about }) => [`  # ${about}`, `  ${line}`]),
    ...more,
    "",
  ].join("\n");
}

function flagLines(flag: Flag): string[] {
  const short = flag.short === undefined ? "    " : `-${flag.short}, `;
  const head = `  ${short}--${flag.name}${argumentOf(flag)}`;
  const [first = "", ...rest] = fold(flag.help, INDENT, WIDTH).map((line) => line.trimStart());
  const lines = head.length < INDENT
    ? [head.padEnd(INDENT) + first]
    : [head, " ".repeat(INDENT) + first];
  return [...lines, ...rest.map((line) => " ".repeat(INDENT) + line)];
}

/** What stands behind a flag's name. */
export function argumentOf({ argument, isOptional }: Flag): string {
  if (argument === undefined) return "";
  return isOptional ? `[=${argument}]` : ` ${argument}`;
}

/** Words in lines of a width. */
function fold(text: string, indent: number, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

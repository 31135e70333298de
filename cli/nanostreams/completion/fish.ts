/* Completions for fish. */
import type { Command, Flag } from "../spec/types.ts";
import { HELP_FLAGS, operandOf, SCHEMES, type Value, valueOf } from "./words.ts";

/** The script. */
export function fishScript(commands: readonly Command[]): string {
  const lines = [
    "# fish completion of nanostreams. Made by: nanostreams completion fish",
    "complete -c nanostreams -f",
    top(`-s h -l help -d ${quoted("Show the subcommands")}`),
    top(`-s V -l version -d ${quoted("Show the version")}`),
    ...commands.map(({ name, summary }) => top(`-a ${name} -d ${quoted(summary)}`)),
    top(`-a help -d ${quoted("Show all flags of a subcommand")}`),
    `complete -c nanostreams -n ${within("help")} -a ${
      quoted(commands.map(({ name }) => name).join(" "))
    }`,
    ...commands.flatMap(linesOf),
  ];
  return `${lines.join("\n")}\n`;
}

function top(rest: string): string {
  return `complete -c nanostreams -n __fish_use_subcommand ${rest}`;
}

function within(command: string): string {
  return quoted(`__fish_seen_subcommand_from ${command}`);
}

function linesOf(command: Command): string[] {
  const before = `complete -c nanostreams -n ${within(command.name)}`;
  const operand = wordsOf(operandOf(command));
  return [
    ...[...command.flags, ...HELP_FLAGS].map((flag) => `${before} ${flagOf(flag)}`),
    ...operand === undefined ? [] : [`${before} -a ${quoted(operand)}`],
  ];
}

function flagOf(flag: Flag): string {
  const { name, short, isOptional, help } = flag;
  const names = `${short === undefined ? "" : `-s ${short} `}-l ${name}`;
  const value = valueOf(flag);
  const description = `-d ${quoted(help)}`;
  if (value === undefined) return `${names} ${description}`;
  const words = wordsOf(value);
  const offered = words === undefined ? "" : ` -a ${quoted(words)}`;
  // fish offers the words of an argument that may be left out behind the equals sign.
  const kind = isOptional ? "" : value.kind === "file" ? " -r -F" : " -x";
  return `${names}${kind}${offered} ${description}`;
}

function wordsOf(value: Value): string | undefined {
  switch (value.kind) {
    case "words":
      return value.words.join(" ");
    case "address":
      return SCHEMES.join(" ");
    case "command":
      return "(__fish_complete_command)";
    default:
      return undefined;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}

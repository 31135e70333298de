/* The pages of docs/cli/, made of the command line's specification. */
import { argumentOf } from "../../cli/nanostreams/help.ts";
import type { Command, Flag } from "../../cli/nanostreams/spec/types.ts";

/** Between these lines of docs/cli.md stands the list of subcommands. */
const BEGIN = "<!-- The list of subcommands: npm run docs:cli -->";
const END = "<!-- The end of the list -->";

/** The page of a subcommand. */
export function pageOf(command: Command): string {
  const { name, summary, about, flags, examples } = command;
  const groups = [...new Set(flags.map(({ group }) => group))];
  return [
    "<!-- Made of cli/nanostreams/spec by: npm run docs:cli -->",
    "",
    `# nanostreams ${name}`,
    "",
    `${escaped(summary)}.`,
    "",
    "```",
    synopsis(command),
    "```",
    "",
    escaped(about),
    "",
    "## Examples",
    "",
    ...examples.flatMap((
      { line, about: what },
    ) => [`${escaped(what)}:`, "", "```sh", line, "```", ""]),
    ...groups.flatMap((group) => [
      `## ${group}`,
      "",
      ...flags.filter((flag) => flag.group === group).map(item),
      "",
    ]),
    "[All subcommands](../cli.md)",
    "",
  ].join("\n");
}

/** `nanostreams push [URL...] [FLAGS]` */
export function synopsis({ name, operands, flags }: Command): string {
  return ["nanostreams", name, operands, flags.length > 0 ? "[FLAGS]" : ""].filter((word) =>
    word !== ""
  ).join(" ");
}

/** docs/cli.md with its list of subcommands brought up to date. */
export function withList(text: string, commands: readonly Command[]): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new Error(`Cannot find the list of subcommands: expected ${BEGIN} and ${END}`);
  }
  const list = commands.map(({ name, summary }) =>
    `- [${name}](cli/${name}.md): ${escaped(summary)}`
  );
  return `${text.slice(0, begin)}${BEGIN}\n\n${list.join("\n")}\n\n${text.slice(end)}`;
}

function item(flag: Flag): string {
  const { name, short, help, choices } = flag;
  const names = [
    `\`--${name}${argumentOf(flag)}\``,
    ...short === undefined ? [] : [`\`-${short}\``],
  ];
  const isTold = choices === undefined || choices.every((choice) => help.includes(choice));
  const words = isTold ? "" : ` (${choices.map((choice) => `\`${choice}\``).join(", ")})`;
  return `- ${names.join(", ")}: ${escaped(help)}${words}`;
}

/** Text in which nothing means anything to Markdown. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_<]/g, "\\$&");
}

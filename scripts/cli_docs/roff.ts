/* Manual pages in roff, by the macros of man(7), made of the command line's specification. */
import { argumentOf } from "../../cli/nanostreams/help.ts";
import type { Command, Flag } from "../../cli/nanostreams/spec/types.ts";
import { synopsis } from "./markdown.ts";

const STATUSES: readonly (readonly [string, string])[] = [
  ["0", "It is done."],
  ["1", "It failed: an address, a file, a peer."],
  ["2", "The command line is wrong."],
  ["4", "There was no answer in time, or not all has come."],
  ["130, 143", "It was ended by SIGINT or SIGTERM."],
];

/** A page, by the name of its file. */
export interface ManPage {
  /** `nanostreams-push.1` */
  readonly file: string;
  readonly text: string;
}

/** All pages: that of the command, and one for each subcommand. */
export function manPages(commands: readonly Command[], version: string): ManPage[] {
  return [overview(commands, version), ...commands.map((command) => pageOf(command, version))];
}

function overview(commands: readonly Command[], version: string): ManPage {
  return page("nanostreams", version, "sockets of nanomsg and ZeroMQ on the command line", [
    ...section("SYNOPSIS", [literal("nanostreams SUBCOMMAND [URL...] [FLAGS]")]),
    ...section("DESCRIPTION", [
      text(
        "Sends, receives, asks and answers by the scalability protocols of nanomsg and nng, and with --wire zmtp by those of ZeroMQ.",
      ),
      ".PP",
      text("Each subcommand has a page of its own, as nanostreams-push(1)."),
    ]),
    ...section("SUBCOMMANDS", commands.flatMap(({ name, summary }) => entry(name, `${summary}.`))),
    ...exitStatus(),
  ]);
}

function pageOf(command: Command, version: string): ManPage {
  const { name, summary, about, flags, examples } = command;
  const groups = [...new Set(flags.map(({ group }) => group))];
  const options = groups.flatMap((group) => [
    `.SS ${quoted(group)}`,
    ...flags.filter((flag) => flag.group === group).flatMap(flagEntry),
  ]);
  return page(`nanostreams-${name}`, version, lower(summary), [
    ...section("SYNOPSIS", [literal(synopsis(command))]),
    ...section("DESCRIPTION", [text(about)]),
    ...options.length === 0 ? [] : section("OPTIONS", options),
    ...section(
      "EXAMPLES",
      examples.flatMap(({ line, about: what }) => [
        ".PP",
        text(`${what}:`),
        ".PP",
        ".RS 4",
        ".nf",
        text(line),
        ".fi",
        ".RE",
      ]),
    ),
    ...exitStatus(),
    ...section("SEE ALSO", [".BR nanostreams (1)"]),
  ]);
}

function page(name: string, version: string, summary: string, body: readonly string[]): ManPage {
  const lines = [
    '.\\" Made of cli/nanostreams/spec by scripts/cli_docs/roff.ts',
    `.TH ${name.toUpperCase().replaceAll("-", "\\-")} 1 "" "nanostreams ${version}" "nanostreams"`,
    // Words are not divided, and lines are not stretched: flags are to be found.
    ".nh",
    ".ad l",
    ...section("NAME", [text(`${name} - ${summary}`)]),
    ...body,
  ];
  return { file: `${name}.1`, text: `${lines.join("\n")}\n` };
}

function section(title: string, lines: readonly string[]): string[] {
  return [`.SH ${quoted(title)}`, ...lines];
}

function exitStatus(): string[] {
  return section("EXIT STATUS", STATUSES.flatMap(([status, what]) => entry(status, what)));
}

function flagEntry(flag: Flag): string[] {
  const { name, short, choices, help } = flag;
  const names = `${short === undefined ? "" : `-${short}, `}--${name}${argumentOf(flag)}`;
  const isTold = choices === undefined || choices.every((choice) => help.includes(choice));
  return entry(names, isTold ? help : `${help} (${choices.join(", ")})`);
}

/** A term, and what it means. */
function entry(term: string, what: string): string[] {
  return [".TP", `.B ${text(term)}`, text(what)];
}

/** Text as it is typed. */
function literal(line: string): string {
  return `.B ${text(line)}`;
}

/** Text in which nothing means anything to roff: backslashes, hyphens that are minus signs, what begins a request. */
function text(words: string): string {
  const plain = words.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga").replaceAll("^", "\\(ha").replaceAll("~", "\\(ti");
  return /^[.']/.test(plain) ? `\\&${plain}` : plain;
}

function quoted(title: string): string {
  return `"${text(title).replaceAll('"', "\\(dq")}"`;
}

function lower(summary: string): string {
  return summary.charAt(0).toLowerCase() + summary.slice(1);
}

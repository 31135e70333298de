/* From a command line to what is asked for; by commander, of which the specification is fed. */
import { Command as Parser, CommanderError, InvalidArgumentError, Option } from "commander";
import { EXIT, Failure } from "./ends.ts";
import { BadValue, type Command, type Flag } from "./spec/types.ts";

/** What was asked for. */
export interface Request {
  readonly command: Command;
  readonly operands: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

/** Asked for help, or for the version: what to print. */
export interface Answer {
  readonly text: string;
}

/** How the texts are made. */
export interface Texts {
  overview(commands: readonly Command[]): string;
  help(command: Command, isAll: boolean): string;
  version(): string;
}

/** Flags that list the subcommands. */
const OVERVIEW = ["--help", "--help-all", "-h"];

/**
 * Reads a command line.
 *
 * @throws {Failure} with a sentence that says what is wrong, and which flag is near.
 */
export function readCommandLine(
  args: readonly string[],
  commands: readonly Command[],
  texts: Texts,
): Request | Answer {
  const [name, ...rest] = args;
  const isAlone = name === undefined || (name === "help" && rest.length === 0);
  if (isAlone || OVERVIEW.includes(name)) return { text: texts.overview(commands) };
  if (name === "--version" || name === "-V") return { text: `${texts.version()}\n` };
  const wanted = name === "help" ? rest[0]! : name;
  const command = commands.find((one) => one.name === wanted);
  if (command === undefined) throw unknownCommand(wanted, commands);
  if (command.passesAll === true) return { command, operands: rest, values: {} };
  if (name === "help") return { text: texts.help(command, true) };
  if (rest.includes("--help-all")) return { text: texts.help(command, true) };
  const end = rest.indexOf("--");
  const own = end < 0 ? rest : rest.slice(0, end);
  if (own.includes("--help") || own.includes("-h")) return { text: texts.help(command, false) };
  return parse(command, rest);
}

function parse(command: Command, args: readonly string[]): Request {
  const parser = new Parser(command.name);
  parser.exitOverride().configureOutput({ writeErr: () => {} }).helpOption(false)
    .allowExcessArguments(true).argument("[operands...]").showSuggestionAfterError(true);
  for (const flag of command.flags) parser.addOption(toOption(flag));
  try {
    parser.parse(withoutGaps(command, args), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new Failure(EXIT.usage, explained(command, error.message), { cause: error });
  }
  const given = parser.opts() as Record<string, unknown>;
  const values = Object.fromEntries(
    command.flags.map(({ name }) => [name, given[camelCase(name)]]).filter(([, value]) =>
      value !== undefined
    ),
  );
  checkWire(command, values);
  return { command, operands: parser.args, values };
}

/** Flags that stand alone but may have an argument get their first choice: what follows them is none of theirs. */
function withoutGaps({ flags }: Command, args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return args.map((arg, at) => {
    const flag = flags.find(({ name, isOptional }) => isOptional === true && arg === `--${name}`);
    return flag === undefined || end >= 0 && at > end ? arg : `${arg}=${flag.choices![0]}`;
  });
}

function explained({ name }: Command, message: string): string {
  const text = message.replace(/^error: /, "").replaceAll("\n", " ").replace(/\.$/, "");
  return text.includes("Did you mean") ? text : `${text}; see nanostreams ${name} --help`;
}

/** Flags of a wire are for nothing on the other. */
function checkWire(command: Command, values: Readonly<Record<string, unknown>>): void {
  const wire = wireOf(command, values);
  const stray = command.flags.find((flag) =>
    flag.wire !== undefined && flag.wire !== wire && values[flag.name] !== undefined
  );
  if (stray === undefined) return;
  const { name, wire: wanted } = stray;
  throw new Failure(EXIT.usage, `--${name} is for --wire ${wanted}, and this is --wire ${wire}`);
}

/** The wire that is spoken. */
export function wireOf(command: Command, values: Readonly<Record<string, unknown>>): string {
  return values["wire"] as string | undefined ?? command.wire ?? "sp";
}

function toOption(flag: Flag): Option {
  const { name, short, argument, isOptional, conflicts = [] } = flag;
  const shown = argument === undefined ? "" : isOptional ? ` [${argument}]` : ` <${argument}>`;
  const option = new Option(
    `${short === undefined ? "" : `-${short}, `}--${name}${shown}`,
    flag.help,
  );
  option.conflicts(conflicts.map(camelCase));
  if (argument === undefined) return option;
  return option.argParser((text: string, before: unknown) => {
    const value = read(flag, text);
    return flag.repeats ? [...(before as unknown[] | undefined) ?? [], value] : value;
  });
}

function read({ parse, choices }: Flag, text: string): unknown {
  if (choices?.includes(text) === false) {
    throw new InvalidArgumentError(`Expected ${choices.join(" or ")}`);
  }
  try {
    return parse === undefined ? text : parse(text);
  } catch (error) {
    if (error instanceof BadValue) throw new InvalidArgumentError(`Expected ${error.message}`);
    throw error;
  }
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A name that is nearest to what was typed, if one is near. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(typed, name);
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

function unknownCommand(typed: string, commands: readonly Command[]): Failure {
  const near = nearest(typed, commands.map(({ name }) => name));
  const hint = near === undefined ? "see nanostreams --help" : `did you mean ${near}?`;
  return new Failure(EXIT.usage, `unknown subcommand ${JSON.stringify(typed)}: ${hint}`);
}

/** How many letters have to be changed, added or left out (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (isSame ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

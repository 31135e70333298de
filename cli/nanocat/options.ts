/** From the arguments of the command line to {@link Settings}, or to nanocat's own error text. */

import { parseArgs } from "node:util";
import { EXIT, Failure } from "../lib/failure.ts";
import { BadArgument, ENDPOINT, type Flag, FLAGS, type Settings, SOCKET } from "./flags.ts";

/** A command line that can be run. */
export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "socket"; readonly settings: Settings };

/** What each run needs at least one of. */
export const REQUIRED: number = SOCKET | ENDPOINT;

/** The flags that a long name, whole or cut short, can mean. */
function matches(name: string): readonly Flag[] {
  const exact = FLAGS.filter((flag) => flag.name === name);
  if (exact.length > 0) return exact;
  return FLAGS.filter((flag) => !flag.isExtra && flag.name.startsWith(name));
}

/**
 * The flags as `parseArgs` wants them. It does not know abbreviations, so each one that is not
 * ambiguous is an option of its own here.
 */
function parseable(): Record<string, { type: "string" | "boolean"; short?: string }> {
  const options: ReturnType<typeof parseable> = {};
  for (const flag of FLAGS) {
    const type = flag.argument === undefined ? "boolean" : "string";
    for (let end = 1; end < flag.name.length; end++) {
      const name = flag.name.slice(0, end);
      const [only, ...others] = matches(name);
      if (only === flag && others.length === 0) options[name] ??= { type };
    }
    options[flag.name] = flag.short === undefined ? { type } : { type, short: flag.short };
  }
  return options;
}

function list(flags: readonly Flag[], line: (flag: Flag) => string): string {
  return flags.map((flag) => `\n${line(flag)}`).join("");
}

function names(flag: Flag): string {
  return flag.short === undefined ? `    --${flag.name}` : `    --${flag.name}\n    -${flag.short}`;
}

/** One pass over one command line: the bits seen so far, and how each flag was written. */
class Parser {
  readonly settings: Settings = {
    verbosity: 0,
    protocol: undefined,
    bind: [],
    connect: [],
    receiveTimeout: Infinity,
    sendTimeout: Infinity,
    socketName: undefined,
    subscriptions: [],
    format: "no",
    interval: Infinity,
    delay: 0,
    data: undefined,
  };
  readonly #program: string;
  readonly #usages = new Map<Flag, string>();
  #provided = 0;

  constructor(program: string) {
    this.#program = program;
  }

  fail(message: string): never {
    throw new Failure(EXIT.usage, `${this.#program}: ${message}`);
  }

  #failAt(flag: Flag, message: string): never {
    this.fail(`Option ${this.#usages.get(flag)} ${message}`);
  }

  /** Takes a flag as the user wrote it: `usage` is for messages, `argument` what came with it. */
  accept(flag: Flag, usage: string, argument: string | undefined): void {
    this.#usages.set(flag, usage);
    if (flag.argument === undefined && argument !== undefined) {
      this.#failAt(flag, "does not accept argument");
    }
    if (flag.argument !== undefined && argument === undefined) {
      this.#failAt(flag, "requires an argument");
    }
    if ((this.#provided & (flag.conflicts ?? 0)) !== 0) this.#conflict(flag);
    this.#provided |= flag.provides ?? 0;
    if (flag.choices?.includes(argument ?? "") === false) {
      const choices = flag.choices.map((choice) => `\n    ${choice}`).join("");
      this.fail(`Invalid value \`\`${argument}'' for ${usage} . Options are:${choices}`);
    }
    try {
      flag.apply(this.settings, argument ?? "");
    } catch (error) {
      if (error instanceof BadArgument) this.#failAt(flag, error.message);
      throw error;
    }
  }

  #conflict(flag: Flag): never {
    const others = FLAGS.filter((other) =>
      other !== flag && this.#usages.has(other) &&
      ((other.provides ?? 0) & (flag.conflicts ?? 0)) !== 0
    );
    const lines = list(
      others.length > 0 ? others : [flag],
      (other) => `    ${this.#usages.get(other)} `,
    );
    this.#failAt(flag, `conflicts with the following options:${lines}`);
  }

  /** Checks what only the whole of the command line can tell. */
  finish(): void {
    for (const flag of FLAGS) {
      const requires = flag.requires ?? 0;
      if (this.#usages.has(flag) && (requires & this.#provided) !== requires) {
        this.#failAt(
          flag,
          `requires at least one of the following options:${this.#need(requires)}`,
        );
      }
    }
    const missing = REQUIRED & ~this.#provided;
    if (missing !== 0) this.fail(`At least one of the following required:${this.#need(missing)}`);
  }

  #need(bits: number): string {
    return list(FLAGS.filter((flag) => ((flag.provides ?? 0) & bits) !== 0), names);
  }
}

/**
 * Parses a command line by the rules of nanocat: flags count in the order in which they stand, so
 * that the first mistake is the one that is reported, and nothing after `--help` matters.
 *
 * @param args The arguments, without the program.
 * @param program The program's name; `nn_push` and its like stand for the flag of that name.
 * @throws {Failure} with the text for stderr.
 */
export function parseCommand(args: readonly string[], program: string = "nanocat"): Command {
  const parser: Parser = new Parser(program);
  const alias = FLAGS.find((flag) => flag.executable === program);
  if (alias !== undefined) parser.accept(alias, `${program} (executable)`, undefined);

  const { tokens } = parseArgs({
    args: [...args],
    options: parseable(),
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") parser.fail(`Unexpected argument \`\`${token.value}''`);
    if (token.kind === "option-terminator") continue;
    const isLong = token.rawName.startsWith("--");
    const written = token.inlineValue ? `${token.rawName}=${token.value}` : token.rawName;
    const flags = isLong
      ? matches(token.rawName.slice(2))
      : FLAGS.filter((flag) => flag.short === token.rawName.slice(1));
    const flag = flags[0];
    if (flag === undefined) {
      parser.fail(`Unknown option \`\`${isLong ? written : token.rawName}''`);
    }
    if (flags.length > 1) {
      parser.fail(`Ambiguous option \`\`${written}'':${list(flags, (f) => `    ${f.name}`)}`);
    }
    const rest = flag.name.slice(token.rawName.length - 2);
    const usage = !isLong
      ? `${token.rawName} (--${flag.name})`
      : rest === ""
      ? written
      : `${token.rawName}[${rest}]`;
    parser.accept(flag, usage, token.value);
    if (flag.name === "help") return { kind: "help" };
  }
  parser.finish();
  return { kind: "socket", settings: parser.settings };
}

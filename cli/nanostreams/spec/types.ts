/* What a subcommand and its flags are, as data: the help, the documentation, completions and the parser are all made of it. */
import type { Invocation } from "../invocation.ts";

/** One flag. */
export interface Flag {
  /** Without the dashes: `wait-peers`. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** What the help calls the argument; a flag without it takes none. */
  readonly argument?: string;
  /** Whether the argument may be left out; it is given by `--name=argument` then. */
  readonly isOptional?: boolean;
  /** Whether it may be given several times. */
  readonly repeats?: boolean;
  /** The only values of the argument. */
  readonly choices?: readonly string[];
  /** Whether `--help` leaves it out, and `--help-all` alone shows it. */
  readonly isRare?: boolean;
  /** Names of flags that it cannot stand beside. */
  readonly conflicts?: readonly string[];
  /** The only wire that it is for. */
  readonly wire?: "sp" | "zmtp";
  /** Under which heading it stands. */
  readonly group: string;
  /** One sentence, without a period; what holds without the flag at its end, in brackets. */
  readonly help: string;
  /** Makes a value of the argument; throws a `BadValue` that says what was wanted. */
  readonly parse?: (text: string) => unknown;
}

/** A command line that works, and what it shows. */
export interface Example {
  /** As it is typed. */
  readonly line: string;
  readonly about: string;
  /** Command lines that have to run beside it, one behind the other, for the test that runs it. */
  readonly beside?: readonly string[];
  /** Files that have to lie where it runs: of `tests/cli/nanostreams/files/`. */
  readonly files?: readonly string[];
}

/** A subcommand. */
export interface Command {
  readonly name: string;
  /** One line for the list of subcommands. */
  readonly summary: string;
  /** What it does, in a few sentences. */
  readonly about: string;
  /** Its arguments, as the help shows them: `[URL...]`. */
  readonly operands: string;
  readonly flags: readonly Flag[];
  readonly examples: readonly Example[];
  /** Whether an address without a flag is bound; otherwise it is connected to. */
  readonly binds?: boolean;
  /** The wire that it speaks without `--wire`; `sp` if left out. */
  readonly wire?: "zmtp";
  /** Whether all that follows its name is handed to it as it is, `--help` too. */
  readonly passesAll?: boolean;
  /** Loads what runs it; only what is run is loaded. */
  readonly load: () => Promise<{ readonly run: Run }>;
}

/** Runs a subcommand. Returns the exit status. */
export type Run = (invocation: Invocation) => Promise<number>;

/** A value that a flag cannot take; the message says what was wanted. */
export class BadValue extends Error {
  override readonly name = "BadValue";
}

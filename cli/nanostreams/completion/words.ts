/* What shells are told of flags and their arguments. */
import type { Command, Flag } from "../spec/types.ts";

/** What may stand for an argument: one of some words, a file, a command, an address; otherwise anything. */
export type Value =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "file" | "command" | "address" | "anything" };

/** What addresses begin with. */
export const SCHEMES: readonly string[] = [
  "tcp://",
  "ipc://",
  "ws://",
  "wss://",
  "tls+tcp://",
  "abstract://",
];

/** Flags that every subcommand has. */
export const HELP_FLAGS: readonly Flag[] = [
  { name: "help", short: "h", group: "", help: "Show its flags, and examples" },
  { name: "help-all", group: "", help: "Show all of its flags" },
];

/** What may stand for a flag's argument; undefined if it has none. */
export function valueOf({ argument, choices }: Flag): Value | undefined {
  if (argument === undefined) return undefined;
  return choices === undefined ? named(argument) : { kind: "words", words: choices };
}

/** What may stand beside the flags. */
export function operandOf({ operands }: Command): Value {
  if (/^[a-z|]+$/.test(operands)) return { kind: "words", words: operands.split("|") };
  return named(/[A-Z]+/.exec(operands)?.[0] ?? "");
}

function named(argument: string): Value {
  switch (argument) {
    case "FILE":
    case "PATH":
      return { kind: "file" };
    case "CMD":
      return { kind: "command" };
    case "URL":
    case "FRONT":
      return { kind: "address" };
    default:
      return { kind: "anything" };
  }
}

/** The options of nngcat, one entry each, and how they are read from a command line. */

import type { FormatName } from "../lib/formats.ts";
import { fatal } from "./words.ts";
import type { Draft } from "./draft.ts";

/** One option. */
export interface Option {
  readonly name: string;
  readonly short?: string;
  /** Whether it takes an argument, behind `=`, `:` or as the next word. */
  readonly takesArgument?: boolean;
  /** What it does. May have to wait for a file. */
  readonly apply: (draft: Draft, argument: string) => void | Promise<void>;
}

/** The longest time in seconds, a day. */
const DAY = 86_400;
/** What a C `int` can be. */
const INT_MAX = 0x7fff_ffff;

function whole(text: string, most: number): number {
  if (text === "") throw fatal("Empty integer argument.");
  if (!/^[0-9]+$/.test(text)) throw fatal("Integer argument expected.");
  const value = Number(text);
  if (value <= most) return value;
  // The original counts on beyond what an int can be, and takes some of what comes of it for a number.
  throw fatal(`Integer argument ${most === INT_MAX ? "overflow" : "too large"}.`);
}

function milliseconds(text: string): number {
  return whole(text, DAY) * 1000;
}

/** The same for a limit, where 0 is none. */
function limit(text: string): number {
  return milliseconds(text) || Infinity;
}

function flag(name: string, apply: (draft: Draft) => void, short?: string): Option {
  return { name, ...(short !== undefined && { short }), apply };
}

function option(name: string, apply: Option["apply"], short?: string): Option {
  return { name, ...(short !== undefined && { short }), takesArgument: true, apply };
}

function protocol(name: string, is: Parameters<Draft["setProtocol"]>[0]): Option {
  return flag(name, (draft) => draft.setProtocol(is));
}

function endpoint(
  name: string,
  side: "dial" | "listen",
  address: (argument: string) => string = (argument) => argument,
  short?: string,
): Option {
  return option(name, (draft, argument) => {
    draft.endpoints.push({ side, address: address(argument) });
  }, short);
}

// As nng does it, which lets ports up to 65536 through to where addresses are read, and begins every path at the root.
const local = (port: string): string => `tcp://127.0.0.1:${whole(port, 65_536)}`;
const ipc = (path: string): string => `ipc:///${path}`;

function format(name: FormatName, short?: string): Option {
  return flag(name, (draft) => draft.setFormat(name), short);
}

/** All options. `--req` and its like are abbreviations; `--sub`, which would be one of two, is there itself. */
export const OPTIONS: readonly Option[] = [
  flag("help", () => {}, "h"),
  flag("version", () => {}, "V"),
  flag("verbose", (draft) => draft.isVerbose = true, "v"),
  flag("silent", (draft) => draft.isVerbose = false, "q"),

  protocol("req0", "req"),
  protocol("rep0", "rep"),
  protocol("push0", "push"),
  protocol("pull0", "pull"),
  protocol("pub0", "pub"),
  protocol("sub", "sub"),
  protocol("sub0", "sub"),
  protocol("surveyor0", "surveyor"),
  protocol("respondent0", "respondent"),
  protocol("pair", "either pair"),
  protocol("pair0", "pair"),
  protocol("pair1", "pair1"),
  protocol("bus0", "bus"),

  endpoint("dial", "dial"),
  endpoint("listen", "listen"),
  endpoint("connect", "dial"),
  endpoint("bind", "listen"),
  endpoint("connect-ipc", "dial", ipc, "x"),
  endpoint("bind-ipc", "listen", ipc, "X"),
  endpoint("connect-local", "dial", local, "l"),
  endpoint("bind-local", "listen", local, "L"),

  option("data", (draft, text) => draft.setData(text), "D"),
  option("file", (draft, path) => draft.setFile(path), "F"),
  option("subscribe", (draft, topic) => void draft.subscriptions.push(topic)),

  option("format", (draft, name) => draft.setFormat(name)),
  format("ascii", "A"),
  format("quoted", "Q"),
  format("raw"),
  format("hex"),
  format("msgpack"),

  flag("compat", (draft) => draft.isCompatible = true),
  flag("async", (draft) => draft.isAsync = true),
  option("count", (draft, text) => void (draft.count = whole(text, INT_MAX)), "C"),
  option("delay", (draft, text) => void (draft.delay = milliseconds(text)), "d"),
  option("interval", (draft, text) => void (draft.interval = milliseconds(text)), "i"),
  option("recv-timeout", (draft, text) => void (draft.receiveTimeout = limit(text))),
  option("send-timeout", (draft, text) => void (draft.sendTimeout = limit(text))),
  option("recv-maxsz", (draft, text) => {
    draft.maxMessageSize = whole(text, INT_MAX) || INT_MAX;
  }, "Z"),

  flag("insecure", (draft) => draft.tls.insecure = true, "k"),
  option("cacert", (draft, path) => draft.setPem("cacert", path)),
  option("key", (draft, path) => draft.setPem("key", path)),
  option("cert", (draft, path) => draft.setPem("cert", path), "E"),

  // Taken and ignored, as by the original where it has no ZeroTier.
  option("socket-name", () => {}),
  option("zt-home", () => {}),
];

/** The option that a word means. */
function find(word: string, name: string): Option {
  const exact = OPTIONS.find((option) => option.name === name);
  if (exact !== undefined) return exact;
  const [found, other] = OPTIONS.filter((option) => option.name.startsWith(name));
  if (found === undefined) throw fatal(`Option ${word} is invalid.`);
  if (other !== undefined) throw fatal(`Option ${word} is ambiguous (specify in full).`);
  return found;
}

/**
 * Reads a command line up to the first word that is no option; nng ignores what follows.
 *
 * @throws {Failure} when an option is not known, or its argument is missing.
 */
export function* readOptions(args: readonly string[]): Generator<[Option, string]> {
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (!word.startsWith("-") || word === "-") return;
    const isLong = word.startsWith("--");
    // Of what is behind the name, the first character is a separator if the name is a long one.
    const name = isLong ? /^[^=:]*/.exec(word.slice(2))![0] : word[1]!;
    const rest = word.slice(isLong ? 2 + name.length : 2);
    const option = isLong ? find(word, name) : OPTIONS.find(({ short }) => short === name);
    if (option === undefined || (rest !== "" && option.takesArgument !== true)) {
      throw fatal(`Option ${word} is invalid.`);
    }
    if (option.takesArgument !== true) {
      yield [option, ""];
    } else if (rest !== "") {
      yield [option, isLong ? rest.slice(1) : rest];
    } else {
      const argument = args[++at];
      if (argument === undefined) throw fatal(`Option ${word} requires argument.`);
      yield [option, argument];
    }
  }
}

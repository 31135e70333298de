/** The flags of nanocat, one entry each: what it is called, what it does, what it goes with. */

import { type FormatName, FORMATTERS } from "../lib/formats.ts";
import type { TlsFiles } from "../lib/tls.ts";

/** What the command line asks for. Times are in milliseconds, `Infinity` is no limit. */
export interface Settings {
  /** `-v` adds one, `-q` takes one away; above zero, socket events are printed on stderr. */
  verbosity: number;
  protocol: ProtocolName | undefined;
  bind: string[];
  connect: string[];
  receiveTimeout: number;
  sendTimeout: number;
  socketName: string | undefined;
  subscriptions: string[];
  format: FormatName;
  /** Send again each so often; `Infinity`: send once. */
  interval: number;
  /** Wait after bind and connect, before anything else. */
  delay: number;
  data: Source | undefined;
  /** For addresses that are encrypted; left out if no flag says anything of it. */
  tls?: TlsFiles;
}

/** Where the bytes to send come from: the command line, or a file (`-` is standard input). */
export type Source = { readonly text: string } | { readonly path: string };

/** A socket type, as its flag is called. */
export type ProtocolName =
  | "push"
  | "pull"
  | "pub"
  | "sub"
  | "req"
  | "rep"
  | "surveyor"
  | "respondent"
  | "bus"
  | "pair"
  | "pair1"
  | "source"
  | "sink";

// What a flag can bring to a command line, exclude, or need. One bit each.
/** There is a socket type. */
export const SOCKET = 1;
/** The socket type can send. */
export const SENDS = 2;
/** The socket type can receive. */
export const RECEIVES = 4;
/** The socket type has subscriptions. */
export const SUBSCRIBES = 8;
/** There is something to send. */
export const DATA = 16;
/** There is an address. */
export const ENDPOINT = 32;

/** A value that its flag cannot take; the message completes "Option --x …". */
export class BadArgument extends Error {
  override readonly name = "BadArgument";
}

/** One flag. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** Another name of the program, under which the flag is set from the start. */
  readonly executable?: string;
  /**
   * Whether nanocat does not have it. It cannot be abbreviated, so that every abbreviation which
   * nanocat understands means the same here.
   */
  readonly isExtra?: boolean;
  /** What the help calls the argument; a flag without it takes none. */
  readonly argument?: string;
  /** The only values that the argument can have. */
  readonly choices?: readonly string[];
  readonly group: string;
  readonly help: string;
  /** Bits that the flag brings; none of these may be there before it. */
  readonly provides?: number;
  /** Bits that must not be there before the flag. */
  readonly conflicts?: number;
  /** A bit that must be there at the end. */
  readonly requires?: number;
  readonly apply: (settings: Settings, argument: string) => void;
}

/** As `strtof` does: decimal with an optional exponent, or infinity; the whole of the text. */
const FLOAT = /^\s*[+-]?(\d+\.?\d*|\.\d+|inf(inity)?$)(e[+-]?\d+)?$/i;

/** Milliseconds of `text`, which is in seconds. */
function milliseconds(text: string): number {
  if (!FLOAT.test(text)) throw new BadArgument("requires float point argument");
  return Number(text.replace(/inf(inity)?$/i, "Infinity")) * 1000;
}

/** What timers can count, 24 days; beyond it a time is as good as none. */
const LONGEST = 2 ** 31 - 1;

/** The same for a limit: a negative one is none. */
function limit(text: string): number {
  const time = milliseconds(text);
  return time < 0 || time > LONGEST ? Infinity : time;
}

/** The same for a pause. */
function pause(text: string): number {
  return Math.min(Math.max(milliseconds(text), 0), LONGEST);
}

function socketType(name: ProtocolName, provides: number, requires: number = 0): Flag {
  return {
    name,
    executable: `nn_${name}`,
    group: "Socket Types",
    help: `Use NN_${name.toUpperCase()} socket type`,
    provides: SOCKET | provides,
    conflicts: SOCKET,
    requires,
    apply: (settings) => settings.protocol = name,
  };
}

function extraSocketType(name: ProtocolName, provides: number, help: string, requires = 0): Flag {
  const { executable: _, ...flag } = socketType(name, provides, requires);
  return { ...flag, isExtra: true, help };
}

const LOCAL = "tcp://127.0.0.1:";

/** A way to give an address. */
export interface EndpointFlag {
  readonly name: string;
  readonly short?: string;
  readonly argument: string;
  /** What to do with the address. */
  readonly side: "bind" | "connect";
  /** What stands before the argument in the address. */
  readonly prefix: string;
}

/** All ways to give an address. */
export const ENDPOINTS: readonly EndpointFlag[] = [
  { name: "bind", argument: "ADDR", side: "bind", prefix: "" },
  { name: "connect", argument: "ADDR", side: "connect", prefix: "" },
  { name: "bind-ipc", short: "X", argument: "PATH", side: "bind", prefix: "ipc://" },
  { name: "connect-ipc", short: "x", argument: "PATH", side: "connect", prefix: "ipc://" },
  { name: "bind-local", short: "L", argument: "PORT", side: "bind", prefix: LOCAL },
  { name: "connect-local", short: "l", argument: "PORT", side: "connect", prefix: LOCAL },
];

/** What `--help` says of a way to give an address. */
export function endpointHelp({ side, argument, prefix }: EndpointFlag): string {
  const verb = side === "bind" ? "Bind to" : "Connect to";
  return `${verb} ${prefix === "" ? "the address ADDR" : `"${prefix}${argument}"`}`;
}

function endpoint(flag: EndpointFlag): Flag {
  const { side, prefix, ...named } = flag;
  return {
    ...named,
    group: "Socket Options",
    help: endpointHelp(flag),
    provides: ENDPOINT,
    apply: (settings, address) => settings[side].push(prefix + address),
  };
}

function format(name: FormatName, help: string, short?: string): Flag {
  return {
    name,
    ...(short === undefined ? {} : { short }),
    group: "Input Options",
    help,
    requires: RECEIVES,
    apply: (settings) => settings.format = name,
  };
}

function tlsFile(name: "cert" | "key" | "cacert", help: string): Flag {
  return {
    name,
    isExtra: true,
    argument: "FILE",
    group: "TLS Options",
    help,
    apply: (settings, argument) => settings.tls = { ...settings.tls, [name]: argument },
  };
}

/** All flags, in the order of the help. */
export const FLAGS: readonly Flag[] = [
  {
    name: "verbose",
    short: "v",
    group: "Generic",
    help: "Print what happens to the socket on standard error",
    apply: (settings) => settings.verbosity++,
  },
  {
    name: "silent",
    short: "q",
    group: "Generic",
    help: "Print less",
    apply: (settings) => settings.verbosity--,
  },
  { name: "help", short: "h", group: "Generic", help: "This help text", apply: () => {} },

  socketType("push", SENDS, DATA),
  socketType("pull", RECEIVES),
  socketType("pub", SENDS, DATA),
  socketType("sub", RECEIVES | SUBSCRIBES),
  socketType("req", SENDS | RECEIVES, DATA),
  socketType("rep", SENDS | RECEIVES),
  socketType("surveyor", SENDS | RECEIVES, DATA),
  socketType("respondent", SENDS | RECEIVES),
  socketType("bus", SENDS | RECEIVES),
  socketType("pair", SENDS | RECEIVES),
  extraSocketType("pair1", SENDS | RECEIVES, "Use PAIR version 1, which nng and mangos speak"),
  extraSocketType("source", SENDS, "Use SOURCE, the sending end of FANIN", DATA),
  extraSocketType("sink", RECEIVES, "Use SINK, the receiving end of FANIN"),

  ...ENDPOINTS.map(endpoint),
  {
    name: "recv-timeout",
    argument: "SEC",
    group: "Socket Options",
    help: "Stop when no message came for SEC seconds",
    requires: RECEIVES,
    apply: (settings, argument) => settings.receiveTimeout = limit(argument),
  },
  {
    name: "send-timeout",
    argument: "SEC",
    group: "Socket Options",
    help: "Fail when a message could not be sent for SEC seconds",
    requires: SENDS,
    apply: (settings, argument) => settings.sendTimeout = limit(argument),
  },
  {
    name: "socket-name",
    argument: "NAME",
    group: "Socket Options",
    help: "Call the socket NAME in what --verbose prints",
    apply: (settings, argument) => settings.socketName = argument,
  },
  tlsFile("cert", "Show this certificate, PEM, at addresses of tls+tcp:// and wss://"),
  tlsFile("key", "Its private key, PEM; if left out, it is looked for in the file of --cert"),
  tlsFile("cacert", "When connecting, trust certificates of these authorities, PEM"),
  {
    name: "insecure",
    isExtra: true,
    group: "TLS Options",
    help: "When connecting, trust every certificate: anybody may be at the other end",
    apply: (settings) => settings.tls = { ...settings.tls, insecure: true },
  },
  {
    name: "subscribe",
    argument: "PREFIX",
    group: "SUB Socket Options",
    help: "Receive what begins with PREFIX; may be repeated. Without it a SUB socket receives " +
      "everything.",
    requires: SUBSCRIBES,
    apply: (settings, argument) => settings.subscriptions.push(argument),
  },
  {
    name: "format",
    argument: "FORMAT",
    choices: Object.keys(FORMATTERS),
    group: "Input Options",
    help: "Print messages as FORMAT: one of the options below, or no (the default)",
    requires: RECEIVES,
    apply: (settings, argument) => settings.format = argument as FormatName,
  },
  format("raw", "Print the bytes of each message as they are, with nothing between messages"),
  format("ascii", "Print each message on a line, a dot for each byte that ASCII cannot print", "A"),
  format("quoted", "Print each message on a line, in double quotes, escaped as in C", "Q"),
  format("msgpack", "Print each message as MessagePack binary, for other programs to read"),
  format("hex", "Print each message on a line, in double quotes, each byte as \\xNN"),
  {
    name: "interval",
    short: "i",
    argument: "SEC",
    group: "Output Options",
    help: "Send the message (or request) every SEC seconds",
    requires: SENDS,
    apply: (settings, argument) => settings.interval = limit(argument),
  },
  {
    name: "delay",
    short: "d",
    argument: "SEC",
    group: "Output Options",
    help: "Wait SEC seconds before the first message, so that a PUB socket has subscribers",
    apply: (settings, argument) => settings.delay = pause(argument),
  },
  {
    name: "data",
    short: "D",
    argument: "DATA",
    group: "Output Options",
    help: "Send DATA, and quit for PUSH and PUB. It is the request of REQ and SURVEYOR, and " +
      "the answer of REP and RESPONDENT.",
    provides: DATA,
    conflicts: DATA,
    requires: SENDS,
    apply: (settings, argument) => settings.data = { text: argument },
  },
  {
    name: "file",
    short: "F",
    argument: "PATH",
    group: "Output Options",
    help: "As --data, with the whole content of the file PATH; - is standard input",
    provides: DATA,
    conflicts: DATA,
    requires: SENDS,
    apply: (settings, argument) => settings.data = { path: argument },
  },
];

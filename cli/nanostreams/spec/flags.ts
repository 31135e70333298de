/* The flags that several subcommands share, by what they are about. */
import type { Flag } from "./types.ts";
import { count, duration, header, rate, size } from "./values.ts";

const ADDRESSES = "Addresses";
const INPUT = "What is sent";
const OUTPUT = "What is printed";
const LIMITS = "Times and limits";
const TLS = "TLS and WebSocket";
const REPORTS = "Reports, on standard error";

/** Where to. */
export const ADDRESS_FLAGS: readonly Flag[] = [
  {
    name: "bind",
    short: "b",
    argument: "URL",
    repeats: true,
    group: ADDRESSES,
    help: "Bind to an address; may be repeated",
  },
  {
    name: "connect",
    short: "c",
    argument: "URL",
    repeats: true,
    group: ADDRESSES,
    help: "Connect to an address; may be repeated",
  },
  {
    name: "wire",
    short: "w",
    argument: "WIRE",
    choices: ["sp", "zmtp"],
    group: ADDRESSES,
    help: "Speak nanomsg's wire (sp) or ZeroMQ's (zmtp) [sp]",
  },
];

/** What is sent, and how it is read. */
export const INPUT_FLAGS: readonly Flag[] = [
  {
    name: "data",
    short: "d",
    argument: "TEXT",
    repeats: true,
    group: INPUT,
    help: "Send TEXT instead of standard input; may be repeated. {{n}}, {{time}}, {{uuid}} are filled in",
  },
  {
    name: "file",
    short: "f",
    argument: "PATH",
    repeats: true,
    group: INPUT,
    help: "Send a whole file as one message; may be repeated, - is standard input",
  },
  { name: "lines", group: INPUT, help: "Each line of standard input is a message [the default]" },
  { name: "ndjson", group: INPUT, help: "Each line is JSON: a text, or what --json prints" },
  { name: "null", isRare: true, short: "0", group: INPUT, help: "Messages end with a zero byte" },
  {
    name: "length-prefixed", isRare: true,
    group: INPUT,
    help: "Each message stands behind its length, four bytes big-endian",
  },
  { name: "base64", isRare: true, group: INPUT, help: "Each line is base64" },
  { name: "expand", isRare: true, group: INPUT, help: "Fill {{n}}, {{time}}, {{uuid}} in standard input too" },
  {
    name: "rate",
    argument: "N",
    group: INPUT,
    help: "Send at most N messages a second",
    parse: rate,
  },
  {
    name: "interval",
    short: "i",
    argument: "TIME",
    group: INPUT,
    help: "Wait so long between messages; alone with --data, send it again and again",
    parse: duration,
  },
  {
    name: "repeat", isRare: true,
    argument: "N",
    group: INPUT,
    help: "Send all of --data and --file N times",
    parse: count(1),
  },
];

/** What is printed of messages. */
export const OUTPUT_FLAGS: readonly Flag[] = [
  { name: "json", short: "j", group: OUTPUT, help: "Print a JSON object a line" },
  { name: "raw", short: "r", group: OUTPUT, help: "Print the bytes as they are, and nothing between" },
  {
    name: "template",
    short: "t",
    argument: "TEXT",
    group: OUTPUT,
    help: "Print TEXT with {{data}}, {{hex}}, {{base64}}, {{n}}, {{time}}, {{peer}}, {{size}}, {{topic}}",
  },
  { name: "timestamp", short: "T", group: OUTPUT, help: "Print the time before each message" },
  { name: "quiet", short: "q", group: OUTPUT, help: "Print no messages" },
  { name: "force", isRare: true, group: OUTPUT, help: "Print raw bytes even to a terminal" },
];

/** Hexadecimal digits, in and out. */
export const HEX: Flag = {
  name: "hex",
  short: "x",
  group: OUTPUT,
  help: "Messages are lines of hexadecimal digits",
};

/** How many messages, and how long. */
export const LIMIT_FLAGS: readonly Flag[] = [
  {
    name: "count",
    short: "n",
    argument: "N",
    group: LIMITS,
    help: "Stop after N messages",
    parse: count(1),
  },
  {
    name: "timeout",
    argument: "TIME",
    group: LIMITS,
    help: "Give up after so long, as 500ms, 2s or 1m: exit status 4 [forever]",
    parse: duration,
  },
  {
    name: "linger", isRare: true,
    argument: "TIME",
    group: LIMITS,
    help: "Go on sending so long at the end [forever, until a second signal]",
    parse: duration,
  },
  {
    name: "max-size", isRare: true,
    argument: "SIZE",
    group: LIMITS,
    help: "Take messages up to SIZE, as 64k or 16M [1M; zmtp: 64M]",
    parse: size,
  },
  {
    name: "fail-fast", isRare: true,
    group: LIMITS,
    help: "Fail if the first try to connect fails [try again]",
  },
  {
    name: "send-buffer", isRare: true,
    argument: "SIZE",
    group: LIMITS,
    help: "Bytes that wait for a peer [512k; 1M to all]",
    parse: size,
  },
  {
    name: "receive-buffer", isRare: true,
    argument: "SIZE",
    group: LIMITS,
    help: "Bytes that wait to be printed [2M]",
    parse: size,
  },
];

/** Who is trusted, and how connections are kept. */
export const CONNECTION_FLAGS: readonly Flag[] = [
  { name: "cert", isRare: true, argument: "FILE", group: TLS, help: "Our certificate, PEM" },
  { name: "key", isRare: true, argument: "FILE", group: TLS, help: "Its private key, PEM" },
  { name: "cacert", isRare: true, argument: "FILE", group: TLS, help: "Certificates of who is trusted, PEM" },
  { name: "insecure", isRare: true, short: "k", group: TLS, help: "Trust whatever certificate the peer shows" },
  { name: "server-name", isRare: true, argument: "NAME", group: TLS, help: "The name to ask for, and to expect" },
  {
    name: "header", isRare: true,
    short: "H",
    argument: "LINE",
    repeats: true,
    group: TLS,
    help: 'A header of the WebSocket request, as "Name: value"; may be repeated',
    parse: header,
  },
  {
    name: "keep-alive", isRare: true,
    argument: "TIME",
    group: TLS,
    help: "How long a connection may be still before it is probed [15s]",
    parse: duration,
  },
];

/** What happens. */
export const REPORT_FLAGS: readonly Flag[] = [
  { name: "stats", group: REPORTS, help: "A line a second, and a table at the end" },
  {
    name: "events",
    argument: "FORMAT",
    isOptional: true,
    choices: ["text", "json"],
    group: REPORTS,
    help: "Who comes and goes, what fails and what is lost",
  },
  { name: "progress", isRare: true, group: REPORTS, help: "A progress bar, where there is an end" },
  { name: "verbose", short: "v", group: REPORTS, help: "The same as --events, and what is bound" },
];

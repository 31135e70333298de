/* The flags that say what is sent, and how messages are printed. */
import type { Flag } from "./types.ts";
import { count, duration, rate, template } from "./values.ts";

const INPUT = "What is sent";
const OUTPUT = "What is printed";

const FORMATS_IN = ["lines", "ndjson", "null", "length-prefixed", "hex", "base64"];
const FORMATS_OUT = ["json", "raw", "template", "quiet"];

const others = (all: readonly string[], name: string): readonly string[] =>
  all.filter((other) => other !== name);

/** What is sent, and how it is read. */
export const INPUT_FLAGS: readonly Flag[] = [
  {
    name: "data",
    short: "d",
    argument: "TEXT",
    repeats: true,
    group: INPUT,
    help:
      "Send TEXT instead of standard input; may be repeated. {{n}}, {{time}}, {{uuid}} are filled in",
  },
  {
    name: "file",
    short: "f",
    argument: "PATH",
    repeats: true,
    group: INPUT,
    help: "Send a whole file as one message; may be repeated, - is standard input",
  },
  {
    name: "lines",
    isRare: true,
    group: INPUT,
    help: "Each line of standard input is a message [the default]",
  },
  { name: "ndjson", group: INPUT, help: "Each line is JSON: a text, or what --json prints" },
  { name: "null", isRare: true, short: "0", group: INPUT, help: "Messages end with a zero byte" },
  {
    name: "length-prefixed",
    isRare: true,
    group: INPUT,
    help: "Each message follows its length, four bytes big-endian",
  },
  { name: "base64", isRare: true, group: INPUT, help: "Each line is base64" },
  {
    name: "expand",
    isRare: true,
    group: INPUT,
    help: "Fill {{n}}, {{time}}, {{uuid}} in standard input too",
  },
].map((flag) =>
  FORMATS_IN.includes(flag.name) ? { ...flag, conflicts: others(FORMATS_IN, flag.name) } : flag
);

/** When it is sent, and how often. */
export const PACE_FLAGS: readonly Flag[] = [
  {
    name: "rate",
    argument: "N",
    group: INPUT,
    help: "Send at most N messages a second",
    conflicts: ["interval"],
    parse: rate,
  },
  {
    name: "interval",
    short: "i",
    argument: "TIME",
    group: INPUT,
    help: "Wait TIME between messages; --data and --file are sent again and again",
    parse: duration,
  },
  {
    name: "repeat",
    isRare: true,
    argument: "N",
    group: INPUT,
    help: "Send all of --data and --file N times [1; with --count or --interval without end]",
    parse: count(1),
  },
];

/** What is printed of messages. */
export const OUTPUT_FLAGS: readonly Flag[] = [
  { name: "json", short: "j", group: OUTPUT, help: "Print a JSON object a line" },
  {
    name: "raw",
    short: "r",
    group: OUTPUT,
    help: "Print the bytes as they are, with nothing between messages",
  },
  {
    name: "template",
    short: "t",
    argument: "TEXT",
    group: OUTPUT,
    help:
      "Print TEXT with {{data}}, {{hex}}, {{base64}}, {{n}}, {{time}}, {{peer}}, {{size}}, {{topic}}",
    parse: template,
  },
  { name: "quiet", short: "q", group: OUTPUT, help: "Print no messages" },
  { name: "timestamp", short: "T", group: OUTPUT, help: "Print the time before each message" },
  {
    name: "force",
    isRare: true,
    group: OUTPUT,
    help: "Print binary messages whole, even to a terminal",
  },
].map((flag) =>
  FORMATS_OUT.includes(flag.name) ? { ...flag, conflicts: others(FORMATS_OUT, flag.name) } : flag
).map((flag) => flag.name === "timestamp" ? { ...flag, conflicts: ["raw", "template"] } : flag);

/** Hexadecimal digits in. */
export const HEX_IN: Flag = {
  name: "hex",
  short: "x",
  group: INPUT,
  conflicts: others(FORMATS_IN, "hex"),
  help: "Each line is hexadecimal digits",
};

/** Hexadecimal digits out. */
export const HEX_OUT: Flag = {
  name: "hex",
  short: "x",
  group: OUTPUT,
  conflicts: FORMATS_OUT,
  help: "Print each message as a line of hexadecimal digits",
};

/** Hexadecimal digits, in and out. */
export const HEX_BOTH: Flag = {
  name: "hex",
  short: "x",
  group: OUTPUT,
  conflicts: others(FORMATS_IN, "hex"),
  help: "Messages are lines of hexadecimal digits, sent and printed",
};

/** When to begin to send. @param otherwise How many there must be without the flag. */
export function waitPeers(otherwise: number): Flag {
  return {
    name: "wait-peers",
    argument: "N",
    group: INPUT,
    help: `Wait for N peers before sending [${otherwise}]; on zmtp, pub waits for subscribers`,
    parse: count(0),
  };
}

/** What is taken. */
export const SUBSCRIBE: Flag = {
  name: "subscribe",
  short: "s",
  argument: "PREFIX",
  repeats: true,
  group: OUTPUT,
  help: "Receive what begins with PREFIX; may be repeated [everything]",
};

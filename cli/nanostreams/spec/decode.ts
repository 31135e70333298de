/* The subcommand decode. */
import { BadValue, type Command, type Flag } from "./types.ts";
import { count } from "./values.ts";

const INPUT = "What is read";
const OUTPUT = "What is printed";
const GUESSES = "What cannot be seen from the bytes";

const FLAGS: readonly Flag[] = [
  {
    name: "hex",
    short: "x",
    group: INPUT,
    help: "The input is hexadecimal text: digits, or what xxd and hexdump -C print; " +
      "lines that begin with > and < are the two ends [as it looks]",
  },
  {
    name: "port",
    argument: "N",
    group: INPUT,
    help: "Of a capture, take connections of this port only",
    parse: port,
  },
  { name: "json", short: "j", group: OUTPUT, help: "Print a JSON object a part" },
  { name: "all", short: "a", group: OUTPUT, help: "Print all bytes of long parts" },
  {
    name: "wire",
    short: "w",
    argument: "WIRE",
    choices: ["sp", "zmtp"],
    group: GUESSES,
    help: "Where the greeting is missing: whose bytes they are [what fits]",
  },
  {
    name: "protocol",
    short: "p",
    argument: "NAME",
    group: GUESSES,
    help: "Where the greeting is missing: who sent them, as req or PUB",
  },
  {
    name: "framing",
    argument: "HOW",
    choices: ["tcp", "ipc"],
    group: GUESSES,
    help: "How SP's messages are framed [as it looks]",
  },
];

function port(text: string): number {
  const number = count(1)(text);
  if (number > 65535) throw new BadValue("a port, 1 to 65535");
  return number;
}

export const DECODE: Command = {
  name: "decode",
  summary: "Take captured bytes apart, part by part",
  about:
    "Lists what SP and ZMTP say in bytes: of a file or standard input, raw, as hexadecimal text, or " +
    "a pcap or pcapng capture of TCP connections. A part that is malformed is marked with !, and the rest follows. " +
    "Passwords are not shown; messages are.",
  operands: "[FILE]",
  flags: FLAGS,
  examples: [
    {
      line: "nanostreams decode capture.pcapng",
      files: ["capture.pcapng"],
      about: "List the connections of a capture",
    },
    {
      line:
        "echo '00 53 50 00 00 30 00 00 0000000000000006 80000001 6869' | nanostreams decode --hex",
      about: "List what a REQ socket said",
    },
    {
      line: "nanostreams decode --json capture.pcapng --port 5555 | head -n 3",
      files: ["capture.pcapng"],
      about: "The first parts of the connections of a port, as JSON",
    },
  ],
  load: () => import("../decode/decode.ts"),
};

/* The subcommand decode. */
import { BadValue, type Command, type Flag } from "./types.ts";
import { count } from "./values.ts";

const INPUT = "What is read";
const OUTPUT = "What is printed";
const GUESSES = "If the greeting is missing";

const FLAGS: readonly Flag[] = [
  {
    name: "hex",
    short: "x",
    group: INPUT,
    help:
      "Read hexadecimal text: digits, or output of xxd, hexdump -C, tcpdump -x; > and < at the " +
      "beginning of lines tell the two ends apart [if it looks like it]",
  },
  {
    name: "port",
    argument: "N",
    group: INPUT,
    help: "In a capture, decode only connections of this port",
    parse: port,
  },
  { name: "json", short: "j", group: OUTPUT, help: "Print a JSON object for each part" },
  { name: "all", short: "a", group: OUTPUT, help: "Print all bytes of long parts" },
  {
    name: "wire",
    short: "w",
    argument: "WIRE",
    choices: ["sp", "zmtp"],
    group: GUESSES,
    help: "The wire that was spoken [the one that fits]",
  },
  {
    name: "protocol",
    short: "p",
    argument: "NAME",
    group: GUESSES,
    help: "The sender's protocol or socket type, as req or router",
  },
  {
    name: "framing",
    argument: "HOW",
    choices: ["tcp", "ipc"],
    group: GUESSES,
    help: "How SP frames messages [the one that fits]",
  },
];

function port(text: string): number {
  const number = count(1)(text);
  if (number > 65535) throw new BadValue("a port, 1 to 65535");
  return number;
}

export const DECODE: Command = {
  name: "decode",
  summary: "List captured bytes part by part",
  about:
    "Lists what SP and ZMTP peers sent, part by part: from raw bytes, hexadecimal text, or a pcap or pcapng capture of TCP " +
    "connections. A malformed part is marked with !, and decoding goes on. Passwords are not shown, messages are.",
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

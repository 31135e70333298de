/* The subcommands. */
import { DECODE } from "./decode.ts";
import {
  ADDRESS_FLAGS,
  CONNECTION_FLAGS,
  HEX,
  INPUT_FLAGS,
  LIMIT_FLAGS,
  OUTPUT_FLAGS,
  REPORT_FLAGS,
} from "./flags.ts";
import { PROBE } from "./probe.ts";
import type { Command, Example, Flag } from "./types.ts";
import { count } from "./values.ts";

const OTHERS: readonly Flag[] = [...LIMIT_FLAGS, ...CONNECTION_FLAGS, ...REPORT_FLAGS];
const SENDS: readonly Flag[] = [...ADDRESS_FLAGS, ...INPUT_FLAGS, HEX, ...OTHERS];
const RECEIVES: readonly Flag[] = [...ADDRESS_FLAGS, ...OUTPUT_FLAGS, HEX, ...OTHERS];
const BOTH: readonly Flag[] = [...ADDRESS_FLAGS, ...INPUT_FLAGS, ...OUTPUT_FLAGS, HEX, ...OTHERS];

const SUBSCRIBE: Flag = {
  name: "subscribe",
  short: "s",
  argument: "PREFIX",
  repeats: true,
  group: "What is printed",
  help: "Take what begins with PREFIX; may be repeated [everything]",
};

const WAIT_PEERS: Flag = {
  name: "wait-peers",
  argument: "N",
  group: "What is sent",
  help: "Send nothing until N peers are there",
  parse: count(1),
};

/** What is common to the subcommands that are sockets. */
function socket(
  name: string,
  habit: "bind" | "connect",
  flags: readonly Flag[],
  summary: string,
  about: string,
  examples: readonly Example[],
): Command {
  const verb = habit === "bind" ? "bound" : "connected to";
  return {
    name,
    summary,
    about: `${about} A URL without a flag is ${verb}.`,
    operands: "[URL...]",
    flags,
    examples,
    load: () => import("../run/socket.ts"),
  };
}

/** All subcommands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  socket(
    "push",
    "connect",
    [...SENDS, WAIT_PEERS],
    "Deal messages out to pullers",
    "Sends each message to one of the peers, in turn. It waits for peers, and for those that are slow.",
    [
      {
        line: "seq 1 100 | nanostreams push tcp://127.0.0.1:5555",
        about: "Send a hundred lines to whoever pulls there",
      },
    ],
  ),
  socket(
    "pull",
    "bind",
    RECEIVES,
    "Take what pushers deal out",
    "Prints messages, in turn from all peers.",
    [
      {
        line: "nanostreams pull tcp://127.0.0.1:5555 --count 100",
        about: "Print a hundred messages, then end",
      },
    ],
  ),
  socket(
    "sub",
    "connect",
    [...RECEIVES, SUBSCRIBE],
    "Take what publishers send",
    "Prints the messages that begin with one of the prefixes.",
    [
      {
        line: "nanostreams sub tcp://127.0.0.1:5556 --subscribe weather --timestamp",
        about: "Print the weather, and when it came",
      },
    ],
  ),
  PROBE,
  DECODE,
];

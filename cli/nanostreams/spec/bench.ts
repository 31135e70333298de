/* `bench`: how fast messages go between two ends. */
import {
  CONNECTION_FLAGS,
  OVERFLOW,
  RECEIVE_LIMITS,
  REPORT_FLAGS,
  SEND_LIMITS,
  WIRE,
} from "./flags.ts";
import type { Command, Flag } from "./types.ts";
import { count, duration, size } from "./values.ts";

const ENDS = "The two ends";
const MEASURED = "What is measured";
const LIMITS = "Times and limits";
const OUTPUT = "What is printed";

const FLAGS: readonly Flag[] = [
  {
    name: "serve",
    group: ENDS,
    help: "Be the other end: bind to URL, until it is stopped",
  },
  {
    name: "connect",
    short: "c",
    argument: "URL",
    group: ENDS,
    help: "The other end is there: bench --serve, or with reqrep any REP that answers",
  },
  { ...WIRE, group: ENDS },
  {
    name: "until-eof",
    isRare: true,
    group: ENDS,
    help: "With --serve: stop as well when standard input ends",
  },
  {
    name: "pattern",
    short: "p",
    argument: "PATTERN",
    choices: ["pushpull", "pubsub", "reqrep"],
    group: MEASURED,
    help: "Throughput by pushpull or pubsub, round trips by reqrep [pushpull]",
  },
  {
    name: "size",
    short: "s",
    argument: "SIZE",
    group: MEASURED,
    help: "Bytes of each message, as 64 or 16k; with pushpull and pubsub, where it is served [128]",
    parse: size,
  },
  {
    name: "count",
    short: "n",
    argument: "N",
    group: MEASURED,
    help: "Measure N messages, after the first",
    conflicts: ["time"],
    parse: count(1),
  },
  {
    name: "time",
    short: "t",
    argument: "TIME",
    group: MEASURED,
    help: "Measure for TIME, after a quarter of a second [3s]",
    parse: duration,
  },
  {
    name: "concurrency",
    argument: "N",
    wire: "sp",
    group: MEASURED,
    help: "With reqrep: how many requests are in flight at once [1]",
    parse: count(1),
  },
  { name: "json", short: "j", group: OUTPUT, help: "Print a JSON object" },
  {
    name: "timeout",
    argument: "TIME",
    group: LIMITS,
    help: "Give up if nothing comes for TIME: exit status 4 [10s]",
    parse: duration,
  },
  { ...OVERFLOW, help: "What pub does when a peer's queue is full [block]" },
  ...SEND_LIMITS.filter(({ name }) => name !== "linger"),
  ...RECEIVE_LIMITS,
  ...CONNECTION_FLAGS,
  ...REPORT_FLAGS,
];

/** Measures. */
export const BENCH: Command = {
  name: "bench",
  summary: "Measure throughput and latency between two ends",
  about: "Starts an end in a process of its own, which binds, connects to it, and measures: " +
    "push and pub there send without end, rep there answers. " +
    "On other machines: --serve there, --connect here.",
  operands: "[URL]",
  flags: FLAGS.map((flag) => flag.group === LIMITS ? { ...flag, isRare: true } : flag),
  examples: [
    { line: "nanostreams bench --time 1s", about: "Measure this machine, by TCP" },
    {
      line: "nanostreams bench --pattern reqrep --size 1k --count 1000 --json",
      about: "A thousand round trips of a kilobyte",
    },
    {
      line: "nanostreams bench ws://127.0.0.1:5575 --pattern pubsub --time 1s",
      about: "Publishing, over WebSocket",
    },
    {
      line: "nanostreams bench --pattern reqrep --connect tcp://127.0.0.1:5574 --count 100",
      about: "Measure a REP that is there",
      beside: ["nanostreams rep tcp://127.0.0.1:5574 --echo --quiet --count 101"],
    },
  ],
  load: () => import("../bench/bench.ts"),
};

/* The sockets that ask and answer. */
import { COUNT, RECEIVE_LIMITS, SEND_LIMITS, timeout, TTL } from "./flags.ts";
import { HEX_BOTH, INPUT_FLAGS, OUTPUT_FLAGS, PACE_FLAGS, waitPeers } from "./messages.ts";
import { socket } from "./socket.ts";
import type { Command, Flag } from "./types.ts";
import { count, duration } from "./values.ts";

const ASKING = "Questions and answers";

const CONCURRENCY: Flag = {
  name: "concurrency",
  argument: "N",
  group: ASKING,
  help: "How many are handled at once",
  parse: count(1),
};

/** What is different about flags where messages are answers. */
const ANSWERING_HELP: Readonly<Record<string, string>> = {
  data:
    "Answer with TEXT, in turn if repeated, instead of lines of standard input. {{n}}, {{time}}, {{uuid}} are filled in",
  file: "Answer with a whole file",
};

const ANSWERS: readonly Flag[] = [
  {
    name: "exec",
    short: "e",
    argument: "CMD",
    group: ASKING,
    help: "Run CMD for each question, which it reads; what it prints is the answer",
    conflicts: ["exec-lines", "echo", "data", "file"],
  },
  {
    name: "exec-lines",
    argument: "CMD",
    group: ASKING,
    help: "Run CMD once: it reads questions and prints answers, a line each",
    conflicts: ["echo", "data", "file"],
  },
  {
    name: "echo",
    group: ASKING,
    help: "Answer with the question",
    conflicts: ["data", "file"],
  },
  {
    name: "exec-timeout",
    isRare: true,
    argument: "TIME",
    group: ASKING,
    help: "How long CMD may take to answer [30s]",
    parse: duration,
  },
  { ...CONCURRENCY, help: "How many questions are handled at once [the number of processors]" },
  ...INPUT_FLAGS.map((flag) => {
    const help = ANSWERING_HELP[flag.name];
    return help === undefined ? { ...flag, isRare: true } : { ...flag, help };
  }),
  ...OUTPUT_FLAGS,
  HEX_BOTH,
  timeout("End after TIME: exit status 4 if too few messages came"),
  { ...COUNT, help: "Stop after N answers" },
  TTL,
  ...SEND_LIMITS,
  ...RECEIVE_LIMITS,
];

/** Asks one. */
export const REQ: Command = socket({
  name: "req",
  habit: "connect",
  wires: "both",
  flags: [
    ...INPUT_FLAGS,
    ...PACE_FLAGS,
    { ...CONCURRENCY, help: "How many requests are in flight at once [1]" },
    ...OUTPUT_FLAGS,
    HEX_BOTH,
    timeout("Give up on a reply after TIME: exit status 4"),
    { ...COUNT, help: "Stop after N requests" },
    {
      name: "resend",
      isRare: true,
      argument: "TIME",
      wire: "sp",
      group: ASKING,
      help: "Ask again if there is no reply for TIME [1m]",
      parse: duration,
    },
    {
      name: "attempts",
      isRare: true,
      argument: "N",
      wire: "sp",
      group: ASKING,
      help: "Ask at most N times",
      parse: count(1),
    },
    ...SEND_LIMITS,
    ...RECEIVE_LIMITS,
  ],
  summary: "Ask, and print the reply",
  about:
    "Sends each message as a request to one of the peers, and prints its reply before the next. " +
    "Exit status 0: all were answered; 4: not all.",
  examples: [
    {
      line: "nanostreams req tcp://127.0.0.1:5558 --data 'how are you?' --timeout 10s",
      about: "Ask once, and wait ten seconds for the reply",
      beside: ["nanostreams rep tcp://127.0.0.1:5558 --echo --count 1"],
    },
  ],
});

/** Answers requests. */
export const REP: Command = socket({
  name: "rep",
  habit: "bind",
  wires: "both",
  flags: ANSWERS,
  summary: "Answer requests",
  about:
    "Prints requests, and answers each: by a command, by --data, or by a line of standard input.",
  examples: [
    {
      line: "nanostreams rep tcp://127.0.0.1:5558 --exec 'tr a-z A-Z'",
      about: "Answer with what a command makes of each request",
      beside: ["nanostreams req tcp://127.0.0.1:5558 --data hello"],
    },
    {
      line: "nanostreams rep ws://127.0.0.1:5559/clock --data '{{time}}' --quiet",
      about: "Answer every request with the time",
      beside: ["nanostreams req ws://127.0.0.1:5559/clock --data '?'"],
    },
  ],
});

/** Asks everybody. */
export const SURVEYOR: Command = socket({
  name: "surveyor",
  habit: "bind",
  wires: "sp",
  flags: [
    ...INPUT_FLAGS,
    ...PACE_FLAGS,
    waitPeers(1),
    {
      name: "deadline",
      argument: "TIME",
      group: ASKING,
      help: "How long a survey lasts [1s]",
      parse: duration,
    },
    {
      name: "expect",
      argument: "N",
      group: ASKING,
      help: "End a survey with N answers: exit status 4 if there are fewer",
      parse: count(1),
    },
    ...OUTPUT_FLAGS,
    HEX_BOTH,
    timeout("Give up when --wait-peers takes longer than TIME: exit status 4"),
    { ...COUNT, help: "Stop after N surveys" },
    ...SEND_LIMITS,
    ...RECEIVE_LIMITS,
  ],
  summary: "Ask all respondents, and print the answers",
  about:
    "Sends each message to all peers, and prints what they answer, each with its time and peer. " +
    "Exit status 4: nobody answered.",
  examples: [
    {
      line: "nanostreams surveyor tcp://127.0.0.1:5560 --data 'who is there?' --wait-peers 2",
      about: "Wait for two respondents, and ask them",
      beside: [
        "nanostreams respondent tcp://127.0.0.1:5560 --data me --count 1 & " +
        "nanostreams respondent tcp://127.0.0.1:5560 --data 'me too' --count 1; wait",
      ],
    },
  ],
});

/** Answers surveys. */
export const RESPONDENT: Command = socket({
  name: "respondent",
  habit: "connect",
  wires: "sp",
  flags: ANSWERS,
  summary: "Answer surveys",
  about:
    "Prints surveys, and answers each: by a command, by --data, or by a line of standard input.",
  examples: [
    {
      line: "nanostreams respondent tcp://127.0.0.1:5560 --exec hostname",
      about: "Tell the name of this machine",
      beside: ["nanostreams surveyor tcp://127.0.0.1:5560 --data 'who is there?' --expect 1"],
    },
  ],
});

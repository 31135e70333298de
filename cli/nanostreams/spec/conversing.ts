/* The sockets that send and receive. */
import { COUNT, OVERFLOW, RECEIVE_LIMITS, SEND_LIMITS, timeout, TTL } from "./flags.ts";
import {
  HEX_BOTH,
  INPUT_FLAGS,
  OUTPUT_FLAGS,
  PACE_FLAGS,
  SUBSCRIBE,
  waitPeers,
} from "./messages.ts";
import { socket } from "./socket.ts";
import type { Command, Flag } from "./types.ts";

const ROUTING_ID: Flag = {
  name: "routing-id",
  isRare: true,
  argument: "NAME",
  wire: "zmtp",
  group: "Connections",
  help: "Our name for router peers (zmtp)",
};

const CONVERSES: readonly Flag[] = [
  ...INPUT_FLAGS,
  ...PACE_FLAGS,
  ...OUTPUT_FLAGS,
  HEX_BOTH,
  timeout("End after TIME: exit status 4 if too few messages came"),
  { ...COUNT, help: "Stop after N messages have come and all are sent" },
  ...SEND_LIMITS,
  ...RECEIVE_LIMITS,
];

/** Talks to all. */
export const BUS: Command = socket({
  name: "bus",
  habit: "connect",
  wires: "sp",
  flags: [...CONVERSES, waitPeers(1), OVERFLOW],
  summary: "Talk to all connected peers",
  about: "Sends each message to all peers, and prints what they send.",
  examples: [
    {
      line: "nanostreams bus --bind tcp://127.0.0.1:5561",
      about: "Talk to all peers, a line each",
      beside: ["nanostreams bus tcp://127.0.0.1:5561 --data hello --count 0"],
    },
  ],
});

/** Talks to one. */
export const PAIR: Command = socket({
  name: "pair",
  habit: "connect",
  wires: "both",
  flags: CONVERSES,
  summary: "Talk to one peer",
  about: "Sends messages to one peer, and prints what it sends.",
  examples: [
    {
      line: "nanostreams pair --bind tcp://127.0.0.1:5562",
      about: "Wait for a peer, and talk to it, a line each",
      beside: ["echo hello | nanostreams pair tcp://127.0.0.1:5562 --count 0"],
    },
  ],
});

/** Talks to one, version 1. */
export const PAIR1: Command = socket({
  name: "pair1",
  habit: "connect",
  wires: "sp",
  flags: [...CONVERSES, TTL],
  summary: "Talk to one peer, by PAIR version 1",
  about: "Sends messages to one peer, and prints what it sends, as nng's PAIR version 1 does.",
  examples: [
    {
      line: "nanostreams pair1 tcp://127.0.0.1:5562 --data hello --count 1",
      about: "Say hello, and print what is said to it",
      beside: ["nanostreams pair1 --bind tcp://127.0.0.1:5562 --data welcome --count 1"],
    },
  ],
});

/** Talks in turn. */
export const DEALER: Command = socket({
  name: "dealer",
  habit: "connect",
  wires: "zmtp",
  flags: [...CONVERSES, ROUTING_ID],
  summary: "Talk to peers in turn (zmtp)",
  about: "Sends each message to one of the peers, in turn, and prints what they send. " +
    'For messages of several frames: --ndjson, with {"frames": ["one", "two"]}.',
  examples: [
    {
      line:
        `echo '{"frames": ["", "hello"]}' | nanostreams dealer tcp://127.0.0.1:5563 --ndjson --count 1`,
      about: "Ask a REP: an empty frame, then the request",
      beside: ["nanostreams rep --wire zmtp tcp://127.0.0.1:5563 --echo --count 1"],
    },
  ],
});

/** Talks by name. */
export const ROUTER: Command = socket({
  name: "router",
  habit: "bind",
  wires: "zmtp",
  flags: [...CONVERSES, ROUTING_ID],
  summary: "Talk to each peer by its name (zmtp)",
  about:
    "Prints what peers send, after the sender's name, and sends to the peer that the first frame names: " +
    '--ndjson, with {"frames": ["name", "text"]}.',
  examples: [
    {
      line: "nanostreams router tcp://127.0.0.1:5564 --json --count 1",
      about: "Print who says what",
      beside: ["nanostreams dealer tcp://127.0.0.1:5564 --routing-id me --data hello --count 0"],
    },
  ],
});

/** Publishes, and shows subscriptions. */
export const XPUB: Command = socket({
  name: "xpub",
  habit: "bind",
  wires: "zmtp",
  flags: [...CONVERSES, waitPeers(0), OVERFLOW],
  summary: "Publish, and print who subscribes to what (zmtp)",
  about:
    "Sends each message to those who subscribed to it. Prints subscriptions as a byte 1 and the prefix, and their ends as a byte 0.",
  examples: [
    {
      line: "nanostreams xpub tcp://127.0.0.1:5565 --count 1",
      about: "Print the first subscription",
      beside: [
        "nanostreams sub --wire zmtp tcp://127.0.0.1:5565 --subscribe weather --timeout 3s || true",
      ],
    },
  ],
});

/** Subscribes by messages. */
export const XSUB: Command = socket({
  name: "xsub",
  habit: "connect",
  wires: "zmtp",
  flags: [...CONVERSES, { ...SUBSCRIBE, help: "Subscribe to PREFIX; may be repeated [nothing]" }],
  summary: "Subscribe by messages (zmtp)",
  about:
    "Prints what publishers send. A message of a byte 1 and a prefix subscribes; one of a byte 0 and a prefix unsubscribes.",
  examples: [
    {
      line: "nanostreams xsub tcp://127.0.0.1:5566 --subscribe weather --count 1",
      about: "Print the next news of the weather",
      beside: [
        "nanostreams pub --wire zmtp tcp://127.0.0.1:5566 --wait-peers 1 --data 'weather: rain'",
      ],
    },
  ],
});

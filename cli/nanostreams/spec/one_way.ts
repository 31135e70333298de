/* The sockets that only send, or only receive. */
import { COUNT, OVERFLOW, RECEIVE_LIMITS, SEND_LIMITS, timeout } from "./flags.ts";
import {
  HEX_IN,
  HEX_OUT,
  INPUT_FLAGS,
  OUTPUT_FLAGS,
  PACE_FLAGS,
  SUBSCRIBE,
  waitPeers,
} from "./messages.ts";
import { socket } from "./socket.ts";
import type { Command, Flag } from "./types.ts";

const SENDS: readonly Flag[] = [
  ...INPUT_FLAGS,
  HEX_IN,
  ...PACE_FLAGS,
  timeout("Give up when no peer takes a message for TIME: exit status 4"),
  COUNT,
  ...SEND_LIMITS,
];
const RECEIVES: readonly Flag[] = [
  ...OUTPUT_FLAGS,
  HEX_OUT,
  timeout("End after TIME: exit status 4 if too few messages came"),
  COUNT,
  ...RECEIVE_LIMITS,
];

/** Deals out. */
export const PUSH: Command = socket({
  name: "push",
  habit: "connect",
  wires: "both",
  flags: [...SENDS, waitPeers(0)],
  summary: "Share messages among pullers",
  about: "Sends each message to one of the peers, in turn. Waits while no peer has room.",
  examples: [
    {
      line: "seq 1 100 | nanostreams push tcp://127.0.0.1:5555",
      about: "Send a hundred lines to whoever pulls there",
      beside: ["nanostreams pull tcp://127.0.0.1:5555 --count 100"],
    },
    {
      line: "nanostreams push tcp://127.0.0.1:5555 --data 'job {{n}}' --count 3 --interval 100ms",
      about: "Send three jobs, ten a second",
      beside: ["nanostreams pull tcp://127.0.0.1:5555 --count 3"],
    },
    {
      line: "nanostreams push --wire zmtp tcp://127.0.0.1:5557 --file README.md",
      about: "Send a file to a program that uses ZeroMQ",
      beside: ["nanostreams pull --wire zmtp tcp://127.0.0.1:5557 --count 1 --quiet"],
    },
  ],
});

/** Takes what is dealt out. */
export const PULL: Command = socket({
  name: "pull",
  habit: "bind",
  wires: "both",
  flags: RECEIVES,
  summary: "Receive what pushers send",
  about: "Prints messages, from all peers in turn.",
  examples: [
    {
      line: "nanostreams pull tcp://127.0.0.1:5555 --count 100",
      about: "Print a hundred messages, then end",
      beside: ["seq 1 100 | nanostreams push tcp://127.0.0.1:5555"],
    },
    {
      line: "nanostreams pull tcp://127.0.0.1:5555 --json | head -n 1",
      about: "Print one message, with its time and size, as JSON",
      beside: ["seq 1 100 | nanostreams push tcp://127.0.0.1:5555 --rate 20 --timeout 2s || true"],
    },
  ],
});

/** Publishes. */
export const PUB: Command = socket({
  name: "pub",
  habit: "bind",
  wires: "both",
  flags: [...SENDS, waitPeers(0), OVERFLOW],
  summary: "Publish to all subscribers",
  about: "Sends each message to all peers. Without a peer, it is lost.",
  examples: [
    {
      line: "nanostreams pub tcp://127.0.0.1:5556 --wait-peers 1 --data 'weather: rain'",
      about: "Wait for a subscriber, and tell it the weather",
      beside: ["nanostreams sub tcp://127.0.0.1:5556 --count 1"],
    },
    {
      line: "nanostreams pub tcp://127.0.0.1:5556 --data 'time: {{time}}' --interval 1s",
      about: "Tell the time every second",
      beside: ["nanostreams sub tcp://127.0.0.1:5556 --count 1"],
    },
  ],
});

/** Subscribes. */
export const SUB: Command = socket({
  name: "sub",
  habit: "connect",
  wires: "both",
  flags: [...RECEIVES, SUBSCRIBE],
  summary: "Receive what publishers send",
  about: "Prints the messages that begin with one of the prefixes.",
  examples: [
    {
      line: "nanostreams sub tcp://127.0.0.1:5556 --subscribe weather --timestamp",
      about: "Print the weather, and when it came",
      beside: [
        "nanostreams pub tcp://127.0.0.1:5556 --wait-peers 1 --data 'weather: rain'",
      ],
    },
  ],
});

/* The subcommands that stand between two addresses, and the one that hands over to another program. */
import { CONNECTION_FLAGS, REPORT_FLAGS, TTL } from "./flags.ts";
import type { Command, Flag } from "./types.ts";

const PATTERN = "What is forwarded";
const ADDRESSES = "Addresses";

function pattern(choices: readonly string[], otherwise: string): Flag {
  return {
    name: "pattern",
    short: "p",
    argument: "PATTERN",
    choices,
    group: PATTERN,
    help: `Forward ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)} [${otherwise}]`,
  };
}

const SIDES: readonly Flag[] = ["front", "back"].flatMap((side) => [
  {
    name: `bind-${side}`,
    argument: "URL",
    repeats: true,
    group: ADDRESSES,
    help: `Bind the ${side} to an address; may be repeated`,
  },
  {
    name: `connect-${side}`,
    argument: "URL",
    repeats: true,
    group: ADDRESSES,
    help: `Connect the ${side} to an address; may be repeated`,
  },
]);

const ABOUT =
  "FRONT is for those who ask, publish or push; BACK for those who answer, subscribe or pull. " +
  "Both are bound, unless a flag says otherwise.";

/** SP's devices. */
export const DEVICE: Command = {
  name: "device",
  summary: "Forward messages between two addresses",
  about:
    `Stands between two addresses and forwards messages. ${ABOUT} Without BACK, bus and pair are reflected.`,
  operands: "[FRONT [BACK]]",
  flags: [
    ...SIDES,
    pattern(["reqrep", "pubsub", "pipeline", "survey", "bus", "pair", "pair1"], "reqrep"),
    TTL,
    ...CONNECTION_FLAGS.filter(({ wire }) => wire !== "zmtp"),
    ...REPORT_FLAGS,
  ],
  examples: [
    {
      line: "nanostreams device tcp://127.0.0.1:5570 tcp://127.0.0.1:5571",
      about: "Let requests of many clients reach many workers",
      beside: [
        "nanostreams rep --connect tcp://127.0.0.1:5571 --echo --count 1 & " +
        "nanostreams req tcp://127.0.0.1:5570 --data hello; wait",
      ],
    },
  ],
  load: () => import("../run/device.ts"),
};

/** ZeroMQ's proxies. */
export const PROXY: Command = {
  name: "proxy",
  summary: "Forward messages between two addresses (zmtp)",
  about: `Stands between two addresses and forwards ZeroMQ's messages. ${ABOUT}`,
  operands: "[FRONT [BACK]]",
  flags: [
    ...SIDES,
    {
      name: "capture",
      argument: "URL",
      group: ADDRESSES,
      help: "Bind a PUB to an address, which gets a copy of each message",
    },
    pattern(["reqrep", "pubsub", "pipeline"], "reqrep"),
    ...CONNECTION_FLAGS,
    ...REPORT_FLAGS,
  ],
  wire: "zmtp",
  examples: [
    {
      line: "nanostreams proxy --pattern pipeline tcp://127.0.0.1:5572 tcp://127.0.0.1:5573",
      about: "Take jobs from many pushers, and share them among many pullers",
      beside: [
        "nanostreams pull --wire zmtp --connect tcp://127.0.0.1:5573 --count 1 & " +
        "nanostreams push --wire zmtp tcp://127.0.0.1:5572 --data job; wait",
      ],
    },
  ],
  load: () => import("../run/device.ts"),
};

/** The gateway's tools. */
export const VILLAS: Command = {
  name: "villas",
  summary: "The VILLASnode gateway and its tools",
  about: "Runs the gateway that takes VILLASnode's place, or one of its tools.",
  operands: "TOOL [ARGUMENT...]",
  flags: [],
  examples: [
    { line: "nanostreams villas signal -l 3 sine", about: "Print three samples of a sine" },
  ],
  passesAll: true,
  load: () => import("../run/villas.ts"),
};

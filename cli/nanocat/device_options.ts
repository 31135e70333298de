/** The command line of `nanocat device`, and its help. */

import { parseArgs } from "node:util";
import type { RawProtocolName } from "../../mod.ts";
import { EXIT, Failure } from "../lib/failure.ts";
import { endpointHelp, ENDPOINTS } from "./flags.ts";
import { describeAll, type Described } from "./help.ts";

/** A family of protocols, as its flag is called. */
export type FamilyName = "pair" | "pair1" | "pipeline" | "pubsub" | "reqrep" | "survey" | "bus";

/** What the two sockets of a device are. */
interface Family {
  /** Faces those who ask, or send. */
  readonly front: RawProtocolName;
  /** Faces the others. */
  readonly back: RawProtocolName;
  /** Who talks to whom, for the help. */
  readonly between: string;
}

/** The families that a device can pass on. */
export const FAMILIES: Readonly<Record<FamilyName, Family>> = {
  pair: { front: "pair", back: "pair", between: "PAIR and PAIR" },
  pair1: { front: "pair1", back: "pair1", between: "PAIR version 1 and its like" },
  pipeline: { front: "pull", back: "push", between: "PUSH and PULL" },
  pubsub: { front: "sub", back: "pub", between: "PUB and SUB" },
  reqrep: { front: "rep", back: "req", between: "REQ and REP" },
  survey: { front: "respondent", back: "surveyor", between: "SURVEYOR and RESPONDENT" },
  bus: { front: "bus", back: "bus", between: "BUS and BUS" },
};

/** What the command line asks for. */
export interface DeviceSettings {
  /** Above zero, events and statistics are printed on stderr. */
  readonly verbosity: number;
  readonly family: FamilyName;
  /** One for each socket; only one to reflect. */
  readonly addresses: readonly { readonly side: "bind" | "connect"; readonly address: string }[];
  /** The most steps that a message may have come; the library's default if left out. */
  readonly ttl: number | undefined;
}

/** A command line that can be run. */
export type DeviceCommand =
  | { readonly kind: "device-help" }
  | { readonly kind: "device"; readonly settings: DeviceSettings };

const PROGRAM = "nanocat device";

const FLAGS: readonly Described[] = [
  {
    name: "verbose",
    short: "v",
    group: "Generic",
    help: "Print what happens on standard error, and at the end what was passed on",
  },
  { name: "silent", short: "q", group: "Generic", help: "Print less" },
  { name: "help", short: "h", group: "Generic", help: "This help text" },
  ...Object.entries(FAMILIES).map(([name, { between }]) => ({
    name,
    group: "Protocols",
    help: `Forward messages between ${between}`,
  })),
  ...ENDPOINTS.map((flag) => ({ ...flag, group: "Addresses", help: endpointHelp(flag) })),
  {
    name: "ttl",
    argument: "N",
    group: "Options",
    help: "Drop messages after more than N hops, 1 to 255, this one included (8). " +
      "For --pair1, --reqrep and --survey: n permits n - 1 devices.",
  },
];

/** The text of `nanocat device --help`. */
export function deviceHelpText(): string {
  const families = Object.keys(FAMILIES).map((name) => `--${name}`).join("|");
  return `Usage:\n    ${PROGRAM} {${families}} ADDR [ADDR] [options]\n\n` +
    "Forwards messages between two sockets, until it is stopped. The first address is\n" +
    "for those who ask or send, the second for the others. Both are bound, unless\n" +
    "--bind, --connect or the like stands in an address's place. With one address,\n" +
    "--pair, --pair1 and --bus send back what comes; a bus not to the sender.\n" +
    describeAll(FLAGS);
}

function fail(message: string): never {
  throw new Failure(EXIT.usage, `${PROGRAM}: ${message}`);
}

/**
 * Parses a command line. Addresses count in the order in which they stand, whichever way they are given.
 *
 * @param args The arguments behind `device`.
 * @throws {Failure} with the text for stderr.
 */
export function parseDevice(args: readonly string[]): DeviceCommand {
  const families: FamilyName[] = [];
  const addresses: DeviceSettings["addresses"][number][] = [];
  let verbosity = 0;
  let ttl: number | undefined;
  const options = Object.fromEntries(FLAGS.map(({ name, short, argument }) => [name, {
    type: argument === undefined ? "boolean" as const : "string" as const,
    ...(short !== undefined && { short }),
  }]));
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional") addresses.push({ side: "bind", address: token.value });
    if (token.kind !== "option") continue;
    const flag = FLAGS.find(({ name }) => name === token.name);
    if (flag === undefined) fail(`Unknown option \`\`${token.rawName}''`);
    if (flag.argument === undefined && token.value !== undefined) {
      fail(`Option ${token.rawName} does not accept argument`);
    }
    if (flag.argument !== undefined && token.value === undefined) {
      fail(`Option ${token.rawName} requires an argument`);
    }
    const value = token.value ?? "";
    const endpoint = ENDPOINTS.find(({ name }) => name === flag.name);
    if (endpoint !== undefined) {
      addresses.push({ side: endpoint.side, address: endpoint.prefix + value });
    } else if (flag.name === "help") return { kind: "device-help" };
    else if (flag.name === "verbose") verbosity++;
    else if (flag.name === "silent") verbosity--;
    else if (flag.name === "ttl") ttl = steps(value);
    else families.push(flag.name as FamilyName);
  }
  return { kind: "device", settings: { verbosity, ttl, ...check(families, addresses) } };
}

function steps(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= 255) return count;
  return fail("Option --ttl requires a whole number from 1 to 255");
}

/** What only the whole of the command line can tell. */
function check(
  families: readonly FamilyName[],
  addresses: DeviceSettings["addresses"],
): Pick<DeviceSettings, "family" | "addresses"> {
  const [family, other] = families;
  const all = Object.keys(FAMILIES).map((name) => `\n    --${name}`).join("");
  if (family === undefined) fail(`At least one of the following required:${all}`);
  if (other !== undefined) fail(`Option --${family} conflicts with --${other}`);
  const { front, back } = FAMILIES[family];
  const fewest = front === back ? 1 : 2;
  if (addresses.length < fewest || addresses.length > 2) {
    const wanted = fewest === 1 ? "one address or two" : "two addresses";
    fail(`Option --${family} requires ${wanted}, and there are ${addresses.length}`);
  }
  return { family, addresses };
}

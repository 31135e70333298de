/** `nanocat device FAMILY ADDRESS [ADDRESS]`: passes messages on between two raw sockets. */

import process from "node:process";
import { parseArgs } from "node:util";
import { device, type RawProtocolName, RawSocket } from "../mod.ts";
import { EXIT, Failure, reasonOf } from "./failure.ts";

/** By family: the protocol of the first address, which faces those who send or ask, and of the second. */
const FAMILIES: Readonly<Record<string, readonly [RawProtocolName, RawProtocolName]>> = {
  pair: ["pair", "pair"],
  pair1: ["pair1", "pair1"],
  pipeline: ["pull", "push"],
  pubsub: ["sub", "pub"],
  reqrep: ["rep", "req"],
  survey: ["respondent", "surveyor"],
  bus: ["bus", "bus"],
};

/** How it is used. */
export const DEVICE_USAGE: string = `Usage: nanocat device --FAMILY [--ttl N] [-v] ADDRESS [ADDRESS]
Passes messages on between two addresses, both of which it binds; an address behind --connect is
connected to. The first faces those who send or ask, the second those who receive or answer.
With one address it reflects (pair, pair1, bus).
Families: ${Object.keys(FAMILIES).map((name) => `--${name}`).join(" ")}
`;

interface Place {
  readonly address: string;
  readonly connect: boolean;
}

/** Runs until a signal ends it; returns the exit status. */
export async function runDevice(args: readonly string[]): Promise<number> {
  const { families, places, ttl, verbose, help } = parse(args);
  if (help) {
    process.stdout.write(DEVICE_USAGE);
    return EXIT.ok;
  }
  const [first, second] = FAMILIES[families[0] ?? ""] ?? [];
  if (first === undefined || second === undefined || families.length !== 1) {
    throw new Failure(EXIT.usage, "A device needs exactly one family");
  }
  if (places.length < 1 || places.length > 2 || (places.length === 1 && first !== second)) {
    throw new Failure(EXIT.usage, `A --${families[0]} device needs two addresses`);
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const sockets: RawSocket[] = [];
  try {
    for (const [index, { address, connect }] of places.entries()) {
      const socket = new RawSocket([first, second][index]!, ttl === undefined ? {} : { ttl });
      sockets.push(socket);
      if (connect) socket.connect(address);
      else await socket.bind(address);
    }
    const [a, b = a] = sockets as [RawSocket, RawSocket?];
    const forwarder = device(a, b, { signal: stop.signal });
    await forwarder.stopped;
    if (verbose) {
      const { forward, backward } = forwarder.stats();
      process.stderr.write(`forward ${forward.messages}, backward ${backward.messages} messages\n`);
    }
  } catch (error) {
    throw new Failure(EXIT.library, `Can't run the device: ${reasonOf(error)}`, { cause: error });
  } finally {
    await Promise.all(sockets.map((socket) => socket.close()));
  }
  return EXIT.ok;
}

function parse(args: readonly string[]): {
  families: string[];
  places: Place[];
  ttl: number | undefined;
  verbose: boolean;
  help: boolean;
} {
  const flags = Object.keys(FAMILIES).map((name) => [name, { type: "boolean" as const }]);
  try {
    const { values, tokens } = parseArgs({
      args: [...args],
      allowPositionals: true,
      tokens: true,
      options: {
        ...Object.fromEntries(flags),
        bind: { type: "string", multiple: true },
        connect: { type: "string", multiple: true },
        ttl: { type: "string" },
        verbose: { type: "boolean", short: "v" },
        help: { type: "boolean", short: "h" },
      },
    });
    const places: Place[] = [];
    const { ttl } = values as { ttl?: string };
    for (const token of tokens) {
      if (token.kind === "positional") places.push({ address: token.value, connect: false });
      else if (token.kind === "option" && (token.name === "bind" || token.name === "connect")) {
        places.push({ address: token.value ?? "", connect: token.name === "connect" });
      }
    }
    return {
      families: Object.keys(FAMILIES).filter((name) => name in values),
      places,
      ttl: ttl === undefined ? undefined : Number(ttl),
      verbose: "verbose" in values,
      help: "help" in values,
    };
  } catch (error) {
    throw new Failure(EXIT.usage, error instanceof Error ? error.message : String(error));
  }
}

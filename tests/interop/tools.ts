/** Programs that are a socket: nanomsg's nanocat, nng's nngcat, and our own nanocat. */

import { join } from "node:path";
import { startNanocat } from "../helpers/nanocat.ts";
import { NANOCAT, NNGCAT, type Peer } from "../helpers/peers.ts";
import { type Child, start } from "../helpers/process.ts";
import { PROJECT } from "../helpers/runtimes.ts";
import type { Family } from "./families.ts";
import type { Format } from "./messages.ts";

/** What a tool is to be. */
export interface Task {
  readonly family: Family;
  readonly side: "left" | "right";
  readonly role: "bind" | "connect";
  readonly address: string;
  /** How to print what comes. */
  readonly format: Format;
  /** A file with what it says. */
  readonly file: string;
}

/** A program that is a socket. */
export interface Tool {
  readonly name: string;
  /** For `node:test`: why tests that need it are skipped, or false if it is there. */
  readonly skip: string | false;
  /** Whether it has a protocol. */
  speaks(family: Family): boolean;
  /** Starts it. */
  start(task: Task): Child;
}

/** How a tool differs from nanocat. */
interface Dialect {
  /** Seconds between two messages of who has to say it again, until somebody is there to hear it. */
  again(name: string): string;
  /** What a socket type is called, where that is not its name. */
  readonly names?: Readonly<Record<string, string>>;
  /** Whether it sends what it was given before it ends. */
  readonly flushes?: boolean;
}

/** Longer than any test, and within what nngcat takes. */
const NEVER_AGAIN = "3600";

function flags(
  { family, side, role, address, format, file }: Task,
  { again, names, flushes = false }: Dialect,
): string[] {
  const { name } = family[side];
  const isSilent = family.talk === "tells" && side === "right";
  const isDeaf = family.talk === "tells" && side === "left";
  const args = [`--${names?.[name] ?? name}`, `--${role}`, address];
  if (!isDeaf) args.push("--format", format);
  if (isSilent) return args;
  args.push("--file", file);
  // An answer is given once to each question; anything else may have to be said again.
  if (family.talk === "asks" && side === "right") return args;
  if (family.loses) args.push("--interval", again(name));
  else if (isDeaf && !flushes) args.push("--interval", NEVER_AGAIN);
  return args;
}

function tool(name: string, peer: Peer, dialect: Dialect, speaks: Tool["speaks"]): Tool {
  return {
    name,
    skip: peer.skip,
    speaks,
    start: (task) => start(peer.command, flags(task, dialect)),
  };
}

/** The tools of the other implementations. */
export const TOOLS: readonly Tool[] = [
  tool("nanocat", NANOCAT, { again: () => "0.02" }, (family) => !family.onlyNng),
  tool("nngcat", NNGCAT, {
    // It takes whole seconds. With 0 it publishes without a pause, as much as a subscriber takes; but a
    // survey would be over before its first answer, and a bus would end.
    again: (name) => name === "pub" ? "0" : "1",
    // Its --pair, unlike what its help says, is no protocol.
    names: { pair: "pair0" },
  }, () => true),
];

/** Makes a second start of Node several times as fast as the first. */
export const FAST_START: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: join(PROJECT, "node_modules", ".cache", "node"),
};

const OURS: Dialect = { again: () => "0.02", flushes: true };

/** Our own, run by the runtime that runs the test; resolves once it is bound, if it binds. */
export async function startOurs(task: Task): Promise<Child> {
  const child = startNanocat([...flags(task, OURS), "--verbose"], { env: FAST_START });
  if (task.role === "bind") await child.line(/ bound to /);
  return child;
}

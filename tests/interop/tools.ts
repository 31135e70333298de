/** Programs that are a socket: nanomsg's nanocat, nng's nngcat, and our own of both names. */

import { OUR_NANOCAT, OUR_NNGCAT } from "../helpers/nanocat.ts";
import { NANOCAT, NNGCAT } from "../helpers/peers.ts";
import { type Child, start } from "../helpers/process.ts";
import type { Family } from "./families.ts";
import { openGate } from "./gate.ts";
import { assertSame, type Format, printed } from "./messages.ts";

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
  /** Starts it; `attached` resolves when it has a peer. */
  start(task: Task, attached: () => Promise<unknown>): Promise<Child>;
}

/** Longer than any test, and within what nngcat takes. */
const NEVER_AGAIN = ["--interval", "3600"];
/** Again and again, until somebody is there to hear it. A survey may be answered meanwhile. */
const OFTEN = ["--interval", "0.1"];

/** Whether it prints what comes. */
function hears({ family, side }: Task): boolean {
  return family.talk !== "tells" || side === "right";
}

/** Whether it has something to say. */
function speaks({ family, side }: Task): boolean {
  return family.talk !== "tells" || side === "left";
}

/** Whether it speaks without being asked, and is not heard if nobody is there. */
function mayBeLost({ family, side }: Task): boolean {
  return family.loses === true && (side === "left" || family.talk === "converses");
}

function flags(task: Task, name: string = task.family[task.side].name): string[] {
  return [
    `--${name}`,
    `--${task.role}`,
    task.address,
    ...(hears(task) ? ["--format", task.format] : []),
    ...(speaks(task) ? ["--file", task.file] : []),
  ];
}

const nanocat: Tool = {
  name: "nanocat",
  skip: NANOCAT.skip,
  speaks: (family) => !family.onlyNng,
  start: (task) => {
    // It ends as soon as it has nothing more to do, and loses then what it has not yet written.
    const pace = mayBeLost(task) ? OFTEN : hears(task) ? [] : NEVER_AGAIN;
    return Promise.resolve(start(NANOCAT.command, [...flags(task), ...pace]));
  },
};

const nngcat: Tool = {
  name: "nngcat",
  skip: NNGCAT.skip,
  speaks: () => true,
  start: async (task, attached) => {
    const { name } = task.family[task.side];
    // Its --pair, unlike what its help says, is no protocol.
    const args = flags(task, name === "pair" ? "pair0" : name);
    if (!hears(task)) args.push(...NEVER_AGAIN);
    // Intervals are whole seconds, and with one it fails when messages keep coming.
    const gate = mayBeLost(task) && task.role === "bind"
      ? await openGate(name, attached)
      : undefined;
    // Its own end of a connection may take a moment longer than the other, of which it says nothing.
    if (gate) args.push("--dial", gate.address, "--delay", "1");
    const child = start(NNGCAT.command, args);
    child.exited.then(() => gate?.close());
    return child;
  },
};

/** The tools of the other implementations. */
export const TOOLS: readonly Tool[] = [nanocat, nngcat];

/** One of our own programs, run by the runtime that runs the test. */
export interface OurTool {
  readonly name: string;
  /** Resolves once it is bound, if it binds. */
  start(task: Task): Promise<Child>;
}

/** Has it say on standard error what happens, with nothing on standard output but messages. */
const LOUD = { env: { NN_PRINT_ERRORS: "1" } };

async function attached(child: Child, { role }: Task): Promise<Child> {
  if (role === "bind") await child.line(/ bound to /);
  return child;
}

/** Our nanocat. */
export const OURS: OurTool = {
  name: "nanocat",
  start: async (task) => {
    const pace = mayBeLost(task) ? OFTEN : [];
    return await attached(OUR_NANOCAT.start([...flags(task), ...pace, "--verbose"]), task);
  },
};

/** Our nngcat. It dials before the other one is there, and its seconds are whole. */
export const OUR_NNG: OurTool = {
  name: "nngcat",
  start: async (task) => {
    const { name } = task.family[task.side];
    const pace = mayBeLost(task) ? ["--interval", "1"] : [];
    const args = [...flags(task, name === "pair" ? "pair0" : name), ...pace, "--async"];
    return await attached(OUR_NNGCAT.start(args, LOUD), task);
  },
};

/** Waits until a tool has printed a message, and nothing else before it. */
export async function sees(tool: Child, message: Uint8Array, format: Format): Promise<void> {
  const expected = printed(message, format);
  await tool.until(({ stdout }) => stdout.length >= expected.length);
  assertSame(tool.stdout.subarray(0, expected.length), expected, "what it printed");
}

/** The real libzmq, as npm's package `zeromq` has it, in a child process. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { type Child, start } from "../../helpers/process.ts";
import { PROJECT, RUNTIMES } from "../../helpers/runtimes.ts";

/** What libzmq is to do. */
export interface PeerTask {
  /** Options of zeromq.js's socket. */
  readonly options?: Readonly<Record<string, boolean | number | string>>;
  /** Where to connect; it binds a port of its own, and says which, if left out. */
  readonly connect?: string;
  /** The frames of a message to send to its peer. */
  readonly send?: readonly string[];
  /** The status with which its ZAP handler answers; it has none if left out. */
  readonly zap?: string;
  /** Events to print. To listen to them changes when libzmq closes a connection that it refuses. */
  readonly events?: readonly string[];
}

const isHere = process.env["REQUIRE_PEERS"] === "1" ||
  existsSync(join(PROJECT, "node_modules", "zeromq", "build", process.platform, process.arch));

/** For `node:test`: why tests that need libzmq are skipped, or false if it is there. */
export const SKIP: string | false = isHere ? false : "zeromq is missing: npm install";

const NODE = RUNTIMES.find(({ name }) => name === "node")!;

/** Starts libzmq; it has Node around it, whatever runs the test. */
export function startZeromq(task: PeerTask): Child {
  const program = join(import.meta.dirname!, "zeromq_peer.ts");
  return start(NODE.command, [...NODE.args, program, JSON.stringify(task)]);
}

/** The port that it has bound. */
export async function portOf(child: Child): Promise<number> {
  return Number((await child.line(/^bound /)).split(":").at(-1));
}

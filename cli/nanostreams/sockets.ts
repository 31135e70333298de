/* The sockets of both wires under one face: a message is frames. */
import type { SocketEvent, SocketStats } from "../../mod.ts";
import type { Flags } from "./invocation.ts";
import type { Arrived, Frames } from "./messages.ts";
import { queueOptions, socketOptions } from "./options.ts";

/** What every socket can do. */
export interface AnySocket {
  bind(address: string): Promise<{ readonly address: string }>;
  connect(address: string, options?: { failFast?: boolean }): {
    readonly opened: Promise<unknown>;
  };
  peers(count: number, options?: { signal?: AbortSignal; timeout?: number }): Promise<void>;
  events(): ReadableStream<SocketEvent>;
  stats(): SocketStats;
  close(options?: { linger?: number }): Promise<void>;
  drain(options?: { timeout?: number }): Promise<void>;
}

/** How a wait is ended. */
export interface Wait {
  readonly signal?: AbortSignal;
  readonly timeout?: number;
}

/** A socket, and what the subcommand does with it. */
export interface Conversation {
  readonly socket: AnySocket;
  /** Sends one message; left out if it cannot. */
  readonly send?: (message: Frames, wait?: Wait) => Promise<void>;
  /** Takes all messages that have come; waits for the first. Left out if it cannot. */
  readonly receive?: (wait?: Wait) => Promise<Arrived[]>;
  /** Asks, and takes the reply. */
  readonly request?: (message: Frames, wait?: Wait) => Promise<Arrived>;
  /** Asks all; answers come until it is over. */
  readonly survey?: (message: Frames, wait: Wait & { deadline?: number }) => AsyncIterable<Arrived>;
  /** Answers by a handler, until the signal is aborted; undefined is no answer. */
  readonly serve?: (
    handler: (question: Arrived) => Promise<Frames | undefined>,
    options: { concurrency: number; signal: AbortSignal },
  ) => Promise<void>;
}

/** Makes a socket of a wire. */
export type Maker = (flags: Flags) => Conversation;

/** The sockets of a wire, by the name of their subcommands. */
export async function makersOf(wire: string): Promise<Readonly<Record<string, Maker>>> {
  return wire === "zmtp" ? (await import("./wires/zmtp.ts")).MAKERS : (await import("./wires/sp.ts")).MAKERS;
}

/** The options that all sockets of a subcommand take. */
export function commonOptions(flags: Flags): object {
  return { ...socketOptions(flags), ...queueOptions(flags) };
}

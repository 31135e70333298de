/* The sockets of both wires under one face: a message is frames. */
import type { SocketEvent, SocketStats } from "../../mod.ts";
import type { Flags } from "./invocation.ts";
import type { Arrived, Frames } from "./messages.ts";

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

/** Answers a question; undefined is no answer. */
export type Answerer = (question: Arrived) => Promise<Frames | undefined>;

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
  readonly survey?: (
    message: Frames,
    options: { deadline?: number; expect?: number },
  ) => AsyncIterable<Arrived>;
  /** Answers by a handler, until the signal is aborted; undefined is no answer. */
  readonly serve?: (
    handler: Answerer,
    options: { concurrency: number; signal: AbortSignal },
  ) => Promise<void>;
  /** Waits until what is sent reaches so many; `socket.peers` if left out. */
  readonly audience?: (count: number, wait: Wait) => Promise<void>;
}

/** Makes a socket of a wire. */
export type Maker = (flags: Flags) => Conversation;

/** The sockets of a wire, by the name of their subcommands. */
export async function makersOf(wire: string): Promise<Readonly<Record<string, Maker>>> {
  const { MAKERS } = wire === "zmtp"
    ? await import("./wires/zmtp.ts")
    : await import("./wires/sp.ts");
  return MAKERS;
}

/** What is subscribed to: everything, unless something is named. */
export function prefixes(flags: Flags): string[] {
  const given = flags.all("subscribe");
  return given.length > 0 ? [...given] : [""];
}

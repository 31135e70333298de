/** The socket types of nanocat: how each is made, and which loop it runs. */

import {
  type BindOptions,
  Bus,
  type ConnectOptions,
  Pair,
  Pair1,
  Pub,
  Pull,
  Push,
  Rep,
  Req,
  Respondent,
  Sink,
  type SocketEvent,
  Source,
  Sub,
  Surveyor,
} from "../../mod.ts";
import type { ProtocolName, Settings } from "./flags.ts";
import { answer, ask, converse, receive, send, type Session, survey } from "../lib/loops.ts";

/** What every socket can do. */
export interface AnySocket {
  bind(address: string, options?: BindOptions): Promise<{ readonly address: string }>;
  connect(address: string, options?: ConnectOptions): { readonly opened: Promise<unknown> };
  events(): ReadableStream<SocketEvent>;
  stats(): { readonly drops: { readonly closed?: number } };
  close(options?: { linger?: number }): Promise<void>;
}

/** A socket that is neither bound nor connected yet, and what to do with it then. */
export interface Conversation {
  readonly socket: AnySocket;
  readonly talk: (session: Session) => Promise<void>;
}

/** Pairs a socket with its loop. */
export function start<S extends AnySocket>(
  socket: S,
  loop: (session: Session, socket: NoInfer<S>) => Promise<void>,
): Conversation {
  return { socket, talk: (session) => loop(session, socket) };
}

/** How to start a conversation, for each socket type. */
export const PROTOCOLS: Readonly<Record<ProtocolName, (settings: Settings) => Conversation>> = {
  push: (settings) => start(new Push(waiting(settings)), send),
  pull: (settings) => start(new Pull(receiving(settings)), receive),
  pub: (settings) => start(new Pub(sending(settings)), send),
  sub: (settings) => start(new Sub({ ...receiving(settings), ...prefixes(settings) }), receive),
  req: (settings) => start(new Req(sending(settings)), ask),
  rep: (settings) => start(new Rep(both(settings)), answer),
  surveyor: (settings) => start(new Surveyor({ ...both(settings), ...deadline(settings) }), survey),
  respondent: (settings) => start(new Respondent(both(settings)), answer),
  bus: (settings) => start(new Bus({ ...sending(settings), ...listening(settings) }), converse),
  pair: (settings) => start(new Pair({ ...waiting(settings), ...listening(settings) }), converse),
  pair1: (settings) => start(new Pair1({ ...waiting(settings), ...listening(settings) }), converse),
  source: (settings) => start(new Source(waiting(settings)), send),
  sink: (settings) => start(new Sink(receiving(settings)), receive),
};

/** The most that a socket is told of its waits. */
export type Waits = Pick<Settings, "sendTimeout" | "receiveTimeout">;

/** For a socket that sends. */
export function sending({ sendTimeout }: Waits): { sendTimeout: number } {
  return { sendTimeout };
}

/** Where `send` waits for a peer, closing waits for the peer to take what was sent. */
export function waiting({ sendTimeout }: Waits): { sendTimeout: number; linger: number } {
  return { sendTimeout, linger: Math.max(sendTimeout, 1000) };
}

/** For a socket that receives. */
export function receiving({ receiveTimeout }: Waits): { receiveTimeout: number } {
  return { receiveTimeout };
}

/** For a socket that does both. */
export function both(settings: Waits): { sendTimeout: number; receiveTimeout: number } {
  return { ...sending(settings), ...receiving(settings) };
}

/** While there is something to send every interval, silence is no end. */
function listening({ receiveTimeout, interval, data }: Settings): { receiveTimeout: number } {
  const goesOn = data !== undefined && interval !== Infinity;
  return { receiveTimeout: goesOn ? Infinity : receiveTimeout };
}

/** Without a prefix, everything. */
export function prefixes(
  { subscriptions }: { readonly subscriptions: readonly string[] },
): { subscribe: readonly string[] } {
  return { subscribe: subscriptions.length > 0 ? subscriptions : [""] };
}

/** A survey lasts a second, or until the next one. */
export function deadline({ interval }: Pick<Settings, "interval">): { deadline: number } {
  return { deadline: interval > 0 ? Math.min(interval, 1000) : 1000 };
}

/** The socket types: how each is made, and which loop it runs. */

import {
  Bus,
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
} from "../mod.ts";
import type { ProtocolName, Settings } from "./flags.ts";
import { answer, ask, converse, receive, send, type Session, survey } from "./loops.ts";

/** What every socket can do. */
export interface AnySocket {
  bind(address: string): Promise<{ readonly address: string }>;
  connect(address: string): unknown;
  events(): ReadableStream<SocketEvent>;
  stats(): { readonly drops: { readonly closed?: number } };
  close(options?: { linger?: number }): Promise<void>;
}

/** A socket that is neither bound nor connected yet, and what to do with it then. */
export interface Conversation {
  readonly socket: AnySocket;
  readonly talk: (session: Session) => Promise<void>;
}

function start<S extends AnySocket>(
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

function sending({ sendTimeout }: Settings): { sendTimeout: number } {
  return { sendTimeout };
}

/** Where `send` waits for a peer, closing waits for the peer to take what was sent. */
function waiting({ sendTimeout }: Settings): { sendTimeout: number; linger: number } {
  return { sendTimeout, linger: Math.max(sendTimeout, 1000) };
}

function receiving({ receiveTimeout }: Settings): { receiveTimeout: number } {
  return { receiveTimeout };
}

function both(settings: Settings): { sendTimeout: number; receiveTimeout: number } {
  return { ...sending(settings), ...receiving(settings) };
}

/** While there is something to send every interval, silence is no end. */
function listening({ receiveTimeout, interval, data }: Settings): { receiveTimeout: number } {
  const goesOn = data !== undefined && interval !== Infinity;
  return { receiveTimeout: goesOn ? Infinity : receiveTimeout };
}

/** Without a prefix, everything. */
function prefixes({ subscriptions }: Settings): { subscribe: readonly string[] } {
  return { subscribe: subscriptions.length > 0 ? subscriptions : [""] };
}

/** A survey lasts a second, or until the next one. */
function deadline({ interval }: Settings): { deadline: number } {
  return { deadline: interval > 0 ? Math.min(interval, 1000) : 1000 };
}

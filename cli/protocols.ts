/** The socket types: how each is made, and which loop it runs. */

import { Pair, Pub, Pull, Push, Rep, Req, type SocketEvent, Sub } from "../mod.ts";
import type { ProtocolName, Settings } from "./flags.ts";
import { answer, ask, converse, receive, send, type Session } from "./loops.ts";

/** What every socket can do. */
export interface AnySocket {
  bind(address: string): Promise<{ readonly address: string }>;
  connect(address: string): unknown;
  events(): ReadableStream<SocketEvent>;
  close(options?: { linger?: number }): Promise<void>;
}

/** A socket that is neither bound nor connected yet, and what to do with it then. */
export interface Conversation {
  readonly socket: AnySocket;
  readonly talk: (session: Session) => Promise<void>;
}

function protocol<S extends AnySocket>(
  open: (settings: Settings) => S,
  loop: (session: Session, socket: NoInfer<S>) => Promise<void>,
): (settings: Settings) => Conversation {
  return (settings) => {
    const socket = open(settings);
    return { socket, talk: (session) => loop(session, socket) };
  };
}

/** Where `send` waits for a peer, closing waits, as long, for the peer to take what was sent. */
function sending({ sendTimeout }: Settings): { sendTimeout: number; linger: number } {
  return { sendTimeout, linger: sendTimeout };
}

/** While there is something to send every interval, silence is no end. */
function receiving(
  { receiveTimeout, interval, data }: Settings,
): { receiveTimeout: number } {
  const goesOn = data !== undefined && interval !== Infinity;
  return { receiveTimeout: goesOn ? Infinity : receiveTimeout };
}

/** Without a prefix, everything. */
function prefixes({ subscriptions }: Settings): readonly string[] {
  return subscriptions.length > 0 ? subscriptions : [""];
}

/** How to start a conversation, for each socket type. */
export const PROTOCOLS: Readonly<
  Partial<Record<ProtocolName, (settings: Settings) => Conversation>>
> = {
  push: protocol((settings) => new Push(sending(settings)), send),
  pull: protocol((settings) => new Pull(receiving(settings)), receive),
  pub: protocol(({ sendTimeout }) => new Pub({ sendTimeout }), send),
  sub: protocol(
    (settings) => new Sub({ ...receiving(settings), subscribe: prefixes(settings) }),
    receive,
  ),
  req: protocol(({ sendTimeout }) => new Req({ sendTimeout }), ask),
  rep: protocol(
    ({ sendTimeout, receiveTimeout }) => new Rep({ sendTimeout, receiveTimeout }),
    answer,
  ),
  pair: protocol(
    (settings) => new Pair({ ...sending(settings), ...receiving(settings) }),
    converse,
  ),
};

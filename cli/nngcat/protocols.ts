/** The protocols of nngcat: how the socket of each is made, and which loop it runs. */

import { setTimeout as sleep } from "node:timers/promises";
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
  Sub,
  Surveyor,
} from "../../mod.ts";
import {
  alternate,
  answer,
  askSomebody,
  receive,
  type Receiver,
  send,
  type Sender,
  type Server,
  type Session,
} from "../lib/loops.ts";
import {
  both,
  type Conversation,
  deadline,
  prefixes,
  receiving,
  sending,
  start,
  waiting,
} from "../nanocat/protocols.ts";
import type { NngProtocol, Settings } from "./settings.ts";

/** How long what was sent may take to leave, beside what closing waits for; in milliseconds. */
const DRAIN = 200;

async function sendAll(session: Session, socket: Sender): Promise<void> {
  await send(session, socket);
  await sleep(DRAIN, undefined, { signal: session.stop });
}

async function answerAll(session: Session, socket: Sender & Receiver & Server): Promise<void> {
  await answer(session, socket);
  if (session.data !== undefined) await sleep(DRAIN, undefined, { signal: session.stop });
}

async function converse(session: Session, socket: Sender & Receiver): Promise<void> {
  await (session.data === undefined ? receive : alternate)(session, socket);
}

function request(settings: Settings): Conversation {
  const socket = new Req(sending(settings));
  const talk = (session: Session): Promise<void> =>
    askSomebody(session, socket, settings.sendTimeout);
  return { socket, talk };
}

/** How to start a conversation, for each protocol. */
export const PROTOCOLS: Readonly<Record<NngProtocol, (settings: Settings) => Conversation>> = {
  push: (settings) => start(new Push(waiting(settings)), sendAll),
  pull: (settings) => start(new Pull(receiving(settings)), receive),
  pub: (settings) => start(new Pub(sending(settings)), sendAll),
  sub: (settings) => start(new Sub({ ...receiving(settings), ...prefixes(settings) }), receive),
  req: request,
  rep: (settings) => start(new Rep(both(settings)), answerAll),
  surveyor: (settings) =>
    start(new Surveyor({ ...both(settings), ...deadline(settings) }), alternate),
  respondent: (settings) => start(new Respondent(both(settings)), answerAll),
  bus: (settings) => start(new Bus(both(settings)), converse),
  pair: (settings) => start(new Pair({ ...waiting(settings), ...receiving(settings) }), converse),
  pair1: (settings) => start(new Pair1({ ...waiting(settings), ...receiving(settings) }), converse),
};

import { concat, type Mutations } from "./mutations.ts";
import type { Place } from "./place.ts";

const REQ = 0x30, REP = 0x31, SURVEYOR = 0x62, RESPONDENT = 0x63, PAIR1 = 0x11, PUB = 0x20;

/** Subscribed to by the SUB sockets under attack, so that some of what is published matches. */
export const TOPICS: readonly string[] = ["a", "topic/", "topic/sub/", "\0"];

const topics = TOPICS.map((topic) => new TextEncoder().encode(topic));

/** Whether what the socket has to hear are answers: they need the id of a question. */
export function answers({ peer }: Place): boolean {
  return peer.number === REP || peer.number === RESPONDENT;
}

/** Whether the socket only sends: any message to it breaks the protocol. */
export function sendsOnly({ victim }: Place): boolean {
  return [0x20, 0x40, 0x50].includes(victim.number);
}

/** A message such as a peer of this protocol sends: most with the header that it wants, some with one that is none. */
export function messageFor(
  { peer: { number } }: Place,
  mutations: Mutations,
  asked: readonly Uint8Array[],
): Uint8Array {
  const body = mutations.noise(mutations.length());
  if (mutations.random.oneIn(25)) return body;
  if (number === REQ || number === SURVEYOR) return concat(backtrace(mutations), body);
  if (number === REP || number === RESPONDENT) return concat(answered(mutations, asked), body);
  if (number === PAIR1) return concat(hops(mutations), body);
  if (number === PUB) return concat(mutations.random.pick(topics), body);
  return body;
}

/** Up to eight hops, and at times far more, with or without an id behind them. */
function backtrace(mutations: Mutations): Uint8Array {
  const { random } = mutations;
  const hops = random.oneIn(3) ? random.below(random.oneIn(10) ? 400 : 10) : 0;
  const words = mutations.noise(4 * (hops + 1)).slice();
  for (let i = 0; i < hops; i++) words[4 * i]! &= 0x7f;
  if (!random.oneIn(25)) words[4 * hops]! |= 0x80;
  return words;
}

/** The backtrace of a question that came, often; or another one. */
function answered(mutations: Mutations, asked: readonly Uint8Array[]): Uint8Array {
  const { random } = mutations;
  if (asked.length === 0 || random.oneIn(4)) return backtrace(mutations);
  const one = random.pick(asked);
  return random.oneIn(6) ? mutations.mutate(one) : one;
}

/** A hop count: one that is right, at the limit, beyond it, or none. */
function hops({ random }: Mutations): Uint8Array {
  const count = random.pick([1, 1, 1, 2, 7, 8, 9, 254, 255, random.oneIn(4) ? 256 : 3]);
  return Uint8Array.of(random.oneIn(40) ? 1 : 0, 0, count >> 8, count & 0xff);
}

/** How many backtraces are kept to be answered. */
const KEPT = 16;
/** A backtrace that is longer is none that anybody here makes. */
const LONGEST = 64;

/** The backtraces of the questions that came. Their bodies are never kept: what the mutator says has nothing of a good peer's. */
export class Questions {
  readonly asked: Uint8Array[] = [];

  /** Takes a message, or the beginning of one. */
  hear(message: Uint8Array): void {
    for (let at = 0; at + 4 <= message.length && at < LONGEST; at += 4) {
      if (message[at]! < 0x80) continue;
      this.asked.push(message.slice(0, at + 4));
      if (this.asked.length > KEPT) this.asked.shift();
      return;
    }
  }
}

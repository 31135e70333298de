import type { DropReason } from "../../src/surface/events.ts";
import type { RawMessage } from "../../src/memory/message.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import type { SPProtocol } from "../../src/sp/wire.ts";
import {
  Balance,
  Broadcast,
  OnePeer,
  type Overflow,
  type Router,
} from "../../src/pipes/routing.ts";
import type { Transformer } from "../../src/contracts/transformer.ts";
import { countWords, encodeWord, malformed, measureBacktrace, takeHeader } from "../backtrace.ts";
import { addHop, HopDecoder } from "../pair1.ts";
import * as ids from "../protocols.ts";
import { BroadcastExceptOrigin, ReplyByPipeId } from "./routing.ts";

/** The protocols that have a raw mode: all. */
export type RawProtocolName =
  | "bus"
  | "pair"
  | "pair1"
  | "pub"
  | "pull"
  | "push"
  | "rep"
  | "req"
  | "respondent"
  | "sink"
  | "source"
  | "sub"
  | "surveyor";

/** Where a raw protocol's messages go. */
interface Route {
  readonly router: Router<RawMessage<Uint8Array>>;
  /** What is done to a message first. */
  readonly onSend?: (message: RawMessage<Uint8Array>) => RawMessage<Uint8Array>;
  /** Called with the way to count losses that are no pipe's. */
  readonly onOpen?: (lose: (reason: DropReason, count: number) => void) => void;
}

/** One protocol in raw mode: its routing and its headers, without its state machine. */
export interface RawProtocol {
  readonly id: SPProtocol;
  /** Where messages go; left out for a protocol that only receives. */
  readonly routing?: (overflow: Overflow) => Route;
  /** How a message that comes is taken apart; left out for a protocol that only sends. */
  readonly inbound?: (pipe: Pipe, ttl: number) => Transformer<Uint8Array<ArrayBuffer>, RawMessage>;
  /** Whether a peer that is slow loses messages, for nobody else can have them. */
  readonly overflows?: boolean;
  /** Whether a peer that does not take what it is sent is not heard. */
  readonly gated?: boolean;
}

/** The body is all there is. A header is its receiver's own, who may write to it, or give it away. */
const BODY: Transformer<Uint8Array<ArrayBuffer>, RawMessage> = {
  transform: (body, controller) => controller.enqueue({ header: new Uint8Array(0), body }),
};

function plain(): Transformer<Uint8Array<ArrayBuffer>, RawMessage> {
  return BODY;
}

/** Answers: the whole backtrace is the header. */
function answers(pipe: Pipe): Transformer<Uint8Array<ArrayBuffer>, RawMessage> {
  return {
    transform: (message, controller) => {
      const end = countWords(message) * 4;
      if (end > 0) {
        return controller.enqueue({
          header: takeHeader(message, end),
          body: message.subarray(end),
        });
      }
      pipe.drop("malformed");
      controller.error(malformed("reply"));
    },
  };
}

/** Questions: the id of the pipe they came by is pushed on the backtrace. */
function questions(pipe: Pipe, ttl: number): Transformer<Uint8Array<ArrayBuffer>, RawMessage> {
  return {
    transform: (message, controller) => {
      const end = measureBacktrace(message, pipe, ttl, controller);
      if (end === 0) return;
      const header = new Uint8Array(4 + end);
      header.set(encodeWord(pipe.peer.id));
      header.set(message.subarray(0, end), 4);
      controller.enqueue({ header, body: message.subarray(end) });
    },
  };
}

/** BUS: the id of the pipe it came by is the header. */
function withOrigin(pipe: Pipe): Transformer<Uint8Array<ArrayBuffer>, RawMessage> {
  const { id } = pipe.peer;
  return {
    transform: (body, controller) => controller.enqueue({ header: encodeWord(id), body }),
  };
}

function withHops(pipe: Pipe, ttl: number): Transformer<Uint8Array<ArrayBuffer>, RawMessage> {
  return new HopDecoder(pipe, ttl, (message) => ({
    header: takeHeader(message, 4),
    body: message.subarray(4),
  }));
}

const balance = (): Route => ({ router: new Balance() });
const onePeer = (): Route => ({ router: new OnePeer() });
const broadcast = (overflow: Overflow): Route => ({ router: new Broadcast(overflow) });
const reply = (overflow: Overflow): Route => {
  const router = new ReplyByPipeId(overflow);
  return { router, onOpen: (lose) => router.onLost = lose };
};

/** Every protocol in raw mode. */
export const RAW_PROTOCOLS: Readonly<Record<RawProtocolName, RawProtocol>> = {
  bus: {
    id: ids.BUS,
    routing: (overflow) => ({ router: new BroadcastExceptOrigin(overflow) }),
    inbound: withOrigin,
    overflows: true,
  },
  pair: { id: ids.PAIR, routing: onePeer, inbound: plain },
  pair1: {
    id: ids.PAIR1,
    routing: () => ({ router: new OnePeer(), onSend: addHop }),
    inbound: withHops,
  },
  pub: { id: ids.PUB, routing: broadcast, overflows: true },
  pull: { id: ids.PULL, inbound: plain },
  push: { id: ids.PUSH, routing: balance },
  rep: { id: ids.REP, routing: reply, inbound: questions, overflows: true, gated: true },
  req: { id: ids.REQ, routing: balance, inbound: answers },
  respondent: {
    id: ids.RESPONDENT,
    routing: reply,
    inbound: questions,
    overflows: true,
    gated: true,
  },
  sink: { id: ids.SINK, inbound: plain },
  source: { id: ids.SOURCE, routing: balance },
  sub: { id: ids.SUB, inbound: plain },
  surveyor: { id: ids.SURVEYOR, routing: broadcast, inbound: answers, overflows: true },
};

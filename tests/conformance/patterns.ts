/** The patterns that are tested on every transport. A new one is one entry of {@linkcode PATTERNS}. */

import {
  type BindOptions,
  Bus,
  type ConnectOptions,
  type DuplexSocket,
  Pair,
  Pair1,
  Pub,
  Pull,
  Push,
  type ReceiveOptions,
  type ReceiveSocket,
  Rep,
  Req,
  Respondent,
  type SendOptions,
  type SendSocket,
  Sink,
  type SocketOptions,
  Source,
  Sub,
  Surveyor,
} from "../../mod.ts";

/** Options that every sending socket has. */
export type SenderOptions = SocketOptions & SendOptions;
/** Options that every receiving socket has. */
export type ReceiverOptions = SocketOptions & ReceiveOptions;
/** Options of an endpoint, whichever side of it. */
export type MeetingOptions = BindOptions & ConnectOptions;

/** The side that speaks first. */
export type Sender = SendSocket | DuplexSocket;
/** The side that hears it. */
export type Receiver = ReceiveSocket | DuplexSocket;

/** A pattern under test, as a pair of sockets. */
export interface PatternCase {
  readonly name: string;
  /** The side that speaks first. */
  sender(options?: SenderOptions): Sender;
  /** The side that hears it. */
  receiver(options?: ReceiverOptions): Receiver;
  /** Whether both are {@linkcode DuplexSocket}s and the receiver may answer, or must before it hears more for long. */
  readonly answers: "no" | "may" | "must";
  /** What happens to several peers: `send` takes them in turn, reaches all, or there is only one. */
  readonly peers: "one" | "in turn" | "all";
  /** Whether what is sent with no peer waits for one. */
  readonly waitsForPeer: boolean;
  /** Whether all that is sent arrives, however much it is; a survey is ended by the next one. */
  readonly keepsAll: boolean;
  /** Bytes that the pattern itself puts before a message. */
  readonly header: number;
  /** Whether it is tested on every transport, for all those that talk as it does. */
  readonly isEverywhere: boolean;
}

/** All of them. */
export const PATTERNS: readonly PatternCase[] = [
  {
    name: "PAIR",
    sender: (options) => new Pair(options),
    receiver: (options) => new Pair(options),
    answers: "may",
    peers: "one",
    waitsForPeer: true,
    keepsAll: true,
    header: 0,
    isEverywhere: true,
  },
  {
    name: "PUSH/PULL",
    sender: (options) => new Push(options),
    receiver: (options) => new Pull(options),
    answers: "no",
    peers: "in turn",
    waitsForPeer: true,
    keepsAll: true,
    header: 0,
    isEverywhere: true,
  },
  {
    name: "PUB/SUB",
    // With the other policies a publisher that is faster than its subscribers drops, as it should.
    sender: (options) => new Pub({ overflow: "block", ...options }),
    receiver: (options) => new Sub({ subscribe: "", ...options }),
    answers: "no",
    peers: "all",
    waitsForPeer: false,
    keepsAll: true,
    header: 0,
    isEverywhere: true,
  },
  {
    name: "REQ/REP",
    sender: (options) => new Req(options),
    receiver: (options) => new Rep(options),
    answers: "must",
    peers: "in turn",
    waitsForPeer: true,
    keepsAll: true,
    header: 4,
    isEverywhere: true,
  },
  {
    name: "PAIR1",
    sender: (options) => new Pair1(options),
    receiver: (options) => new Pair1(options),
    answers: "may",
    peers: "one",
    waitsForPeer: true,
    keepsAll: true,
    header: 4,
    isEverywhere: false,
  },
  {
    name: "BUS",
    sender: (options) => new Bus({ overflow: "block", ...options }),
    receiver: (options) => new Bus({ overflow: "block", ...options }),
    answers: "may",
    peers: "all",
    waitsForPeer: false,
    keepsAll: true,
    header: 0,
    isEverywhere: false,
  },
  {
    name: "SURVEYOR/RESPONDENT",
    sender: (options) => new Surveyor({ deadline: 20_000, ...options }),
    receiver: (options) => new Respondent(options),
    answers: "must",
    peers: "all",
    waitsForPeer: false,
    keepsAll: false,
    header: 4,
    isEverywhere: false,
  },
  {
    name: "SOURCE/SINK",
    sender: (options) => new Source(options),
    receiver: (options) => new Sink(options),
    answers: "no",
    peers: "in turn",
    waitsForPeer: true,
    keepsAll: true,
    header: 0,
    isEverywhere: false,
  },
];

import type { Connection } from "./connection.ts";
import type { SPError } from "../base/errors.ts";
import type { Packer } from "../memory/packer.ts";
import type { ProtocolId } from "./protocol.ts";
import type { TransformController, Transformer } from "./transformer.ts";

/** A message as a wire takes it, and as its decoder makes it. The core hands messages on, and looks into none. */
export type WireMessage = object;

/**
 * The third contract: how messages lie on a connection, and what its two ends say to each other besides. The core, the pipes
 * and the routers know this much of a wire, and no prefix, header or number of it.
 *
 * For each connection, in this order: a session is opened, its greeting is exchanged, then messages go both ways, with control
 * frames between them.
 */
export interface Wire {
  /** `"sp"`. */
  readonly name: string;
  /** Begins to speak on a connection. */
  open(context: WireContext): Session;
}

/** What a wire may know of a connection and its socket. */
export interface WireContext {
  /** What it is spoken on: how it carries what it is given, who is at the other end. */
  readonly connection: Connection;
  /** Who we are, and who the peer must be. */
  readonly protocol: ProtocolId;
  /** The largest message to take, in bytes. */
  readonly maxMessageSize: number;
}

/** A wire on one connection. */
export interface Session {
  /** The greeting, asked for once; left out where the transport has seen to it that the right peer is there. */
  readonly greeting?: Greeting;
  /** Lays messages out. Sessions that lay them out alike share one, so that a broadcast does so once for all. */
  readonly encoder: Encoder;
  /** Makes what takes chunks apart; left out where each chunk is a message. Called once the peer has greeted. */
  decoder?(host: SessionHost): Decoder;
  /** A message's size in bytes. */
  sizeOf(message: WireMessage): number;
  /** Lays out a control frame, as patterns have them: a subscription. Undefined if it cannot be said on this connection. */
  encodeControl?(frame: object): Uint8Array | undefined;
  /**
   * What messages travel on once both ends have greeted, where that is not the connection itself: encryption.
   *
   * @param connection Paused, and past its greeting.
   * @param first What came behind the greeting, to be delivered before all else.
   */
  readonly secure?:
    | ((connection: Connection, first: readonly Uint8Array<ArrayBuffer>[]) => Connection)
    | undefined;
  /** The peer takes nothing more: heartbeats, if there are any, end. */
  ended?(): void;
}

/** What a session can do besides passing messages on. */
export interface SessionHost {
  /** Sends bytes between two messages, as soon as there is room: the answer to a heartbeat. */
  reply(bytes: Uint8Array): void;
  /** Passes a control frame on to the pattern. */
  control(frame: object): void;
  /** A number that changes with whatever comes from the peer. */
  readonly heard: number;
  /** Whether the peer is not read at the moment, and so cannot be heard. */
  readonly isPaused: boolean;
  /** Closes the connection, for this reason. */
  error(reason: unknown): void;
}

/** Where a decoder passes messages on to. */
export interface DecoderController<Message = WireMessage> extends TransformController<Message> {
  /** Whether there is no room for another message at the moment. */
  readonly isFull?: boolean;
}

/** Takes messages out of chunks: see {@linkcode Transformer}. */
export interface Decoder extends Transformer<Uint8Array<ArrayBuffer>, WireMessage> {
  /**
   * Takes a chunk. When the controller is full it should stop behind the message.
   *
   * @returns What is left of the chunk then, in memory that is not lent.
   */
  transform(
    chunk: Uint8Array<ArrayBuffer>,
    controller: DecoderController,
  ): Uint8Array<ArrayBuffer> | void;
  /** Goes on with what was left of a chunk. A decoder that never stops has no need of it. */
  resume?(
    rest: Uint8Array<ArrayBuffer>,
    controller: DecoderController,
  ): Uint8Array<ArrayBuffer> | void;
  /** Where the next chunk is best read to: see `ConnectionSink`. */
  room?(): Uint8Array<ArrayBuffer> | undefined;
}

/** How two ends greet and agree, in as many steps as it takes. It is asked and answers; the core reads and writes. */
export interface Greeting {
  /** What we say first, without waiting for the peer, if anything. */
  hello(): Uint8Array | undefined;
  /**
   * Reads what has come of the peer's greeting.
   *
   * @param received All that has come and was not used yet.
   * @throws {SPError} `EPROTO` if it is none, or not the right one.
   */
  read(received: Uint8Array<ArrayBuffer>): GreetingStep;
  /** What is missing, for an error: `"The peer sent 3 of 8 bytes of its header"`. */
  missing(received: number): string;
  /** What a peer that is refused is told before the connection is closed, if anything. */
  farewell?(reason: SPError): Uint8Array | undefined;
  /** What the peer calls itself, once it has said so. */
  readonly identity?: Uint8Array<ArrayBuffer>;
  /** The peer's protocol, where a protocol has several counterparts. */
  readonly peerName?: string;
  /** What else the peer has told of itself, by name. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What a step of a greeting has come to. */
export interface GreetingStep {
  /** Bytes that it has used. */
  readonly used: number;
  /** What we answer. */
  readonly say?: Uint8Array;
  /** Whether both ends agree now. */
  readonly isDone: boolean;
  /** What has to be over before the greeting goes on; `read` is called again then. It rejects to refuse the peer. */
  readonly until?: Promise<void>;
}

/** How a wire lays messages out. */
export interface Encoder {
  /** Bytes of a message's frame that are not the message's, at least. */
  readonly overhead: number;
  /** Whether each message has to stay a piece of its own, because the connection keeps messages apart. */
  readonly keepsApart: boolean;
  /**
   * Lays out one message: by `packer.reserve` and `packer.slab`, and `packer.borrow` for large parts. On a `"message"` connection
   * the peer may get what is borrowed as it is, so it is not borrowed from memory that threads share.
   */
  encode(message: WireMessage, packer: Packer): void;
  /** The message again, of the pieces that it was laid out in: for another pipe. */
  unpack(pieces: readonly Uint8Array[]): WireMessage;
  /** Its bytes without its frame, of the same; left out where `overhead` is the same for every message. */
  payload?(pieces: readonly Uint8Array[]): number;
  /** Whether the memory of a borrowed message was taken away. */
  isGone(message: WireMessage): boolean;
  /** Says that several peers get the message, whose memory is nobody's alone. */
  share(message: WireMessage): void;
}

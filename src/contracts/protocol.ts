import type { DropReason, SocketEvent } from "../surface/events.ts";
import type { Pipe } from "../pipes/pipe.ts";
import type { ReceivedMessage } from "../receiving/receive_options.ts";
import type { TransformController, Transformer } from "./transformer.ts";
import type { WaitOptions } from "../base/wait.ts";
import type { Wire } from "./wire.ts";

/** A protocol and its counterpart. */
export interface ProtocolId {
  /** `"push"`; also the WebSocket subprotocol's, `push.sp.nanomsg.org`. */
  readonly name: string;
  /** The counterpart's name. */
  readonly peerName: string;
  /**
   * The WebSocket subprotocols that it is spoken by, the best first: what a client asks for, and what a server takes. SP's, of
   * which there is one for each protocol, if left out.
   */
  readonly subprotocols?: {
    readonly connect: readonly string[];
    readonly bind: readonly string[];
    /** What to say where none is possible: why, and what to do instead. A page cannot ask for a name with a slash. */
    readonly missing: string;
  };
  /**
   * Throws `EPROTO` unless theirs is the counterpart of ours: for transports that know both, and on whose connections nobody
   * greets.
   */
  checkPeer(theirs: ProtocolId): void;
}

/** A protocol, and how its messages lie on connections. */
export interface WireProtocolId extends ProtocolId {
  /** The wire that it is spoken on. */
  readonly wire: Wire;
}

/** Where a pipe's messages go: its part of the {@linkcode Receiving} queue. */
export interface PipeInput extends TransformController<never> {
  /** Whether the pipe should stop reading. If so, it is told by `resume` when to go on. */
  readonly full: boolean;
  /** What more messages of the pipe may cost, in bytes: their sizes and what each costs besides; not above 0 if there is no room. */
  readonly room: number;
  /** The same once the pipe is over, and what has come cannot wait elsewhere: the queue may hold twice as much then. */
  readonly lastRoom: number;
  /** The pipe keeps something that has come until there is room and time, or no longer does. */
  holds(isHolding: boolean): void;
  /** The pipe is over: nothing more comes by it. */
  end(): void;
}

/** A pattern's way in: towards the pipes, what the core calls; towards the user, the faces. */
export interface Receiving<ToUser> {
  /** Messages that wait for the reader. */
  readonly length: number;
  /** Opens a pipe's queue. */
  open(pipe: Pipe): PipeInput;
  /** A pipe has room out, or is gone: what was held back for it may be handed out. */
  wake(): void;
  /** Resolves when no message waits. */
  emptied(): Promise<void>;
  /** Nothing more will come. Returns how many messages nobody will ever take. */
  close(): number;
  /** The messages as a stream. */
  readonly readable: ReadableStream<ToUser>;
  /** The next message. */
  receive(options?: WaitOptions): Promise<ToUser>;
  /** All messages that have come. */
  receiveBatch(options?: WaitOptions): Promise<ToUser[]>;
  /** Message after message. */
  iterate(): AsyncIterableIterator<ToUser>;
  /** The same, each with its peer. */
  messages(): AsyncIterableIterator<ReceivedMessage<ToUser>>;
  /** What to do when the user cancels the stream. */
  onCancel(callback: () => unknown): void;
}

/** The one place of a socket that has one peer at a time. */
export interface Seat {
  /**
   * Takes it for a peer that shakes hands.
   *
   * @returns What gives it back, if it was not given back already. To be called before the peer's pipe is attached.
   * @throws {SPError} `EBUSY` if it is taken.
   */
  reserve(remoteAddress: string): () => void;
}

/** A pattern's way out: towards the pipes, what the core calls; towards the user, the faces. */
export interface Sending<FromUser> {
  /** Where there is one peer at a time: the place for it. */
  readonly seat?: Seat | undefined;
  /** A peer comes. Throws an `SPError` to refuse it. */
  attach(pipe: Pipe): void;
  /** A peer is going: it gets nothing more. */
  detach(pipe: Pipe): void;
  /** A peer has gone: what it had not been sent can be taken back. */
  reclaim(pipe: Pipe): void;
  /** A peer that was full has room again. */
  ready(pipe: Pipe): void;
  /** Sends what waits, as far as there is room. */
  pump(): void;
  /** Resolves when nothing waits for a pipe. */
  drained(): Promise<void>;
  /** Takes nothing more; what waits goes on waiting. */
  close(): void;
  /** Gives up what waits. Returns how many messages had been accepted. */
  abandon(reason: unknown): number;
  /** Messages to send, as a stream. */
  readonly writable: WritableStream<FromUser>;
  /** Sends one. */
  send(message: FromUser, options?: WaitOptions): Promise<void>;
  /** What to do when the user has closed the stream, or aborted it (then with a linger of 0). */
  onEnd(callback: (linger?: number) => unknown): void;
}

/** What a pattern is given of its socket. */
export interface ProtocolHost {
  /** Counts losses that are no pipe's. */
  lose(reason: DropReason, count: number): void;
  /** Tells what happens. */
  emit(event: SocketEvent): void;
}

/**
 * The second contract: what a pattern gives to the core. It knows messages and pipes; no byte of a
 * frame, no transport.
 *
 * For each peer, in this order: `attach` (where an `SPError` refuses it), `inbound`, then messages,
 * then `detach` once. Everything is synchronous, and nothing is called twice at once for one pipe.
 */
export interface Protocol {
  /** Names and numbers. */
  readonly id: WireProtocolId;
  /** The way in, for a pattern that receives: queue and faces. */
  readonly receiveQueue?: Receiving<unknown>;
  /** The way out, for a pattern that sends: faces and routing rule. */
  readonly sendQueue?: Sending<never>;
  /**
   * Makes the transformer that messages of this peer pass on their way to the receive queue: it takes the
   * pattern's header off, filters, counts. Without one they go to the receive queue as they are; without a
   * receive queue a message from the peer is an error.
   */
  inbound?(pipe: Pipe): Transformer<never, never>;
  /** The socket is made. */
  opened?(host: ProtocolHost): void;
  /** A control frame has come from a peer: a subscription. */
  control?(pipe: Pipe, frame: object): void;
  /** A peer comes; after the send queue's router has taken it. */
  attach?(pipe: Pipe): void;
  /** A peer has gone; before the send queue's router hears of it. */
  detach?(pipe: Pipe): void;
  /** The socket is closing: resolves when nothing is left that the pattern itself still has to send. */
  settle?(): Promise<void>;
  /**
   * The socket drains: takes no new work, and resolves when no work that was accepted, or has come, needs a peer any more.
   * Without it, what has come is handed out, and what was accepted sent.
   */
  drain?(): Promise<void>;
  /** The socket is closed: whoever still waits for the pattern is told this. Returns how many messages it gave up. */
  close?(reason: unknown): number | void;
}

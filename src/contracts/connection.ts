import type { SPError } from "../base/errors.ts";

/**
 * How messages lie on a connection.
 *
 * - `"tcp"`: bytes; each message behind its length as a 64-bit big-endian number (sp-tcp-mapping-01, 3).
 * - `"ipc"`: bytes; the same behind a byte `0x01` (sp-ipc-mapping-01, 3).
 * - `"message"`: the connection keeps messages apart by itself (WebSocket, inproc), and the transport
 *   has already checked that the peer speaks the right protocol.
 */
export type Framing = "tcp" | "ipc" | "message";

/** What a transport knows of who is at the other end; the accept hook and the events show it. */
export interface ConnectionInfo {
  /** The peer's address, as an address of this library: `tcp://10.0.0.7:41522`. */
  readonly remoteAddress: string;
  /** Our own end's. */
  readonly localAddress: string;
  /** On `wss` and `tls+tcp`: the name in the peer's certificate, once verified. */
  readonly tlsName?: string;
  /** On `ws` and `wss`, seen from the server: the headers of the request for the upgrade. */
  readonly headers?: Headers;
  /** On `ws` and `wss`: the path and query that was asked for. */
  readonly path?: string;
}

/** Where a connection delivers. The core implements it; a transport calls it, never twice at once. */
export interface ConnectionSink {
  /**
   * Bytes, or on a `"message"` connection one whole message. The chunk is the sink's to keep, unless it is lent; no other
   * thread has its memory.
   */
  data(chunk: Uint8Array<ArrayBuffer>): void;
  /**
   * Where the next chunk is best read to, for a connection that can choose; undefined where it does not matter. What
   * is read there is delivered as the beginning of that memory. Asked after each chunk, or before each read.
   */
  room?(): Uint8Array<ArrayBuffer> | undefined;
  /** After a `write` that returned false: everything is with the operating system now. */
  drain(): void;
  /**
   * The peer has ended its stream: nothing more comes, while what is written may still arrive. The sink answers with
   * `end`, or `destroy`. A sink without this method is told `closed` instead, and the connection ends by itself.
   */
  ended?(): void;
  /** The connection is over, at the peer's wish or by an error. Called exactly once, and nothing after it. */
  closed(reason?: SPError): void;
}

/**
 * The first contract: what a transport gives to the core.
 *
 * - Nothing is delivered before `start`, and nothing while paused but what is already on its way. A
 *   second `start` hands the connection, still paused or not, to another sink: handshake, then pipe.
 * - `write` returns true when the operating system has taken it all: the chunks' memory may be used
 *   again at once. False means that the connection still holds them: the core does not touch them,
 *   and does not write again, until `drain`. The array itself is free on return. On a `"message"`
 *   connection true means that more may be written; the chunks' memory is given away for good.
 * - The end of the peer's stream is `ended()`; what had arrived before it is delivered before it. A connection whose
 *   streams end together says `closed()` without a reason.
 * - `end` sends what is written and then the end of our stream; `closed` follows when the peer has
 *   answered with its own. `destroy` lets go at once; `closed` follows, at once or later.
 * - No method throws for anything that the peer or the operating system did; that is `closed(reason)`.
 */
export interface Connection extends ConnectionInfo {
  /** How messages lie on it. */
  readonly framing: Framing;
  /** On a WebSocket: the subprotocol that both ends agreed on. */
  readonly subprotocol?: string | undefined;
  /**
   * Whether the peer gets the very memory that is written, so that it is not used again even after
   * `write` returned true. On a `"message"` connection that is so anyway.
   */
  readonly keepsMemory?: boolean;
  /**
   * Whether the chunks that it delivers are lent: their memory is used again once `data` returns, unless it is the sink's
   * own `room`. Never on `"message"`.
   */
  readonly lendsMemory?: boolean;
  /**
   * Whether the peer is part of this program: `maxMessageSize` is not held against it, and what is for it waits for the
   * end of the turn, or two sockets that keep each other busy would never let the event loop go on.
   */
  readonly inProcess?: boolean;
  /**
   * Whether it takes nothing more, since the peer has begun to end it: what waits then stays with the core. No, if left out.
   */
  readonly isEnding?: boolean;
  /**
   * How much of the last write has not left, once `closed` was called: bytes, or chunks on a `"message"` connection.
   * All of it, if left out.
   */
  readonly unwritten?: number;
  /**
   * A number that changes with whatever leaves of a write that the connection holds, such as the bytes of it that are left: how a
   * write that makes no progress is told from a long one. Left out where only the end of a write is seen.
   */
  readonly pending?: number;
  /**
   * A number that changes with whatever has come from the peer, where that is more than what is delivered: parts of messages, and
   * answers to pings.
   */
  readonly heard?: number;
  /** Begins to deliver to the sink. */
  start(sink: ConnectionSink): void;
  /** Writes chunks in order; on a `"message"` connection each is one message. */
  write(chunks: readonly Uint8Array[]): boolean;
  /** Stops reading, so that the peer is pushed back. */
  pause(): void;
  /** Reads again. */
  resume(): void;
  /** Finishes writing and says so to the peer. */
  end(): void;
  /** Lets go at once. */
  destroy(): void;
  /** Lets go of a peer that is not taken in, and tells it why, as far as it can; without it, `destroy` is called. */
  refuse?(reason: SPError): void;
}

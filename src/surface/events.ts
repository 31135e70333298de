import type { SPError } from "../base/errors.ts";
import { type Refusal, Refusals } from "./refusals.ts";
import type { PeerInfo } from "./peer.ts";

/**
 * Why a message was lost.
 *
 * | reason | meaning |
 * | --- | --- |
 * | `closed` | the socket was closed: `linger` ended before it was sent, nobody had taken it, or it came too late |
 * | `detached` | its buffer was detached, or made smaller, while it waited to be sent |
 * | `late` | an answer that nobody waits for: its request was cancelled, answered, or its survey is over |
 * | `malformed` | the protocol's header was no header, and the connection is closed as well; or the codec could not decode it |
 * | `overflow` | the peer's queue was full, and the socket's policy is to drop |
 * | `peer-gone` | its peer disconnected: it was queued, or half written, or an answer to nobody |
 * | `ttl` | it passed through as many devices as it may |
 * | `unanswered` | a question that was received and not answered before the next one was received |
 * | `unasked` | an answer by a peer that was not asked, or that has answered already |
 * | `unroutable` | nobody has the routing id that it is for |
 * | `unsubscribed` | it was queued when its subscription ended |
 * | `unwanted` | the pattern has no use for it: it came without its delimiter, say |
 */
export type DropReason =
  | "closed"
  | "detached"
  | "late"
  | "malformed"
  | "overflow"
  | "peer-gone"
  | "ttl"
  | "unanswered"
  | "unasked"
  | "unroutable"
  | "unsubscribed"
  | "unwanted";

/** What happens on a socket, as `events()` tells it. */
export type SocketEvent =
  | { readonly type: "attached"; readonly peer: PeerInfo }
  | { readonly type: "detached"; readonly peer: PeerInfo; readonly reason?: SPError }
  | {
    /** A connection that did not become a peer: the handshake failed, a limit, a hook or the pattern said no. */
    readonly type: "rejected";
    readonly endpoint: string;
    /** Who it was; the last one, if there are several. */
    readonly remoteAddress: string;
    /** Why; the last one's, if there are several. All have its code. */
    readonly reason: SPError;
    /** How many connections: 1, unless there are so many that they are told of together. */
    readonly count: number;
  }
  | {
    /** No connection came about; the next try follows after `retryIn` milliseconds. */
    readonly type: "connect-failed";
    readonly endpoint: string;
    readonly reason: SPError;
    readonly retryIn: number;
  }
  | {
    /**
     * The last try to connect failed, as so many before it, or the peer does not accept our credentials (`EAUTH`): the
     * dialer tries no more, and is closed.
     */
    readonly type: "gave-up";
    readonly endpoint: string;
    readonly attempts: number;
    readonly reason: SPError;
  }
  | {
    /**
     * A listener could not take a connection from the operating system, or cannot take any for now. With `EMFILE` or
     * `ENFILE` it rests until a file descriptor is free: meanwhile connections are refused, or wait. It goes on by itself.
     */
    readonly type: "accept-failed";
    readonly endpoint: string;
    /** Why; the last one's, if there are several. All have its code. */
    readonly reason: SPError;
    /** How often: 1, unless it is so often that it is told of together. */
    readonly count: number;
  }
  | {
    /** A request was sent again: because its peer was lost, or because no reply came within `resendInterval`. */
    readonly type: "request-resent";
    /** Who it was sent to this time. */
    readonly peer: PeerInfo;
    /** How often it has been sent now: 2 or more. */
    readonly attempt: number;
    readonly reason: "peer-lost" | "no-reply";
  }
  | {
    /** A handler of `serve` has thrown, or what it returned is no message: the question stays unanswered, unless `onError` answers it. */
    readonly type: "handler-failed";
    /** Who asked. */
    readonly peer: PeerInfo;
    /** What was thrown. */
    readonly error: unknown;
  }
  | {
    /** What is sent begins to wait for a place in a queue; told again only once nothing waits. SP's sockets do not tell it. */
    readonly type: "send-waits";
    /** Whether nobody is connected, or nobody who is has room. */
    readonly reason: "no-peer" | "full";
  }
  | {
    /** So many events before the next one were lost, since they were not read in time: 1,024 wait at the most. */
    readonly type: "missed";
    readonly count: number;
  }
  | {
    /** Messages were lost: how many since the last such event, for this peer and reason. */
    readonly type: "dropped";
    readonly peer?: PeerInfo;
    readonly reason: DropReason;
    readonly count: number;
    /** Why the codec could not decode the last one of them, where that is the reason. */
    readonly error?: unknown;
  };

/** Drops are gathered for this long, in milliseconds, so that a flood of them is no flood of events. */
const GATHER = 50;

/** Events that a reader has not taken yet; beyond it the oldest give way. */
const BACKLOG = 1024;

interface Gathered {
  readonly peer: PeerInfo | undefined;
  readonly reason: DropReason;
  count: number;
  error: unknown;
}

interface Reader {
  readonly queue: SocketEvent[];
  controller: ReadableStreamDefaultController<SocketEvent>;
  wanted: boolean;
  /** Events that had to give way since it was last told of such. */
  missed: number;
}

/** Tells every reader what happens. Costs nothing while nobody reads. */
export class EventHub {
  readonly #readers: Set<Reader> = new Set();
  readonly #drops: Map<PeerInfo | undefined, Gathered[]> = new Map();
  readonly #refusals: Refusals = new Refusals((event) => this.emit(event));
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  /** Events that were lost because a reader did not take them in time. */
  missed = 0;

  /** A stream of what happens from now on; ends when the socket is closed. */
  open(): ReadableStream<SocketEvent> {
    let reader: Reader | undefined;
    return new ReadableStream<SocketEvent>({
      start: (controller) => {
        if (this.#closed) return controller.close();
        reader = { queue: [], controller, wanted: false, missed: 0 };
        this.#readers.add(reader);
      },
      pull: () => {
        if (reader === undefined) return;
        const next = this.#tellMissed(reader) ?? reader.queue.shift();
        if (next === undefined) reader.wanted = true;
        else reader.controller.enqueue(next);
      },
      cancel: () => {
        if (reader !== undefined) this.#readers.delete(reader);
      },
    }, { highWaterMark: 0 });
  }

  /** Tells one thing. */
  emit(event: SocketEvent): void {
    for (const reader of this.#readers) {
      if (reader.wanted) {
        reader.wanted = false;
        reader.controller.enqueue(event);
        continue;
      }
      reader.queue.push(event);
      if (reader.queue.length <= BACKLOG) continue;
      reader.queue.shift();
      reader.missed++;
      this.missed++;
    }
  }

  /** Tells of lost messages, gathered. */
  dropped(peer: PeerInfo | undefined, reason: DropReason, count: number, error?: unknown): void {
    if (this.#readers.size === 0) return;
    let gathered = this.#drops.get(peer);
    if (gathered === undefined) this.#drops.set(peer, gathered = []);
    const same = gathered.find((one) => one.reason === reason);
    if (same === undefined) gathered.push({ peer, reason, count, error });
    else {
      same.count += count;
      same.error = error;
    }
    this.#timer ??= setTimeout(() => this.#tellDrops(), GATHER);
  }

  /** Tells of a connection that was refused or not accepted; of many of them together. */
  refused(event: Refusal): void {
    if (this.#readers.size > 0) this.#refusals.add(event);
  }

  /** Tells what is gathered, then ends every reader's stream. */
  close(): void {
    this.#tellDrops();
    this.#refusals.close();
    this.#closed = true;
    for (const reader of this.#readers) {
      const missed = this.#tellMissed(reader);
      const { queue, controller } = reader;
      for (const event of missed === undefined ? queue : [missed, ...queue]) {
        controller.enqueue(event);
      }
      controller.close();
    }
    this.#readers.clear();
  }

  #tellMissed(reader: Reader): SocketEvent | undefined {
    const { missed: count } = reader;
    reader.missed = 0;
    return count === 0 ? undefined : { type: "missed", count };
  }

  #tellDrops(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const gathered of this.#drops.values()) {
      for (const { peer, reason, count, error } of gathered) {
        this.emit({
          type: "dropped",
          ...(peer && { peer }),
          reason,
          count,
          ...(error !== undefined && { error }),
        });
      }
    }
    this.#drops.clear();
  }
}

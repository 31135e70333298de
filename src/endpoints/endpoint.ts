import type { Connection } from "../contracts/connection.ts";
import { closedError, type SPError, wrapError } from "../base/errors.ts";
import type { EventHub } from "../surface/events.ts";
import { type ConnectionCounter, noConnections } from "../surface/stats.ts";
import type { ResolvedEndpointOptions } from "../surface/options.ts";
import type { Pipe } from "../pipes/pipe.ts";
import { refuse } from "../pipes/handshake.ts";
import type { WireProtocolId } from "../contracts/protocol.ts";
import type { TransportContext } from "../contracts/transport.ts";
import { Watch } from "../pipes/watch.ts";
import { within } from "../base/wait.ts";

/** How long connections that shake hands when a socket drains may take to become peers, in milliseconds. */
const LONGEST_JOIN = 1000;

/** Who endpoints work for: their socket. */
export interface EndpointHost {
  readonly protocol: WireProtocolId;
  readonly events: EventHub;
  /** What all endpoints have counted, also those that are closed. */
  readonly connections: ConnectionCounter;
  /**
   * Makes a connection a peer, and tells the endpoint so by `joined`; rejects if it must not be one. The
   * connection is closed then. `release` gives back the place that was reserved for it, if one was.
   */
  admit(connection: Connection, endpoint: Endpoint, release?: () => void): Promise<Pipe>;
  /** Takes the socket's one place, where it has one peer at a time; returns what gives it back. Throws `EBUSY`. */
  reserve(remoteAddress: string): (() => void) | undefined;
  /** Throws `EMAXPEERS` if the socket has as many peers, with those on their way, as it may. */
  checkRoom(): void;
  /** The endpoint is closed. */
  forget(endpoint: Endpoint): void;
}

/** What dialers and listeners share: an address, options, peers, counters. */
export abstract class Endpoint {
  /** The options, filled in. */
  readonly options: ResolvedEndpointOptions;
  /** What it was given to bind or connect to. */
  readonly given: string;
  /** What happened so far. */
  readonly counters: ConnectionCounter = noConnections();
  /** Peers that came by way of it. */
  readonly pipes: Set<Pipe> = new Set();
  /** Which side we are. */
  abstract readonly role: "bind" | "connect";
  /** Whether anybody can come: a socket with one peer at a time hears who they are before it says a word. */
  readonly isOpenToAll: boolean = false;

  protected readonly host: EndpointHost;
  protected readonly context: TransportContext;
  readonly #watch: Watch;
  /**
   * Who is on the way to becoming a peer, the oldest first, and what lets go of it: connections, and the addresses of those
   * with whom the transport still shakes hands.
   */
  protected readonly onTheWay: Map<Connection | string, (reason?: SPError) => void> = new Map();
  readonly #abort: AbortController = new AbortController();
  /** Connections that shake hands. */
  readonly #joins: Set<Promise<Pipe>> = new Set();
  #released: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** @param host The socket. @param address As given. @param options Filled in. */
  constructor(host: EndpointHost, address: string, options: ResolvedEndpointOptions) {
    this.host = host;
    this.given = address;
    this.options = options;
    this.#watch = new Watch(options);
    this.context = {
      address,
      protocol: host.protocol,
      options: forTransport(options, host.protocol),
      signal: this.#abort.signal,
      reserve: (remoteAddress) => host.reserve(remoteAddress),
    };
  }

  /** The address that is in use. */
  abstract get address(): string;

  /** How many connections are on their way to becoming peers. */
  get inProgress(): number {
    return this.onTheWay.size;
  }

  /** Whether it was closed, or is about to be: it makes no new connections. */
  get isClosed(): boolean {
    return this.#released !== undefined;
  }

  /** Whether a connection that shakes hands may still become a peer. */
  get takesIn(): boolean {
    return this.#closing === undefined;
  }

  /**
   * Makes no new connections. Those that shake hands still become peers, since their peers may have begun to send; resolves
   * when they are, or have had their time.
   */
  async finish(): Promise<void> {
    await (this.#released ??= this.release());
    await within(LONGEST_JOIN, Promise.allSettled(this.#joins));
  }

  /** Makes no new peers, and lets go of whoever is about to become one; the pipes go on. */
  stop(): Promise<void> {
    return this.#closing ??= this.#stop();
  }

  protected abstract release(): Promise<void>;

  async #stop(): Promise<void> {
    const released = this.#released ??= this.release();
    this.#abort.abort(closedError("go on"));
    for (const giveWay of [...this.onTheWay.values()]) giveWay();
    await released;
    this.host.forget(this);
  }

  /** Whether a connection is still to become a peer: it may have had to give way. */
  isAwaiting(connection: Connection): boolean {
    return this.onTheWay.has(connection);
  }

  /** A connection has become a peer. */
  joined(pipe: Pipe, connection: Connection): void {
    this.pipes.add(pipe);
    this.onTheWay.delete(connection);
    this.count(this.role === "connect" ? "established" : "accepted");
    this.#watch.add(pipe);
  }

  /** A pipe takes nothing more: how long it still may take is limited otherwise. */
  closing(pipe: Pipe): void {
    this.#watch.remove(pipe);
  }

  /** A pipe has ended. */
  lost(pipe: Pipe, reason: SPError | undefined): void {
    this.pipes.delete(pipe);
    this.left(pipe.peer.remoteAddress);
    this.count(reason === undefined ? "dropped" : "broken");
  }

  /** Has the socket take a connection, and counts how that went. */
  protected async join(connection: Connection, release?: () => void): Promise<Pipe> {
    const { remoteAddress } = connection;
    let gaveWay: SPError | undefined;
    try {
      this.enter(remoteAddress);
    } catch (reason) {
      release?.();
      refuse(connection, reason);
      this.refuse(remoteAddress, reason);
      throw reason;
    }
    this.onTheWay.set(connection, (reason) => {
      this.onTheWay.delete(connection);
      gaveWay = reason;
      if (reason === undefined) connection.destroy();
      else refuse(connection, reason);
    });
    const joining = this.host.admit(connection, this, release);
    this.#joins.add(joining);
    try {
      return await joining;
    } catch (error) {
      this.onTheWay.delete(connection);
      this.left(remoteAddress);
      this.refuse(remoteAddress, gaveWay ?? error);
      throw gaveWay ?? error;
    } finally {
      this.#joins.delete(joining);
    }
  }

  /** Makes room for a connection. Throws if there is none. */
  protected enter(_remoteAddress: string): void {
    this.host.checkRoom();
  }

  /** Who was let in is gone, as a peer or before. */
  protected left(_remoteAddress: string): void {}

  /** Counts one more, of this endpoint and of the socket. */
  protected count(what: Exclude<keyof ConnectionCounter, "rejections">): void {
    this.counters[what]++;
    this.host.connections[what]++;
  }

  /** Counts and tells that somebody does not become a peer. */
  protected refuse(remoteAddress: string, error: unknown): void {
    if (this.isClosed) return;
    const reason = wrapError(`Refused ${remoteAddress}`, error);
    this.count("rejected");
    for (const { rejections } of [this.counters, this.host.connections]) {
      rejections[reason.code] = (rejections[reason.code] ?? 0) + 1;
    }
    this.host.events.refused({
      type: "rejected",
      endpoint: this.given,
      remoteAddress,
      reason,
      count: 1,
    });
  }
}

/** A transport knows chunks, and no messages: what is a limit for these becomes one for those. */
function forTransport(
  options: ResolvedEndpointOptions,
  { wire }: WireProtocolId,
): ResolvedEndpointOptions {
  if (wire.chunkLimit === undefined) return options;
  return { ...options, maxMessageSize: wire.chunkLimit(options.maxMessageSize) };
}

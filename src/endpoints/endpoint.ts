import type { Connection } from "../contracts/connection.ts";
import { closedError, type SPError, wrapError } from "../base/errors.ts";
import type { EventHub } from "../surface/events.ts";
import type { ResolvedEndpointOptions } from "../surface/options.ts";
import type { Pipe } from "../pipes/pipe.ts";
import type { ProtocolId } from "../contracts/protocol.ts";
import type { TransportContext } from "../contracts/transport.ts";
import { Watch } from "../pipes/watch.ts";

/** What an endpoint has counted; nanomsg's numbers are in brackets. */
export interface EndpointCounters {
  /** Connections that we made and that became peers (101). */
  established: number;
  /** Connections that others made and that became peers (102). */
  accepted: number;
  /** Peers that closed their connection (103). */
  dropped: number;
  /** Connections that broke: by an error, or because the peer broke the protocol (104). */
  broken: number;
  /** Tries to connect that failed (105). */
  connectErrors: number;
  /** Connections that the operating system did not hand over (107). */
  acceptErrors: number;
  /** Connections that did not become peers: wrong protocol, refused by a hook or by the pattern. */
  rejected: number;
}

/** Who endpoints work for: their socket. */
export interface EndpointHost {
  readonly protocol: ProtocolId;
  readonly events: EventHub;
  /**
   * Makes a connection a peer, and tells the endpoint so by `joined`; rejects if it must not be one. The
   * connection is closed then. `release` gives back the place that was reserved for it, if one was.
   */
  admit(connection: Connection, endpoint: Endpoint, release?: () => void): Promise<Pipe>;
  /** Takes the socket's one place, where it has one peer at a time; returns what gives it back. Throws `EBUSY`. */
  reserve(remoteAddress: string): (() => void) | undefined;
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
  readonly counters: EndpointCounters = {
    established: 0,
    accepted: 0,
    dropped: 0,
    broken: 0,
    connectErrors: 0,
    acceptErrors: 0,
    rejected: 0,
  };
  /** Peers that came by way of it. */
  readonly pipes: Set<Pipe> = new Set();
  /** Connections on their way to becoming peers: how many there are. */
  inProgress = 0;
  /** Which side we are. */
  abstract readonly role: "bind" | "connect";
  /** Whether anybody can come: a socket with one peer at a time hears who they are before it says a word. */
  readonly isOpenToAll: boolean = false;

  protected readonly host: EndpointHost;
  protected readonly context: TransportContext;
  readonly #watch: Watch;
  readonly #joining: Set<Connection> = new Set();
  readonly #abort: AbortController = new AbortController();
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
      options,
      signal: this.#abort.signal,
      reserve: (remoteAddress) => host.reserve(remoteAddress),
    };
  }

  /** The address that is in use. */
  abstract get address(): string;

  /** Whether it was closed. */
  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** Makes no new peers, and lets go of whoever is about to become one; the pipes go on. */
  stop(): Promise<void> {
    return this.#closing ??= this.#stop();
  }

  protected abstract release(): Promise<void>;

  async #stop(): Promise<void> {
    this.#abort.abort(closedError("go on"));
    for (const connection of this.#joining) connection.destroy();
    await this.release();
    this.host.forget(this);
  }

  /** A connection has become a peer. */
  joined(pipe: Pipe): void {
    this.pipes.add(pipe);
    this.inProgress--;
    if (this.role === "connect") this.counters.established++;
    else this.counters.accepted++;
    this.#watch.add(pipe);
  }

  /** A pipe takes nothing more: how long it still may take is limited otherwise. */
  closing(pipe: Pipe): void {
    this.#watch.remove(pipe);
  }

  /** A pipe has ended. */
  lost(pipe: Pipe, reason: SPError | undefined): void {
    this.pipes.delete(pipe);
    if (reason === undefined) this.counters.dropped++;
    else this.counters.broken++;
  }

  /** Has the socket take a connection, and counts how that went. */
  protected async join(connection: Connection, release?: () => void): Promise<Pipe> {
    this.inProgress++;
    this.#joining.add(connection);
    try {
      return await this.host.admit(connection, this, release);
    } catch (error) {
      this.inProgress--;
      this.refuse(connection.remoteAddress, error);
      throw error;
    } finally {
      this.#joining.delete(connection);
    }
  }

  protected refuse(remoteAddress: string, error: unknown): void {
    if (this.isClosed) return;
    this.counters.rejected++;
    this.host.events.emit({
      type: "rejected",
      endpoint: this.given,
      remoteAddress,
      reason: wrapError(`Refused ${remoteAddress}`, error),
    });
  }
}

import type { Connection } from "./connection.ts";
import type { SPError } from "../base/errors.ts";
import type { ResolvedEndpointOptions } from "../surface/options.ts";
import type { ProtocolId } from "./protocol.ts";
import type { Rules } from "../base/rules.ts";

/**
 * The contract of a transport: how addresses of some schemes are connected to and bound. `registerTransport` makes one known.
 *
 * - `connect` and `bind` check an address at once, and throw an {@linkcode SPError} `EINVAL` that names it and says what was
 *   expected. They connect and bind nothing yet: that is done by what they return.
 * - A transport declares the options that its addresses have by `rules`, and reads them from the options that it is given. They
 *   have been checked by then, and those of the socket and of the call are merged; defaults are the transport's own.
 * - A transport explains its own errors: what it rejects with, and what it closes a connection with, is an `SPError` that says
 *   what could not be done, and why. Anything else that it throws is wrapped; a `code` such as `ECONNREFUSED` is kept.
 *
 * @example
 * ```ts
 * import {
 *   type ListenerSink,
 *   Pull,
 *   Push,
 *   registerTransport,
 *   SPError,
 *   StreamConnection,
 * } from "@nanostreams/nanostreams";
 *
 * const bound = new Map<string, ListenerSink>();
 * registerTransport({
 *   schemes: ["memory"],
 *   connect: (address, name) => ({
 *     dial: async () => {
 *       const listener = bound.get(name);
 *       if (!listener) throw new SPError("ECONNREFUSED", `Cannot connect to "${address}": nothing is bound to it`);
 *       const there = new TransformStream<Uint8Array, Uint8Array>();
 *       const back = new TransformStream<Uint8Array, Uint8Array>();
 *       const theirs = { readable: there.readable, writable: back.writable };
 *       listener.connection(new StreamConnection(theirs, address, "tcp"));
 *       return new StreamConnection({ readable: back.readable, writable: there.writable }, address, "tcp");
 *     },
 *   }),
 *   bind: (address, name) => ({
 *     listen: async (_context, sink) => {
 *       bound.set(name, sink);
 *       return { address, close: async () => void bound.delete(name) };
 *     },
 *   }),
 * });
 *
 * await using pull = new Pull();
 * await using push = new Push();
 * await pull.bind("memory://jobs");
 * push.connect("memory://jobs");
 * await push.send("a job");
 * console.log(new TextDecoder().decode(await pull.receive())); // "a job"
 * ```
 */
export interface Transport {
  /** The schemes that it serves, in lower case and without `://`: `["tcp"]`. */
  readonly schemes: readonly string[];
  /** The rules of the options that only its addresses have. */
  readonly rules?: TransportRules;
  /**
   * Checks an address to connect to.
   *
   * @param address As it was given. @param rest What follows `scheme://`. @param options Checked.
   * @param protocol The socket's.
   * @throws {SPError} `EINVAL` if the address is wrong, `ENOTSUP` if nothing, or no such socket, can be connected here.
   */
  connect(
    address: string,
    rest: string,
    options: ResolvedEndpointOptions,
    protocol: ProtocolId,
  ): Dialable;
  /**
   * Checks an address to bind.
   *
   * @param address As it was given. @param rest What follows `scheme://`. @param options Checked.
   * @param protocol The socket's.
   * @throws {SPError} `EINVAL` if the address is wrong, `ENOTSUP` if nothing, or no such socket, can be bound here.
   */
  bind(
    address: string,
    rest: string,
    options: ResolvedEndpointOptions,
    protocol: ProtocolId,
  ): Bindable;
}

/**
 * The rules of the options that a transport's addresses have, beside those that every address has. Sockets know the options of
 * all registered transports together: two that share an object of options, such as `tls`, each add their part.
 */
export interface TransportRules {
  /** Of the options of every socket, of `bind` and of `connect`. */
  readonly endpoint?: Rules;
  /** Of options that only `bind` has. */
  readonly bind?: Rules;
  /** Of the options that a bound listener can change; see {@linkcode BoundListener.update}. */
  readonly update?: Rules;
}

/** A checked address, ready to be connected to, any number of times. */
export interface Dialable {
  /**
   * Connects. Called again, after a pause, whenever the connection is lost.
   *
   * @returns A connection that delivers nothing before its `start`.
   * @throws {SPError} Why it could not connect; the signal's reason if that was aborted.
   */
  dial(context: TransportContext): Promise<Connection>;
}

/** A checked address, ready to be bound. */
export interface Bindable {
  /**
   * Binds.
   *
   * @param sink Told of who connects, until the listener is closed.
   * @throws {SPError} Why it could not bind.
   */
  listen(context: TransportContext, sink: ListenerSink): Promise<BoundListener>;
}

/** What a socket can be bound to that is no address: a place in a server that is there already. */
export interface Mount extends Bindable {
  /** What errors, events and statistics call it. */
  readonly address: string;
}

/** What a transport may know of the socket and the endpoint that it works for. */
export interface TransportContext {
  /** The address as it was given. */
  readonly address: string;
  /** Who we are, and who the peer must be. */
  readonly protocol: ProtocolId;
  /** The endpoint's options. */
  readonly options: ResolvedEndpointOptions;
  /** Aborted when the endpoint is closed, or when a try to connect has taken too long. */
  readonly signal: AbortSignal;
  /** When dialling: the connection stands, or the wait for it has no limit. `connectTimeout` holds no longer. */
  reached?(): void;
  /**
   * Checks the limits on peers, and takes the place of a socket that has one peer at a time. A transport that keeps
   * messages apart by itself calls it before it tells the peer that it is connected; on a connection of bytes that is done
   * without it.
   *
   * @returns When listening: what gives the place back, to be passed on with the connection; undefined where a socket
   * has any number of peers. A dialer looks after it itself.
   * @throws {SPError} `EBUSY` if the place is taken, `EMAXPEERS` or `EMAXPEERSPERHOST` if there is none.
   */
  reserve?(remoteAddress: string): (() => void) | undefined;
}

/** What a listener of a transport tells. */
export interface ListenerSink {
  /**
   * Somebody has come, and has a handshake of the transport's own before it: TLS, or an upgrade. From now on it counts as
   * a connection on its way to being a peer, until `connection`, `rejected` or `left` is called with the same address,
   * which no other has meanwhile. A transport without such a handshake calls `connection` alone.
   *
   * @param giveWay Called at the most once, when too many are on their way: let go of it. It is told of already.
   * @returns Why there is no place for it, if there is none: let go of it, it is told of already.
   */
  arrived(remoteAddress: string, giveWay: () => void): SPError | undefined;
  /** Who had arrived has gone without a word; no effect on who has become a connection, or was rejected. */
  left(remoteAddress: string): void;
  /** Somebody has connected; `release` gives back the place that was reserved for it. */
  connection(connection: Connection, release?: () => void): void;
  /** Somebody tried, and was refused before there was a connection. */
  rejected(remoteAddress: string, reason: SPError): void;
  /** A connection could not be accepted, for want of a descriptor, say; the listener goes on. */
  failed(reason: SPError): void;
}

/** A bound address. */
export interface BoundListener {
  /** The address with what the operating system chose: its port. */
  readonly address: string;
  /**
   * Changes options for those who connect from now on; connections go on as they are. Left out where none can change, and
   * `listener.update` throws.
   *
   * @param options All of them, with those that have changed.
   * @throws {SPError} What is wrong with them; then nothing has changed.
   */
  update?(options: ResolvedEndpointOptions): void;
  /** Stops listening; connections go on. */
  close(): Promise<void>;
}

import { type AddressRole, badAddress, splitAddress } from "./address.ts";
import type { Connection } from "./connection.ts";
import type { SPError } from "./errors.ts";
import { describe } from "./message.ts";
import type { ResolvedEndpointOptions } from "./options.ts";
import type { ProtocolId } from "./protocol.ts";

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
   * Takes the place of a socket that has one peer at a time. A transport that keeps messages apart by itself calls it
   * before it tells the peer that it is connected; on a connection of bytes the handshake does so.
   *
   * @returns When listening: what gives the place back, to be passed on with the connection; undefined where a socket
   * has any number of peers. A dialer looks after it itself.
   * @throws {SPError} `EBUSY` if the place is taken.
   */
  reserve?(remoteAddress: string): (() => void) | undefined;
}

/** What a listener of a transport tells. */
export interface ListenerSink {
  /** Somebody has connected; `release` gives back the place that was reserved for it. */
  connection(connection: Connection, release?: () => void): void;
  /** Somebody tried, and was refused before there was a connection. */
  rejected(remoteAddress: string, reason: SPError): void;
  /** The operating system did not hand over a connection; the listener goes on. */
  failed(reason: SPError): void;
}

/** A bound address. */
export interface BoundListener {
  /** The address with what the operating system chose: its port. */
  readonly address: string;
  /** Stops listening; connections go on. */
  close(): Promise<void>;
}

/** A checked address, ready to be used, any number of times. */
export interface Dialable {
  /** Connects; rejects with an `SPError` that says why it could not. */
  dial(context: TransportContext): Promise<Connection>;
}

/** A checked address, ready to be bound. */
export interface Bindable {
  /** Binds; rejects with an `SPError` that says why it could not. */
  listen(context: TransportContext, sink: ListenerSink): Promise<BoundListener>;
}

/** What a socket can be bound to that is no address: a place in a server that is there already. */
export interface Mount extends Bindable {
  /** What errors, events and statistics call it. */
  readonly address: string;
}

/** How addresses of some schemes are connected and bound. */
export interface Transport {
  /** The schemes that it serves: `["tcp"]`. */
  readonly schemes: readonly string[];
  /** Checks an address to connect to; throws `EINVAL` if it is wrong. */
  connect(address: string, rest: string, options: ResolvedEndpointOptions): Dialable;
  /** Checks an address to bind; throws `EINVAL` if it is wrong. */
  bind(address: string, rest: string, options: ResolvedEndpointOptions): Bindable;
}

const transports: Map<string, Transport> = new Map();

/** Makes a transport known to every socket; a later one of the same scheme takes its place. */
export function registerTransport(transport: Transport): void {
  for (const scheme of transport.schemes) transports.set(scheme, transport);
}

/** The transport of an address, and what stands behind the scheme. */
export function findTransport(
  role: AddressRole,
  address: string,
): { transport: Transport; rest: string } {
  const { scheme, rest } = splitAddress(role, address);
  const transport = transports.get(scheme);
  if (transport !== undefined) return { transport, rest };
  const known = [...transports.keys()].map((name) => `${name}://`).join(", ");
  throw badAddress(
    role,
    address,
    `${describe(scheme)} is no scheme known here, wanted one of ${known}`,
  );
}

import type { SPErrorCode } from "../base/errors.ts";
import type { DropReason } from "./events.ts";

/** Lost messages, by reason; a reason that did not occur is left out. */
export type DropCounts = Readonly<Partial<Record<DropReason, number>>>;

/** Connections that did not become peers, by the code of the reason; a code that did not occur is left out. */
export type RejectionCounts = Readonly<Partial<Record<SPErrorCode, number>>>;

/** What went over a connection, or over all of a socket's. Bytes are those of messages, with the protocol's header. */
export interface TrafficStats {
  /** Messages sent: handed to a peer's queue. */
  readonly messagesSent: number;
  /** Messages that came. */
  readonly messagesReceived: number;
  /** Bytes of the messages sent. */
  readonly bytesSent: number;
  /** Bytes of the messages that came. */
  readonly bytesReceived: number;
  /** Of a SUB: messages that came and matched no subscription; they do not count as received. */
  readonly messagesFiltered: number;
  /** Messages lost, by reason. */
  readonly drops: DropCounts;
}

/** One peer. */
export interface PeerStats extends TrafficStats {
  /** Its pipe's id, unique within the process. */
  readonly id: number;
  /** The endpoint that it came by. */
  readonly endpoint: string;
  /** Its address. */
  readonly remoteAddress: string;
  /** Messages accepted for it and not yet with the operating system. */
  readonly queuedMessages: number;
  /** Their bytes, frames included. */
  readonly queuedBytes: number;
}

/** What became of connections; the numbers in brackets are those of `nn_get_statistic`. */
export interface ConnectionStats {
  /** Connections that we made and that became peers (101). */
  readonly established: number;
  /** Connections that others made and that became peers (102). */
  readonly accepted: number;
  /** Peers that closed their connection (103). */
  readonly dropped: number;
  /** Connections that broke (104). */
  readonly broken: number;
  /** Tries to connect that failed (105). */
  readonly connectErrors: number;
  /** Connections that the operating system did not hand over (107). */
  readonly acceptErrors: number;
  /** Connections that did not become peers. */
  readonly rejected: number;
  /** The same, by the code of the reason: `{ EMAXPEERS: 12, EPROTO: 1 }`. */
  readonly rejections: RejectionCounts;
}

/** One endpoint. */
export interface EndpointStats extends ConnectionStats {
  /** The address in use. */
  readonly address: string;
  /** Which side we are. */
  readonly role: "bind" | "connect";
  /** Its peers now (201). */
  readonly peers: number;
  /** Connections on their way to being peers (202). */
  readonly inProgress: number;
}

/** What `stats()` returns: a snapshot, plain and free to be kept. */
export interface SocketStats extends TrafficStats {
  /** The socket's protocol: `"pub"`. */
  readonly protocol: string;
  /** Messages that wait for the reader. */
  readonly queuedMessages: number;
  /** Calls to `bind` that failed (106). */
  readonly bindErrors: number;
  /** Events that were lost because who reads `events()` did not take them in time. */
  readonly missedEvents: number;
  /** What became of the connections of all endpoints, also of those that are closed or have given up. */
  readonly connections: ConnectionStats;
  /** Endpoints that are open. */
  readonly endpoints: readonly EndpointStats[];
  /** Peers that are connected. */
  readonly peers: readonly PeerStats[];
}

/** Statistics that are still being counted: what users get is read-only. */
export type Mutable<Stats> = { -readonly [Name in keyof Stats]: Stats[Name] };

/** Drops that are still being counted. */
export type DropCounter = Mutable<DropCounts>;

/** Traffic that is still being counted. */
export interface TrafficCounter extends Mutable<TrafficStats> {
  drops: DropCounter;
}

/** Connections that are still being counted. */
export interface ConnectionCounter extends Mutable<ConnectionStats> {
  rejections: Mutable<RejectionCounts>;
}

/** No connections yet. */
export function noConnections(): ConnectionCounter {
  return {
    established: 0,
    accepted: 0,
    dropped: 0,
    broken: 0,
    connectErrors: 0,
    acceptErrors: 0,
    rejected: 0,
    rejections: {},
  };
}

/** Adds one to the other. */
export function addDrops(total: DropCounter, more: DropCounts): void {
  for (const [reason, count] of Object.entries(more) as [DropReason, number][]) {
    total[reason] = (total[reason] ?? 0) + count;
  }
}

/** No traffic yet. */
export function noTraffic(): TrafficCounter {
  return {
    messagesSent: 0,
    messagesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    messagesFiltered: 0,
    drops: {},
  };
}

/** Adds one to the other. */
export function addTraffic(total: TrafficCounter, more: TrafficStats): void {
  total.messagesSent += more.messagesSent;
  total.messagesReceived += more.messagesReceived;
  total.bytesSent += more.bytesSent;
  total.bytesReceived += more.bytesReceived;
  total.messagesFiltered += more.messagesFiltered;
  addDrops(total.drops, more.drops);
}

/**
 * The same figures under the numbers of nanomsg's `nn_get_statistic`.
 *
 * @param stats From `socket.stats()`.
 * @returns Values by number: 101 `NN_STAT_ESTABLISHED_CONNECTIONS` to 304 `NN_STAT_BYTES_RECEIVED`.
 *
 * @example
 * ```ts
 * import { nanomsgStatistics, Pub } from "@nanostreams/nanostreams";
 *
 * const pub = new Pub();
 * await pub.send("to nobody");
 * console.log(nanomsgStatistics(pub.stats())[301]); // 0: messages sent
 * await pub.close();
 * ```
 */
export function nanomsgStatistics(stats: SocketStats): Record<number, number> {
  const { connections } = stats;
  return {
    101: connections.established,
    102: connections.accepted,
    103: connections.dropped,
    104: connections.broken,
    105: connections.connectErrors,
    106: stats.bindErrors,
    107: connections.acceptErrors,
    201: stats.peers.length,
    202: stats.endpoints.reduce((total, { inProgress }) => total + inProgress, 0),
    203: 0,
    301: stats.messagesSent,
    302: stats.messagesReceived,
    303: stats.bytesSent,
    304: stats.bytesReceived,
  };
}

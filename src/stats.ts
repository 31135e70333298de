import type { DropReason } from "./events.ts";

/** Lost messages, by reason; a reason that did not occur is left out. */
export type DropCounts = Partial<Record<DropReason, number>>;

/** What went over a connection, or over all of a socket's. Bytes are those of messages, with the protocol's header. */
export interface TrafficStats {
  /** Messages sent: handed to a peer's queue. */
  messagesSent: number;
  /** Messages that came. */
  messagesReceived: number;
  /** Bytes of the messages sent. */
  bytesSent: number;
  /** Bytes of the messages that came. */
  bytesReceived: number;
  /** Messages lost, by reason. */
  drops: DropCounts;
}

/** One peer. */
export interface PeerStats extends TrafficStats {
  /** Its pipe's id, unique within the process. */
  id: number;
  /** The endpoint that it came by. */
  endpoint: string;
  /** Its address. */
  remoteAddress: string;
  /** Messages accepted for it and not yet with the operating system. */
  queuedMessages: number;
  /** Their bytes, frames included. */
  queuedBytes: number;
}

/** One endpoint; the numbers in brackets are those of `nn_get_statistic`. */
export interface EndpointStats {
  /** The address in use. */
  address: string;
  /** Which side we are. */
  role: "bind" | "connect";
  /** Its peers now (201). */
  peers: number;
  /** Connections on their way to being peers (202). */
  inProgress: number;
  /** Connections that we made and that became peers (101). */
  established: number;
  /** Connections that others made and that became peers (102). */
  accepted: number;
  /** Peers that closed their connection (103). */
  dropped: number;
  /** Connections that broke (104). */
  broken: number;
  /** Tries to connect that failed (105). */
  connectErrors: number;
  /** Connections that the operating system did not hand over (107). */
  acceptErrors: number;
  /** Connections that did not become peers. */
  rejected: number;
}

/** What `stats()` returns: a snapshot, plain and free to be kept. */
export interface SocketStats extends TrafficStats {
  /** The socket's protocol: `"pub"`. */
  protocol: string;
  /** Messages that wait for the reader. */
  queuedMessages: number;
  /** Calls to `bind` that failed (106). */
  bindErrors: number;
  /** Endpoints that are open. */
  endpoints: EndpointStats[];
  /** Peers that are connected. */
  peers: PeerStats[];
}

/** Adds one to the other. */
export function addDrops(total: DropCounts, more: DropCounts): void {
  for (const [reason, count] of Object.entries(more) as [DropReason, number][]) {
    total[reason] = (total[reason] ?? 0) + count;
  }
}

/** No traffic yet. */
export function noTraffic(): TrafficStats {
  return { messagesSent: 0, messagesReceived: 0, bytesSent: 0, bytesReceived: 0, drops: {} };
}

/** Adds one to the other. */
export function addTraffic(total: TrafficStats, more: Readonly<TrafficStats>): void {
  total.messagesSent += more.messagesSent;
  total.messagesReceived += more.messagesReceived;
  total.bytesSent += more.bytesSent;
  total.bytesReceived += more.bytesReceived;
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
  const sum = (name: Exclude<keyof EndpointStats, "address" | "role">): number =>
    stats.endpoints.reduce((total, endpoint) => total + endpoint[name], 0);
  return {
    101: sum("established"),
    102: sum("accepted"),
    103: sum("dropped"),
    104: sum("broken"),
    105: sum("connectErrors"),
    106: stats.bindErrors,
    107: sum("acceptErrors"),
    201: stats.peers.length,
    202: sum("inProgress"),
    203: 0,
    301: stats.messagesSent,
    302: stats.messagesReceived,
    303: stats.bytesSent,
    304: stats.bytesReceived,
  };
}

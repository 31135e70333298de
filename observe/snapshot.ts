import type { ConnectionStats, EndpointStats, PeerStats, SocketStats } from "../mod.ts";
import type { ObservedSocket } from "./sockets.ts";
import { withoutSecrets } from "./text.ts";

/** One socket as it is now. */
export interface SocketSnapshot extends Sent {
  readonly stats: SocketStats;
  /** Connections on their way to being peers. */
  readonly handshakes: number;
}

/** One peer as it is now. */
export interface PeerSnapshot extends Sent {
  readonly stats: PeerStats;
}

/** Traffic out, as counters that never go down. */
interface Sent {
  readonly messagesSent: number;
  readonly bytesSent: number;
  /** What was accepted and is not sent yet. */
  readonly unsentMessages: number;
  readonly unsentBytes: number;
}

/** What was told before. */
interface Told {
  bytesSent: number;
  /** Bytes sent, by the peer's id. */
  peers: ReadonlyMap<number, number>;
}

const TOLD: WeakMap<ObservedSocket, Told> = new WeakMap();

function toldOf(socket: ObservedSocket): Told {
  let told = TOLD.get(socket);
  if (told === undefined) TOLD.set(socket, told = { bytesSent: 0, peers: new Map() });
  return told;
}

/**
 * A socket's figures.
 *
 * `stats()` counts a message as sent when a peer's queue has it, and no longer if it leaves that queue for another peer's, or is
 * dropped: a counter must not go down. So what waits in queues is left out here. What waits counts with its frames, and what is
 * sent without them: hence the bytes are never less than what was told before, until what waits is sent.
 */
export function snapshotOf(socket: ObservedSocket, stats: SocketStats): SocketSnapshot {
  let unsentMessages = 0;
  let unsentBytes = 0;
  let handshakes = 0;
  for (const peer of stats.peers) {
    unsentMessages += peer.queuedMessages;
    unsentBytes += peer.queuedBytes;
  }
  for (const { inProgress } of stats.endpoints) handshakes += inProgress;
  const told = toldOf(socket);
  told.bytesSent = Math.max(told.bytesSent, stats.bytesSent - unsentBytes);
  return {
    stats,
    handshakes,
    messagesSent: stats.messagesSent - unsentMessages,
    bytesSent: told.bytesSent,
    unsentMessages,
    unsentBytes,
  };
}

/** The figures of each of its peers. */
export function peersOf(socket: ObservedSocket, stats: SocketStats): PeerSnapshot[] {
  const told = toldOf(socket);
  const peers = new Map<number, number>();
  const snapshots = stats.peers.map((peer) => {
    const { id, queuedMessages, queuedBytes } = peer;
    const bytesSent = Math.max(told.peers.get(id) ?? 0, peer.bytesSent - queuedBytes);
    peers.set(id, bytesSent);
    return {
      stats: peer,
      messagesSent: peer.messagesSent - queuedMessages,
      bytesSent,
      unsentMessages: queuedMessages,
      unsentBytes: queuedBytes,
    };
  });
  told.peers = peers;
  return snapshots;
}

/** The figures of each of its endpoints; those that have the same address and the same role are added up. */
export function endpointsOf({ endpoints }: SocketStats): EndpointStats[] {
  const sums = new Map<string, EndpointStats>();
  for (const endpoint of endpoints) {
    const address = withoutSecrets(endpoint.address);
    const key = `${endpoint.role} ${address}`;
    const other = sums.get(key);
    sums.set(key, other === undefined ? { ...endpoint, address } : added(other, endpoint));
  }
  return [...sums.values()];
}

function added(one: EndpointStats, other: EndpointStats): EndpointStats {
  const rejections: Record<string, number> = { ...one.rejections };
  for (const [code, count] of Object.entries(other.rejections)) {
    rejections[code] = (rejections[code] ?? 0) + count;
  }
  const connections: ConnectionStats = {
    established: one.established + other.established,
    accepted: one.accepted + other.accepted,
    dropped: one.dropped + other.dropped,
    broken: one.broken + other.broken,
    connectErrors: one.connectErrors + other.connectErrors,
    acceptErrors: one.acceptErrors + other.acceptErrors,
    rejected: one.rejected + other.rejected,
    rejections,
  };
  return {
    ...connections,
    address: one.address,
    role: one.role,
    peers: one.peers + other.peers,
    inProgress: one.inProgress + other.inProgress,
  };
}

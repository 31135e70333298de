import type { Endpoint } from "../endpoints/endpoint.ts";
import type { Pipe } from "../pipes/pipe.ts";
import type { EndpointStats, PeerStats } from "../surface/stats.ts";

/** An endpoint's figures as they are now. */
export function endpointStats(endpoint: Endpoint): EndpointStats {
  return {
    address: endpoint.address,
    role: endpoint.role,
    peers: endpoint.pipes.size,
    inProgress: endpoint.inProgress,
    ...endpoint.counters,
    rejections: { ...endpoint.counters.rejections },
  };
}

/** A peer's figures as they are now. */
export function peerStats(pipe: Pipe): PeerStats {
  return {
    id: pipe.peer.id,
    endpoint: pipe.peer.endpoint,
    remoteAddress: pipe.peer.remoteAddress,
    messagesSent: pipe.messagesSent,
    messagesReceived: pipe.messagesReceived,
    bytesSent: pipe.bytesSent,
    bytesReceived: pipe.bytesReceived,
    messagesFiltered: pipe.messagesFiltered,
    drops: { ...pipe.drops },
    queuedMessages: pipe.queuedMessages,
    queuedBytes: pipe.queuedBytes,
  };
}

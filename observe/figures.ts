import type {
  ConnectionStats,
  DropCounts,
  DropReason,
  EndpointStats,
  RejectionCounts,
  SPErrorCode,
} from "../mod.ts";
import type { PeerSnapshot, SocketSnapshot } from "./snapshot.ts";

/** Takes a value; where the figure has a label, with the label's value. */
export type Tell = (value: number, label?: string) => void;

/** One figure of a socket, an endpoint or a peer, as Prometheus and OpenTelemetry name it. */
export interface Figure<Subject> {
  /** Prometheus's name, behind `nanostreams_`. */
  readonly name: string;
  /** What it means. */
  readonly help: string;
  /** The label that tells its values apart. */
  readonly label?: "code" | "reason" | "role";
  /** OpenTelemetry's name. */
  readonly instrument: string;
  /** Its unit, as UCUM has it. */
  readonly unit: string;
  /** What else tells OpenTelemetry's values apart. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Tells its values. */
  read(subject: Subject, tell: Tell): void;
}

/** Whether it only ever grows. */
export function isCounter({ name }: { readonly name: string }): boolean {
  return name.endsWith("_total");
}

/** Every reason is told from the start, so that the first loss is seen as a rise. */
const REASONS: Readonly<Record<DropReason, true>> = {
  "closed": true,
  "detached": true,
  "late": true,
  "malformed": true,
  "overflow": true,
  "peer-gone": true,
  "ttl": true,
  "unanswered": true,
  "unasked": true,
  "unroutable": true,
  "unsubscribed": true,
  "unwanted": true,
};

/** The codes of what is refused by a limit, a hook, the pattern or the handshake: told from the start as well. */
const CODES: readonly SPErrorCode[] = [
  "EAUTH",
  "EBUSY",
  "EMAXHANDSHAKES",
  "EMAXPEERS",
  "EMAXPEERSPERHOST",
  "EPROTO",
  "EREJECTED",
  "ETIMEDOUT",
  "ETLS",
];

function tellDrops(drops: DropCounts, tell: Tell): void {
  for (const reason of Object.keys(REASONS) as DropReason[]) tell(drops[reason] ?? 0, reason);
}

function tellRejections(rejections: RejectionCounts, tell: Tell): void {
  for (const code of CODES) tell(rejections[code] ?? 0, code);
  for (const [code, count] of Object.entries(rejections) as [SPErrorCode, number][]) {
    if (!CODES.includes(code)) tell(count, code);
  }
}

const DROPS = "Messages lost, by reason.";
const RECEIVED = "Messages that came.";
const SENT = "Messages that the operating system has taken.";
const FILTERED = "Of a SUB: messages that came and matched no subscription.";
/** OpenTelemetry has one instrument for both directions. */
const BYTES = "Bytes of these messages, with the protocol's header.";
const UNSENT = "Messages that were accepted for peers and wait to be sent.";
const UNSENT_BYTES = "Bytes that wait to be sent, with their frames.";

/** What became of connections: of a socket and of its endpoints. */
function connectionFigures<Subject>(
  part: "" | "endpoint",
  connectionsOf: (subject: Subject) => ConnectionStats,
): Figure<Subject>[] {
  const prefix = part === "" ? "" : "endpoint_";
  const prefixOfInstrument = part === "" ? "nanostreams." : "nanostreams.endpoint.";
  const opened = { name: "connections_opened_total", instrument: "opened.connections" };
  const figures: Figure<ConnectionStats>[] = [
    // An endpoint has its role among its own labels.
    part === "endpoint"
      ? {
        ...opened,
        help: "Connections that became peers.",
        unit: "{connection}",
        read: ({ established, accepted }, tell) => tell(accepted + established),
      }
      : {
        ...opened,
        help: "Connections that became peers, by our role.",
        label: "role",
        unit: "{connection}",
        read: ({ established, accepted }, tell) => {
          tell(accepted, "bind");
          tell(established, "connect");
        },
      },
    {
      name: "connections_closed_total",
      help: "Connections of peers that ended in order.",
      instrument: "closed.connections",
      unit: "{connection}",
      read: ({ dropped }, tell) => tell(dropped),
    },
    {
      name: "connections_broken_total",
      help: "Connections of peers that ended by an error, or because the peer broke the protocol.",
      instrument: "broken.connections",
      unit: "{connection}",
      read: ({ broken }, tell) => tell(broken),
    },
    {
      name: "connect_errors_total",
      help: "Tries to connect that failed.",
      instrument: "connect.errors",
      unit: "{error}",
      read: ({ connectErrors }, tell) => tell(connectErrors),
    },
    {
      name: "accept_errors_total",
      help: "Connections that the operating system did not hand over.",
      instrument: "accept.errors",
      unit: "{error}",
      read: ({ acceptErrors }, tell) => tell(acceptErrors),
    },
    {
      name: "rejections_total",
      help: "Connections that did not become peers, by the code of the reason.",
      label: "code",
      instrument: "rejected.connections",
      unit: "{connection}",
      read: ({ rejections }, tell) => tellRejections(rejections, tell),
    },
  ];
  return figures.map(({ read, ...rest }) => ({
    ...rest,
    name: prefix + rest.name,
    instrument: prefixOfInstrument + rest.instrument,
    read: (subject, tell) => read(connectionsOf(subject), tell),
  }));
}

/** Figures of a socket. */
export const SOCKET_FIGURES: readonly Figure<SocketSnapshot>[] = [
  {
    name: "messages_sent_total",
    help: SENT,
    instrument: "messaging.client.sent.messages",
    unit: "{message}",
    attributes: { "messaging.operation.name": "send" },
    read: ({ messagesSent }, tell) => tell(messagesSent),
  },
  {
    name: "messages_received_total",
    help: RECEIVED,
    instrument: "messaging.client.consumed.messages",
    unit: "{message}",
    attributes: { "messaging.operation.name": "receive" },
    read: ({ stats }, tell) => tell(stats.messagesReceived),
  },
  {
    name: "messages_filtered_total",
    help: FILTERED,
    instrument: "nanostreams.filtered.messages",
    unit: "{message}",
    read: ({ stats }, tell) => tell(stats.messagesFiltered),
  },
  {
    name: "bytes_sent_total",
    help: BYTES,
    instrument: "nanostreams.network.io",
    unit: "By",
    attributes: { "network.io.direction": "transmit" },
    read: ({ bytesSent }, tell) => tell(bytesSent),
  },
  {
    name: "bytes_received_total",
    help: BYTES,
    instrument: "nanostreams.network.io",
    unit: "By",
    attributes: { "network.io.direction": "receive" },
    read: ({ stats }, tell) => tell(stats.bytesReceived),
  },
  {
    name: "drops_total",
    help: DROPS,
    label: "reason",
    instrument: "nanostreams.dropped.messages",
    unit: "{message}",
    read: ({ stats }, tell) => tellDrops(stats.drops, tell),
  },
  {
    name: "queued_messages",
    help: "Messages that came and wait for the reader.",
    instrument: "nanostreams.queued.messages",
    unit: "{message}",
    read: ({ stats }, tell) => tell(stats.queuedMessages),
  },
  {
    name: "unsent_messages",
    help: UNSENT,
    instrument: "nanostreams.unsent.messages",
    unit: "{message}",
    read: ({ unsentMessages }, tell) => tell(unsentMessages),
  },
  {
    name: "unsent_bytes",
    help: UNSENT_BYTES,
    instrument: "nanostreams.unsent.size",
    unit: "By",
    read: ({ unsentBytes }, tell) => tell(unsentBytes),
  },
  {
    name: "peers",
    help: "Peers that are connected.",
    instrument: "nanostreams.peer.count",
    unit: "{peer}",
    read: ({ stats }, tell) => tell(stats.peers.length),
  },
  {
    name: "handshakes",
    help: "Connections on their way to being peers.",
    instrument: "nanostreams.handshake.count",
    unit: "{connection}",
    read: ({ handshakes }, tell) => tell(handshakes),
  },
  {
    name: "endpoints",
    help: "Addresses that are bound, or connected to, by our role.",
    label: "role",
    instrument: "nanostreams.endpoint.count",
    unit: "{endpoint}",
    read: ({ stats: { endpoints } }, tell) => {
      const bound = endpoints.reduce((sum, { role }) => role === "bind" ? sum + 1 : sum, 0);
      tell(bound, "bind");
      tell(endpoints.length - bound, "connect");
    },
  },
  ...connectionFigures<SocketSnapshot>("", ({ stats }) => stats.connections),
  {
    name: "bind_errors_total",
    help: "Calls to bind that failed.",
    instrument: "nanostreams.bind.errors",
    unit: "{error}",
    read: ({ stats }, tell) => tell(stats.bindErrors),
  },
  {
    name: "missed_events_total",
    help: "Events that were lost, since they were not read in time.",
    instrument: "nanostreams.missed.events",
    unit: "{event}",
    read: ({ stats }, tell) => tell(stats.missedEvents),
  },
];

/** Figures of an endpoint. */
export const ENDPOINT_FIGURES: readonly Figure<EndpointStats>[] = [
  {
    name: "endpoint_peers",
    help: "Peers that are connected by way of this address.",
    instrument: "nanostreams.endpoint.peer.count",
    unit: "{peer}",
    read: ({ peers }, tell) => tell(peers),
  },
  {
    name: "endpoint_handshakes",
    help: "Connections of this address on their way to being peers.",
    instrument: "nanostreams.endpoint.handshake.count",
    unit: "{connection}",
    read: ({ inProgress }, tell) => tell(inProgress),
  },
  ...connectionFigures<EndpointStats>("endpoint", (endpoint) => endpoint),
];

/** Figures of a peer. */
export const PEER_FIGURES: readonly Figure<PeerSnapshot>[] = [
  {
    name: "peer_messages_sent_total",
    help: SENT,
    instrument: "nanostreams.peer.sent.messages",
    unit: "{message}",
    read: ({ messagesSent }, tell) => tell(messagesSent),
  },
  {
    name: "peer_messages_received_total",
    help: RECEIVED,
    instrument: "nanostreams.peer.received.messages",
    unit: "{message}",
    read: ({ stats }, tell) => tell(stats.messagesReceived),
  },
  {
    name: "peer_messages_filtered_total",
    help: FILTERED,
    instrument: "nanostreams.peer.filtered.messages",
    unit: "{message}",
    read: ({ stats }, tell) => tell(stats.messagesFiltered),
  },
  {
    name: "peer_bytes_sent_total",
    help: BYTES,
    instrument: "nanostreams.peer.network.io",
    unit: "By",
    attributes: { "network.io.direction": "transmit" },
    read: ({ bytesSent }, tell) => tell(bytesSent),
  },
  {
    name: "peer_bytes_received_total",
    help: BYTES,
    instrument: "nanostreams.peer.network.io",
    unit: "By",
    attributes: { "network.io.direction": "receive" },
    read: ({ stats }, tell) => tell(stats.bytesReceived),
  },
  {
    name: "peer_drops_total",
    help: "Messages of this peer lost, by reason; only reasons that occurred.",
    label: "reason",
    instrument: "nanostreams.peer.dropped.messages",
    unit: "{message}",
    read: ({ stats }, tell) => {
      for (const [reason, count] of Object.entries(stats.drops)) tell(count, reason);
    },
  },
  {
    name: "peer_unsent_messages",
    help: UNSENT,
    instrument: "nanostreams.peer.unsent.messages",
    unit: "{message}",
    read: ({ unsentMessages }, tell) => tell(unsentMessages),
  },
  {
    name: "peer_unsent_bytes",
    help: UNSENT_BYTES,
    instrument: "nanostreams.peer.unsent.size",
    unit: "By",
    read: ({ unsentBytes }, tell) => tell(unsentBytes),
  },
];

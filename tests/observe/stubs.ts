/** Sockets that are nothing but their figures. */

import type { PeerStats, SocketEvent, SocketStats } from "../../mod.ts";
import type { ObservedSocket } from "../../observe/mod.ts";

/** Figures, 0 where nothing else is said. */
export function statsOf(given: Partial<SocketStats> = {}): SocketStats {
  return {
    protocol: "pull",
    messagesSent: 0,
    messagesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    messagesFiltered: 0,
    drops: {},
    queuedMessages: 0,
    bindErrors: 0,
    missedEvents: 0,
    connections: {
      established: 0,
      accepted: 0,
      dropped: 0,
      broken: 0,
      connectErrors: 0,
      acceptErrors: 0,
      rejected: 0,
      rejections: {},
    },
    endpoints: [],
    peers: [],
    ...given,
  };
}

/** A peer's. */
export function peerOf(id: number, given: Partial<PeerStats> = {}): PeerStats {
  return {
    id,
    endpoint: "tcp://127.0.0.1:5555",
    remoteAddress: `tcp://10.0.0.1:${id}`,
    messagesSent: 0,
    messagesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    messagesFiltered: 0,
    drops: {},
    queuedMessages: 0,
    queuedBytes: 0,
    ...given,
  };
}

/** A socket whose figures the test sets. */
export class StubSocket implements ObservedSocket {
  figures: SocketStats;
  /** How often it was looked at. */
  looks = 0;
  readonly closed: Promise<void>;
  readonly #events: ReadableStream<SocketEvent>;
  #controller: ReadableStreamDefaultController<SocketEvent> | undefined;
  #close: () => void = () => {};

  constructor(given: Partial<SocketStats> = {}) {
    this.figures = statsOf(given);
    this.closed = new Promise((resolve) => this.#close = resolve);
    this.#events = new ReadableStream({
      start: (controller) => this.#controller = controller,
      cancel: () => this.#controller = undefined,
    });
  }

  stats(): SocketStats {
    this.looks++;
    return this.figures;
  }

  events(): ReadableStream<SocketEvent> {
    return this.#events;
  }

  /** Something happens. */
  emit(event: SocketEvent): void {
    this.#controller?.enqueue(event);
  }

  /** The socket closes. */
  close(): void {
    this.#controller?.close();
    this.#close();
  }
}

import { type Dialer, type SocketStats, SPError, Sub } from "../../../browser.ts";
import { readValues, type Sample } from "./values.ts";

/** The state of a publisher. */
export interface Publisher {
  readonly address: string;
  state: "connecting" | "live" | "lost";
  /** Why it is not live. */
  reason: string;
  /** When the next try is due, by `performance.now()`. */
  retryAt: number;
  /** Connections so far. */
  connections: number;
  messages: number;
  /** `messages` when the rate was last counted. */
  before: number;
  /** Messages per second. */
  rate: number;
}

/** What the whole socket did. */
export interface Totals {
  messages: number;
  /** Messages per second. */
  rate: number;
  /** Bytes per second. */
  byteRate: number;
  /** Messages that the socket dropped. */
  dropped: number;
  /** Lines that are not values. */
  wrong: number;
}

/** Told what happens. */
export interface FeedSink {
  values(samples: readonly Sample[]): void;
  /** A publisher's state has changed. */
  changed(): void;
  log(text: string, kind: "good" | "bad" | "plain"): void;
}

/** One subscriber to any number of publishers, with counts. */
export class Feed {
  readonly publishers: Map<string, Publisher> = new Map();
  readonly totals: Totals = { messages: 0, rate: 0, byteRate: 0, dropped: 0, wrong: 0 };
  readonly #sub: Sub = new Sub({ subscribe: "", reconnectMin: 250, reconnectMax: 2000 });
  readonly #dialers: Map<string, Dialer> = new Map();
  readonly #sink: FeedSink;
  /** Messages of each peer that were already counted. */
  readonly #seen: Map<number, number> = new Map();
  /** Messages of publishers that were removed. */
  #past = 0;
  #bytes = 0;
  #countedAt: number = performance.now();

  constructor(sink: FeedSink) {
    this.#sink = sink;
    this.#read();
    this.#watch();
  }

  /** Adds a publisher. Throws if the address is wrong. */
  add(address: string): void {
    if (this.publishers.has(address)) return;
    this.#dialers.set(address, this.#sub.connect(address));
    this.publishers.set(address, {
      address,
      state: "connecting",
      reason: "",
      retryAt: 0,
      connections: 0,
      messages: 0,
      before: 0,
      rate: 0,
    });
    this.#sink.changed();
  }

  /** Removes a publisher. */
  remove(address: string): void {
    this.#dialers.get(address)?.close();
    this.#past += this.publishers.get(address)?.messages ?? 0;
    this.#dialers.delete(address);
    this.publishers.delete(address);
    this.#sink.changed();
  }

  /** Counts; called from time to time. */
  count(): void {
    const now = performance.now();
    const seconds = (now - this.#countedAt) / 1000;
    this.#countedAt = now;
    const { messagesReceived, bytesReceived, drops } = this.#tally();
    const { totals } = this;
    totals.rate = (messagesReceived - totals.messages) / seconds;
    totals.byteRate = (bytesReceived - this.#bytes) / seconds;
    totals.messages = messagesReceived;
    totals.dropped = Object.values(drops).reduce((sum, count) => sum + count, 0);
    this.#bytes = bytesReceived;
    for (const publisher of this.publishers.values()) {
      publisher.rate = (publisher.messages - publisher.before) / seconds;
      publisher.before = publisher.messages;
    }
  }

  /** Adds to each publisher's messages what has come since then. */
  #tally(): SocketStats {
    const stats = this.#sub.stats();
    for (const { id, endpoint, messagesReceived } of stats.peers) {
      const publisher = this.publishers.get(endpoint);
      if (publisher !== undefined) {
        publisher.messages += messagesReceived - (this.#seen.get(id) ?? 0);
      }
      this.#seen.set(id, messagesReceived);
    }
    return stats;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for (;;) {
      const messages = await this.#sub.receiveBatch();
      const now = Date.now() / 1000;
      for (const message of messages) {
        const { samples, wrong } = readValues(decoder.decode(message), now);
        this.totals.wrong += wrong;
        this.#sink.values(samples);
      }
    }
  }

  async #watch(): Promise<void> {
    for await (const event of this.#sub.events()) {
      if (event.type === "attached") this.#attached(event.peer.endpoint);
      if (event.type === "detached") this.#lost(event.peer.endpoint, event.reason);
      if (event.type === "connect-failed") {
        this.#failed(event.endpoint, event.reason, event.retryIn);
      }
    }
  }

  #attached(address: string): void {
    const publisher = this.publishers.get(address);
    if (publisher === undefined) return;
    publisher.state = "live";
    publisher.reason = "";
    publisher.connections++;
    this.#sink.log(`${publisher.connections > 1 ? "Back again" : "Connected"}: ${address}`, "good");
    this.#sink.changed();
  }

  #lost(address: string, reason: SPError | undefined): void {
    const publisher = this.publishers.get(address);
    if (publisher === undefined) return;
    // The peer is gone, so its last messages are only in the sum.
    let missing = this.#tally().messagesReceived - this.#past;
    for (const { messages } of this.publishers.values()) missing -= messages;
    publisher.messages += Math.max(0, missing);
    publisher.state = "lost";
    publisher.reason = reason?.message ?? "It has closed the connection";
    this.#sink.log(`Lost: ${address}`, "bad");
    this.#sink.changed();
  }

  #failed(address: string, reason: SPError, retryIn: number): void {
    const publisher = this.publishers.get(address);
    if (publisher === undefined) return;
    publisher.reason = reason.message;
    publisher.retryAt = performance.now() + retryIn;
    this.#sink.changed();
  }
}

/** Why an address cannot be added, in words. */
export function explain(error: unknown): string {
  return error instanceof SPError ? error.message : String(error);
}

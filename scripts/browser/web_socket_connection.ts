// Instead of transports/web_socket_connection.ts: a page's WebSocket cannot be paused, and is gone when it says so.
import type { Connection, ConnectionInfo, ConnectionSink, Framing } from "../../src/connection.ts";
import { SPError, type SPErrorCode } from "../../src/errors.ts";
import type { ResolvedEndpointOptions } from "../../src/options.ts";
import { Ring } from "../../src/ring.ts";
import type { WebSocketPort } from "../../transports/web_socket_connection.ts";

const HELD_COST = 64;

/** By what they end with: 1009 of a server is 4009 of a page. */
const CODES: Readonly<Record<number, SPErrorCode>> = {
  2: "EPROTO",
  8: "EREJECTED",
  9: "EMSGSIZE",
};

export class WebSocketConnection implements Connection {
  readonly framing: Framing = "message";
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly #port: WebSocketPort;
  readonly #maxMessageSize: number;
  readonly #maxBacklog: number;
  readonly #held: Ring<Uint8Array> = new Ring();
  #heldBytes = 0;
  #sink: ConnectionSink | undefined;
  #paused = false;
  #delivering = false;
  #ending = false;
  #over = false;
  #reason: SPError | undefined;
  #told = false;

  constructor(port: WebSocketPort, info: ConnectionInfo, options: ResolvedEndpointOptions) {
    this.#port = port;
    this.remoteAddress = info.remoteAddress;
    this.localAddress = info.localAddress;
    this.#maxMessageSize = options.maxMessageSize;
    this.#maxBacklog = options.webSocket.maxBacklog ?? 16 * 1024 * 1024;
  }

  start(sink: ConnectionSink): void {
    this.#sink = sink;
    this.#deliver();
  }

  write(messages: readonly Uint8Array[]): boolean {
    return !this.#over && this.#port.send(messages);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#deliver();
  }

  end(): void {
    this.#ending = true;
    this.#port.close(1000, "");
  }

  destroy(): void {
    this.#drop();
    this.#over = true;
    // Where nobody took it over, it was refused, and the peer is to know.
    this.#port.close(this.#sink === undefined ? 1008 : 1000, "");
    this.#deliver();
  }

  message(data: Uint8Array): void {
    if (this.#over) return;
    if (data.length > this.#maxMessageSize) {
      const message = `The peer sent a message of ${data.length} bytes, ` +
        `maxMessageSize is ${this.#maxMessageSize}`;
      return this.#give(new SPError("EMSGSIZE", message), 1009);
    }
    this.#held.push(data);
    this.#heldBytes += data.length + HELD_COST;
    this.#deliver();
    if (this.#heldBytes <= this.#maxBacklog) return;
    const message =
      `More than ${this.#maxBacklog} bytes of ${this.remoteAddress} wait to be read, ` +
      "which cannot be told to wait here; webSocket.maxBacklog is the limit";
    this.#drop();
    this.#give(new SPError("ENOBUFS", message), 1008);
  }

  drained(): void {
    if (!this.#over) this.#sink?.drain();
  }

  closed(code: number, reason: string): void {
    if (this.#over) return;
    this.#over = true;
    const isOrderly = code < 1002 || code === 1005 || this.#ending && code === 1006;
    if (!isOrderly) {
      this.#reason = new SPError(
        CODES[code % 1000] ?? "ECONNRESET",
        `${this.remoteAddress} closed the WebSocket: ${code} ${JSON.stringify(reason)}`,
      );
    }
    this.#deliver();
  }

  #give(reason: SPError, code: number): void {
    this.#over = true;
    this.#reason = reason;
    this.#port.close(code, reason.code);
    this.#deliver();
  }

  #drop(): void {
    this.#held.clear();
    this.#heldBytes = 0;
  }

  /** Delivers what was held back, and the end behind it. */
  #deliver(): void {
    if (this.#sink === undefined || this.#delivering) return;
    this.#delivering = true;
    while (!this.#paused && this.#held.size > 0) {
      const data = this.#held.shift()!;
      this.#heldBytes -= data.length + HELD_COST;
      this.#sink.data(data);
    }
    this.#delivering = false;
    if (!this.#over || this.#held.size > 0 || this.#told) return;
    this.#told = true;
    this.#sink.closed(this.#reason);
  }
}

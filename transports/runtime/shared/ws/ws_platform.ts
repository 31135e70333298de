/*
 * WebSockets as the web platform has them: in browsers, and out of `Deno.upgradeWebSocket`.
 *
 * It cannot push a peer back: what comes while nobody reads is held, up to `webSocket.maxBacklog` bytes.
 * Whether what was sent is gone can only be asked again and again.
 */
import type { ResolvedEndpointOptions } from "../../../../src/surface/options.ts";
import { APPLICATION } from "../../../ws/close_codes.ts";
import {
  WebSocketConnection,
  type WebSocketInfo,
  type WebSocketPort,
} from "../../../ws/web_socket_connection.ts";

/** So many bytes the platform may hold: while it has some, there is something to write at every moment. */
const SLACK = 128 * 1024;

/** How long to wait before asking again, in milliseconds. */
const ASK_AGAIN = 4;

const encoder = new TextEncoder();

/** The platform's own WebSocket, connected. */
export function adoptWebSocket(
  socket: WebSocket,
  info: WebSocketInfo,
  options: ResolvedEndpointOptions,
): WebSocketConnection {
  return new WebPort(socket, info, options).connection;
}

class WebPort implements WebSocketPort {
  readonly connection: WebSocketConnection;
  readonly #socket: WebSocket;
  readonly #decoder: TextDecoder | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    socket: WebSocket,
    info: WebSocketInfo,
    options: ResolvedEndpointOptions,
  ) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    if (options.webSocket?.sendText === true) {
      this.#decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    }
    const connection = this.connection = new WebSocketConnection(this, info, options);
    socket.onmessage = ({ data }) => {
      connection.message(typeof data === "string" ? encoder.encode(data) : new Uint8Array(data));
      this.#ask();
    };
    socket.onclose = ({ code, reason }) => {
      clearTimeout(this.#timer);
      connection.closed(code, reason);
    };
    socket.onerror = null;
  }

  send(messages: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    if (socket.readyState !== WebSocket.OPEN) return false;
    for (let i = 0; i < messages.length; i++) {
      const message = messages[i]! as Uint8Array<ArrayBuffer>;
      socket.send(this.#decoder === undefined ? message : this.#decoder.decode(message));
    }
    if (socket.bufferedAmount <= SLACK) return true;
    this.#timer = setTimeout(() => this.#ask(), ASK_AGAIN);
    return false;
  }

  get isEnding(): boolean {
    return this.#socket.readyState !== WebSocket.OPEN;
  }

  get pending(): number {
    return this.#socket.bufferedAmount;
  }

  close(code: number, reason: string): void {
    // The platform permits 1000, and what is above 3000.
    this.#socket.close(code === 1000 ? code : APPLICATION + code, reason);
  }

  terminate(): void {
    this.#socket.close();
  }

  #ask(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    if (this.#socket.bufferedAmount > SLACK) {
      this.#timer = setTimeout(() => this.#ask(), ASK_AGAIN);
      return;
    }
    this.#timer = undefined;
    this.connection.drained();
  }
}

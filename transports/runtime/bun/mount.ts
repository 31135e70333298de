/* WebSockets out of `Bun.serve`. */
import { SPError } from "../../../src/base/errors.ts";
import type { ResolvedEndpointOptions } from "../../../src/surface/options.ts";
import type { ListenerSink } from "../../../src/contracts/transport.ts";
import type { UpgradeRequest } from "../../options.ts";
import type { Mounted } from "../../ws/mount.ts";
import { judgeUpgrade, tellRefusal } from "../../ws/web_socket.ts";
import { Heartbeat } from "../../ws/heartbeat.ts";
import {
  type Pulse,
  WebSocketConnection,
  type WebSocketInfo,
  type WebSocketPort,
} from "../../ws/web_socket_connection.ts";
import type {
  BunServerLike,
  BunSocketData,
  BunSocketLike,
  BunWebSocketHandlers,
} from "../shared/mount_api.ts";
import { formatAddress } from "../shared/address.ts";

/** Bun's own limit on a message, in bytes. */
const LARGEST = 0xffff_ffff;

const encoder = new TextEncoder();

/** Answers a request for an upgrade; undefined once it is a WebSocket. */
export function upgradeBun(
  request: Request,
  server: BunServerLike,
  { context, sink }: Mounted,
): Response | undefined {
  const { protocol: httpScheme, host, pathname, search } = new URL(request.url);
  const scheme = httpScheme === "https:" ? "wss" : "ws";
  const client = server.requestIP(request);
  const remoteAddress = formatAddress(scheme, client?.address, client?.port);
  const { headers } = request;
  const asked: UpgradeRequest = { path: pathname + search, headers, remoteAddress };
  const verdict = judgeUpgrade(asked, context);
  if (verdict.refusal !== undefined) {
    const { status, message } = verdict.refusal;
    tellRefusal(sink, remoteAddress, verdict.refusal);
    return new Response(`${message}\n`, { status });
  }
  const { subprotocol } = verdict;
  const info = { ...asked, localAddress: `${scheme}://${host}`, subprotocol };
  const data = new BunPort(info, context.options, sink);
  // Bun calls `open` before this returns: nobody comes between the verdict and the connection.
  const isUpgraded = server.upgrade(request, {
    data,
    ...(subprotocol !== undefined && { headers: { "Sec-WebSocket-Protocol": subprotocol } }),
  });
  if (isUpgraded) return undefined;
  const message = "Not a WebSocket handshake";
  tellRefusal(sink, remoteAddress, { status: 400, message });
  return new Response(`${message}\n`, { status: 400 });
}

/** What `Bun.serve` needs to be told; its own defaults ping, drop and close. */
export function bunHandlers({ maxMessageSize }: ResolvedEndpointOptions): BunWebSocketHandlers {
  return {
    open: (socket) => socket.data.onOpen(socket),
    message: (socket, message) => socket.data.onMessage(message),
    ping: (socket) => socket.data.onSign(),
    pong: (socket) => socket.data.onSign(),
    drain: (socket) => socket.data.onDrain(),
    close: (socket, code, reason) => socket.data.onClose(code, reason),
    maxPayloadLength: Math.min(Math.max(1, Math.floor(maxMessageSize)), LARGEST),
    backpressureLimit: 0,
    idleTimeout: 0,
    sendPings: false,
    perMessageDeflate: false,
  };
}

class BunPort implements WebSocketPort, BunSocketData {
  readonly #connection: WebSocketConnection;
  readonly #sink: ListenerSink;
  readonly #decoder: TextDecoder | undefined;
  readonly #pingTime: number | undefined;
  #socket: BunSocketLike | undefined;
  #waiting = false;
  #isClosing = false;
  /** Messages, pings and pongs that have come. */
  heard = 0;

  constructor(
    info: WebSocketInfo,
    options: ResolvedEndpointOptions,
    sink: ListenerSink,
  ) {
    this.#sink = sink;
    this.#pingTime = options.webSocket?.ping;
    if (options.webSocket?.sendText === true) {
      this.#decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    }
    this.#connection = new WebSocketConnection(this, info, options);
  }

  onOpen(socket: BunSocketLike): void {
    this.#socket = socket;
    this.#sink.connection(this.#connection);
  }

  onMessage(message: string | Uint8Array<ArrayBuffer>): void {
    this.heard++;
    this.#connection.message(
      typeof message === "string"
        ? encoder.encode(message)
        : new Uint8Array(message.buffer, message.byteOffset, message.byteLength),
    );
  }

  onSign(): void {
    this.heard++;
  }

  listen(peer: Pulse): Heartbeat {
    return new Heartbeat(this.#pingTime, peer, () => this.#socket?.ping());
  }

  onDrain(): void {
    if (!this.#waiting || this.#socket!.getBufferedAmount() > 0) return;
    this.#waiting = false;
    this.#connection.drained();
  }

  onClose(code: number, reason: string): void {
    // Bun tells this by the reason alone.
    if (code === 1006 && reason === "Received too big message") {
      const message = "The peer sent a message that is larger than maxMessageSize";
      this.#connection.failed(new SPError("EMSGSIZE", message));
    }
    this.#connection.closed(code, reason);
  }

  send(messages: readonly Uint8Array[]): boolean {
    const socket = this.#socket!;
    socket.cork(() => {
      for (let i = 0; i < messages.length; i++) {
        socket.send(this.#decoder === undefined ? messages[i]! : this.#decoder.decode(messages[i]));
      }
    });
    this.#waiting = socket.getBufferedAmount() > 0;
    return !this.#waiting;
  }

  get isEnding(): boolean {
    return this.#isClosing;
  }

  get pending(): number {
    return this.#socket?.getBufferedAmount() ?? 0;
  }

  close(code: number, reason: string): void {
    this.#isClosing = true;
    this.#socket?.close(code, reason);
  }

  terminate(): void {
    this.#socket?.terminate();
  }
}

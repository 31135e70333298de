/*
 * WebSockets by the package `ws`, which runs on Node, Deno and Bun. It is imported only when a socket
 * needs it, so that neither a bundle for browsers nor a program that has no WebSockets loads it.
 */
import type { ConnectionInfo } from "../../../../src/contracts/connection.ts";
import { SPError } from "../../../../src/base/errors.ts";
import { tcpOptions } from "../../../stream_options.ts";
import { systemError } from "../../../system_errors.ts";
import type { ResolvedEndpointOptions } from "../../../../src/surface/options.ts";
import { Heartbeat } from "../../../ws/heartbeat.ts";
import {
  type Pulse,
  WebSocketConnection,
  type WebSocketInfo,
  type WebSocketPort,
} from "../../../ws/web_socket_connection.ts";
import { formatAddress } from "../address.ts";
import { isBroken, pendingBytes, unwrittenBytes } from "../net/connection.ts";
import { probe } from "../net/open.ts";
import type { NetSocket } from "../node_api.ts";
import { pushBack, verifiedName } from "../tls/tls.ts";
import type { Ws, WsModule, WsOptions, WsSendOptions } from "./ws_api.ts";
import { type Framer, Frames } from "./ws_frames.ts";
import { importWs } from "./ws_load.ts";

const OPEN = 1;

/** Pongs that may wait for a peer that does not read them, before it is given up. */
const MOST_PONGS = 60;

let loading: Promise<WsModule> | undefined;

/** Loads the package. */
export function loadWs(): Promise<WsModule> {
  return loading ??= importWs().catch((cause: Error) => {
    loading = undefined;
    // As it is loaded, it looks at an environment variable.
    if (cause.name === "NotCapable") {
      const message = `Cannot load the package "ws": ${cause.message}`;
      throw new SPError("EACCES", message, { cause });
    }
    const message = 'Cannot load the package "ws", which ws:// and wss:// need: npm install ws';
    throw new SPError("ENOTSUP", message, { cause });
  });
}

/** What both ends are told. */
export function wsOptions({ maxMessageSize }: ResolvedEndpointOptions): WsOptions {
  return {
    // For `ws` 0 means no limit, and so does what it cannot hold in 31 bits.
    maxPayload: maxMessageSize > 0x7fff_ffff ? 0 : Math.max(1, Math.floor(maxMessageSize)),
    perMessageDeflate: false,
    // By itself `ws` ends a connection whose peer reads no pongs as if that were in order.
    autoPong: false,
  };
}

/**
 * Makes an open WebSocket of `ws` a connection. To be called before it can have delivered anything.
 *
 * @param module The package.
 * @param request A client's, which we have answered; undefined if we are the client.
 * @param subprotocol What both ends agreed on.
 */
export function adopt(
  { Sender }: Pick<WsModule, "Sender">,
  ws: Ws,
  socket: NetSocket,
  scheme: string,
  options: ResolvedEndpointOptions,
  request: Pick<ConnectionInfo, "headers" | "path"> | undefined,
  subprotocol?: string,
): WebSocketConnection {
  const { noDelay, keepAlive } = tcpOptions(options);
  socket.setNoDelay(noDelay);
  probe(socket, keepAlive);
  pushBack(socket);
  const tlsName = verifiedName(socket);
  const info: WebSocketInfo = {
    remoteAddress: formatAddress(scheme, socket.remoteAddress, socket.remotePort),
    localAddress: formatAddress(scheme, socket.localAddress, socket.localPort),
    subprotocol,
    ...(tlsName !== undefined && { tlsName }),
    ...request,
  };
  // Clients mask what they send, and servers do not (RFC 6455, 5.1).
  const isText = options.webSocket?.sendText === true;
  const frames = Sender?.frame === undefined
    ? undefined
    : new Frames(Sender as Framer, request === undefined, isText);
  return new WsPort(ws, socket, info, options, frames).connection;
}

class WsPort implements WebSocketPort {
  readonly connection: WebSocketConnection;
  readonly reading: { pause(): void; resume(): void };
  readonly #ws: Ws;
  readonly #socket: NetSocket;
  /** Undefined if whatever is in the place of `ws` lays out no frames. */
  readonly #frames: Frames | undefined;
  readonly #options: WsSendOptions;
  readonly #pingTime: number | undefined;
  /** Calls of `send`, and those of them that are written. */
  #sent = 0;
  #written = 0;
  #waiting = false;

  constructor(
    ws: Ws,
    socket: NetSocket,
    info: WebSocketInfo,
    options: ResolvedEndpointOptions,
    frames: Frames | undefined,
  ) {
    this.#ws = ws;
    this.#socket = socket;
    this.#frames = frames;
    this.#pingTime = options.webSocket?.ping;
    this.#options = { binary: options.webSocket?.sendText !== true };
    this.reading = { pause: () => ws.pause(), resume: () => ws.resume() };
    const connection = this.connection = new WebSocketConnection(this, info, options);
    ws.pause();
    ws.on("message", (data) => connection.message(plain(data)));
    ws.on("error", (error) => connection.failed(explain(ws, error, options.maxMessageSize)));
    let pongs = 0;
    ws.on("ping", (data) => {
      if (ws.readyState !== OPEN) return;
      if (pongs++ < MOST_PONGS) return ws.pong(data, undefined, () => pongs--);
      const message = `The peer sent ${pongs} pings and has read no answer`;
      connection.failed(new SPError("EPROTO", message));
      ws.terminate();
    });
    // 1006 is an end without a goodbye, which is how nanomsg always leaves, and no worse than on TCP.
    ws.on("close", (code, reason) => {
      connection.closed(code === 1006 ? 1000 : code, reason.toString());
    });
    // `ws` keeps errors of the connection below to itself, and says 1006.
    socket.on("error", (error) => {
      connection.failed(systemError(`Lost the connection to ${info.remoteAddress}`, error));
    });
  }

  send(messages: readonly Uint8Array[]): boolean {
    const ws = this.#ws;
    if (ws.readyState !== OPEN) return false;
    const pieces = this.#frames?.gather(messages);
    this.#sent++;
    if (pieces === undefined) this.#sendEach(messages);
    else this.#write(pieces);
    this.#waiting = ws.bufferedAmount > 0 || isBroken(this.#socket);
    return !this.#waiting;
  }

  get isEnding(): boolean {
    return this.#ws.readyState !== OPEN;
  }

  get unsent(): number {
    if (!this.#waiting || this.#ws.bufferedAmount === 0) return 0;
    return this.#frames?.incomplete(unwrittenBytes(this.#socket)) ?? Infinity;
  }

  get pending(): number {
    return pendingBytes(this.#socket);
  }

  get heard(): number {
    return this.#socket.bytesRead;
  }

  listen(peer: Pulse): Heartbeat {
    const ping = (): void => {
      if (this.#ws.readyState === OPEN) this.#ws.ping();
    };
    return new Heartbeat(this.#pingTime, peer, ping);
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  terminate(): void {
    this.#ws.terminate();
  }

  #write(pieces: readonly Uint8Array[]): void {
    const socket = this.#socket;
    const last = pieces.length - 1;
    if (last > 0) socket.cork();
    for (let i = 0; i <= last; i++) {
      socket.write(pieces[i]!, i === last ? this.#onWritten : undefined);
    }
    if (last > 0) socket.uncork();
  }

  #sendEach(messages: readonly Uint8Array[]): void {
    const last = messages.length - 1;
    for (let i = 0; i <= last; i++) {
      this.#ws.send(messages[i]!, this.#options, i === last ? this.#onWritten : undefined);
    }
  }

  readonly #onWritten = (error?: unknown): void => {
    this.#written++;
    // After an error nothing can be sent, and the connection's end follows.
    if (!this.#waiting || this.#written < this.#sent || error) return;
    this.#waiting = false;
    this.connection.drained();
  };
}

/** A `Buffer`'s `slice` is not that of a `Uint8Array`. */
function plain(data: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function explain(
  ws: Ws,
  error: Error & { readonly code?: unknown },
  maxMessageSize: number,
): SPError {
  const { message, code } = error;
  if (code !== "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") {
    const text = `The peer broke the WebSocket protocol: ${message}`;
    return new SPError("EPROTO", text, { cause: error });
  }
  const length = ws._receiver?._totalPayloadLength ?? "too many";
  const text = `The peer announced a message of ${length} bytes, ` +
    `maxMessageSize is ${maxMessageSize}`;
  return new SPError("EMSGSIZE", text, { cause: error });
}

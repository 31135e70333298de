/*
 * What a `WebSocketMount` uses of the servers that it is mounted in, so that the public API names no type
 * of Node's, Deno's or Bun's; theirs fit.
 */

/** Of `http.IncomingMessage`. */
export interface NodeRequestLike {
  /** Path and query. */
  readonly url?: string | undefined;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Of what `Deno.serve` tells of a request besides. */
export interface DenoInfoLike {
  /** Who asks. */
  readonly remoteAddr?: object;
}

/** Of `Bun.serve`'s server. */
export interface BunServerLike {
  /** Answers a request with a WebSocket; false if it is none that can be. */
  upgrade(
    request: Request,
    options: { data: BunSocketData; headers?: Record<string, string> },
  ): boolean;
  /** Who asks. */
  requestIP(request: Request): { readonly address: string; readonly port: number } | null;
}

/** What a WebSocket of `Bun.serve` carries. */
export interface BunSocketData {
  /** It is open. */
  onOpen(socket: BunSocketLike): void;
  /** A message has come. */
  onMessage(message: string | Uint8Array<ArrayBuffer>): void;
  /** A ping or a pong has come. */
  onSign(): void;
  /** It can take more. */
  onDrain(): void;
  /** It is closed. */
  onClose(code: number, reason: string): void;
}

/** Of `Bun.serve`'s WebSockets. */
export interface BunSocketLike {
  /** What `upgrade` was given. */
  readonly data: BunSocketData;
  /** Bytes sent, -1 if they wait, 0 if they were dropped. */
  send(message: string | Uint8Array, compress?: boolean): number;
  /** Sends a ping. */
  ping(): unknown;
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void;
  /** Lets go at once. */
  terminate(): void;
  /** Sends together what the callback sends. */
  cork(callback: () => void): unknown;
  /** Bytes that wait. */
  getBufferedAmount(): number;
}

/** What `Bun.serve` takes as `websocket`. */
export interface BunWebSocketHandlers {
  /** Passes on to what the WebSocket carries. */
  open(socket: BunSocketLike): void;
  /** Passes on to what the WebSocket carries. */
  message(socket: BunSocketLike, message: string | Uint8Array<ArrayBuffer>): void;
  /** Passes on to what the WebSocket carries. */
  ping(socket: BunSocketLike): void;
  /** Passes on to what the WebSocket carries. */
  pong(socket: BunSocketLike): void;
  /** Passes on to what the WebSocket carries. */
  drain(socket: BunSocketLike): void;
  /** Passes on to what the WebSocket carries. */
  close(socket: BunSocketLike, code: number, reason: string): void;
  /** The socket's `maxMessageSize`. */
  readonly maxPayloadLength: number;
  /** 0: Bun drops nothing. */
  readonly backpressureLimit: number;
  /** 0: Bun closes no silent WebSocket. */
  readonly idleTimeout: number;
  /** False: nanomsg takes the payload of a ping for a message. */
  readonly sendPings: boolean;
  /** False: the mapping knows no compression. */
  readonly perMessageDeflate: boolean;
}

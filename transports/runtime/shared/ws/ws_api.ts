/* What this library uses of the package `ws`, and of `node:http`; see `node_api.ts`. */
import type { NetSocket } from "../node_api.ts";
import type { SecureContextOptions } from "../tls/tls_api.ts";
import type { Framer } from "./ws_frames.ts";

/** A message to send: which kind of frame it makes. */
export interface WsSendOptions {
  readonly binary: boolean;
}

/** Of `ws.WebSocket`. */
export interface Ws {
  readonly readyState: number;
  readonly bufferedAmount: number;
  /** The connection below. Not public, and missing where a runtime puts something else in the package's place. */
  readonly _socket?: NetSocket | null;
  /** Of the decoder: the announced length of the message under way. Not public. */
  readonly _receiver?: { readonly _totalPayloadLength?: number } | null;
  send(
    data: Uint8Array,
    options: WsSendOptions,
    callback?: ((error?: unknown) => void) | undefined,
  ): void;
  ping(): void;
  pong(data: Uint8Array, mask: boolean | undefined, callback: () => void): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  on(
    event: "message",
    listener: (data: Uint8Array<ArrayBuffer>, isBinary: boolean) => void,
  ): unknown;
  on(event: "ping", listener: (data: Uint8Array) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "open", listener: () => void): unknown;
  on(event: "upgrade", listener: (response: HttpResponse) => void): unknown;
  on(event: "close", listener: (code: number, reason: { toString(): string }) => void): unknown;
  on(
    event: "unexpected-response",
    listener: (request: { destroy(): unknown }, response: HttpResponse) => void,
  ): unknown;
}

/** What both ends of `ws` are told. */
export interface WsOptions {
  maxPayload: number;
  perMessageDeflate: false;
  autoPong: false;
}

/** Of `http.ClientRequest`. */
export interface ClientRequest {
  on(event: "socket", listener: (socket: NetSocket) => void): unknown;
  on(event: "upgrade", listener: () => void): unknown;
  setHeader(name: string, value: string): unknown;
  destroy(error: Error): unknown;
  end(): unknown;
}

/** What a client of `ws` is told, and what `net.connect` and `tls.connect` take out of it. */
export interface WsClientOptions extends WsOptions, SecureContextOptions {
  followRedirects: false;
  /** Called instead of `request.end()`. */
  finishRequest(request: ClientRequest): void;
  headers: Record<string, string>;
  localAddress?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

/** What a server of `ws` is told. */
export interface WsServerOptions extends WsOptions {
  noServer: true;
  clientTracking: false;
  handleProtocols(offered: Set<string>, request: HttpRequest): string | false;
}

/** Of `ws.WebSocketServer`. */
export interface WsServer {
  handleUpgrade(
    request: HttpRequest,
    socket: NetSocket,
    head: Uint8Array,
    callback: (ws: Ws) => void,
  ): void;
  on(
    event: "wsClientError",
    listener: (error: Error, socket: NetSocket, request: HttpRequest) => void,
  ): unknown;
}

/** Of `ws`. */
export interface WsModule {
  readonly WebSocket: new (url: string, protocols: string[], options: WsClientOptions) => Ws;
  readonly WebSocketServer: new (options: WsServerOptions) => WsServer;
  /** Lays out frames. What Bun has in the package's place does not. */
  readonly Sender?: Partial<Framer>;
}

/** Of `http.IncomingMessage`, on the server. */
export interface HttpRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: NetSocket;
}

/** Of `http.IncomingMessage`, on the client. */
export interface HttpResponse {
  readonly headers: Record<string, string | string[] | undefined>;
  readonly statusCode?: number | undefined;
  readonly statusMessage?: string | undefined;
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  on(event: "end" | "close" | "error", listener: () => void): unknown;
}

/** Of `http.Server`. */
export interface HttpServer {
  emit(event: "connection", socket: NetSocket): unknown;
  on(
    event: "upgrade",
    listener: (request: HttpRequest, socket: NetSocket, head: Uint8Array) => void,
  ): unknown;
  on(event: "clientError", listener: (error: Error, socket: NetSocket) => void): unknown;
}

/** Of `node:http`. */
export interface HttpModule {
  createServer(
    listener: (
      request: unknown,
      response: {
        writeHead(status: number, headers: Record<string, string>): unknown;
        end(body: string): unknown;
      },
    ) => void,
  ): HttpServer;
}

/** Of `node:module`. */
export interface ModuleModule {
  createRequire(from: string): { (path: string): unknown; resolve(specifier: string): string };
}

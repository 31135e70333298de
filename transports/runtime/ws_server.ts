/* The server's side of a WebSocket by the package `ws`. */
import { formatHostPort } from "../../src/address.ts";
import { SPError, wrapError } from "../../src/errors.ts";
import type { BoundListener, ListenerSink, TransportContext } from "../../src/transport.ts";
import type { UpgradeRequest } from "../../src/transport_options.ts";
import { LONGEST_TIMER } from "../../src/wait.ts";
import type { StreamListener } from "../runtime.ts";
import { tlsOptions } from "../tls.ts";
import { judgeUpgrade, type Refusal, subprotocol, tellRefusal } from "../web_socket.ts";
import type { WebSocketTarget } from "../ws.ts";
import { bound, builtin, formatAddress } from "./node.ts";
import type { NetModule, NetSocket } from "./node_api.ts";
import { listenTls } from "./node_tls.ts";
import type { HttpModule, HttpRequest, WsModule, WsServer } from "./ws_api.ts";
import { adopt, loadWs, wsOptions } from "./ws_node.ts";

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  503: "Service Unavailable",
};

/** Takes WebSockets out of an HTTP server, for one socket. */
export class Upgrader {
  readonly #context: TransportContext;
  readonly #sink: ListenerSink;
  readonly #server: WsServer;

  /** @param ws The package. @param context Whose requests these are. @param sink Who hears of them. */
  constructor({ WebSocketServer }: WsModule, context: TransportContext, sink: ListenerSink) {
    this.#context = context;
    this.#sink = sink;
    const wanted = subprotocol(context.protocol.name);
    this.#server = new WebSocketServer({
      ...wsOptions(context.options),
      noServer: true,
      clientTracking: false,
      handleProtocols: (offered) =>
        [...offered].find((one) => one.toLowerCase() === wanted) ?? false,
    });
    this.#server.on("wsClientError", (error, socket, request) => {
      this.#refuse(socket, addressOf(request.socket), { status: 400, message: error.message });
    });
  }

  /** Decides about one request, answers it, and hands the WebSocket over. */
  upgrade(request: HttpRequest, socket: NetSocket, head: Uint8Array): void {
    const { protocol, options } = this.#context;
    const asked = describeRequest(request);
    const { refusal } = judgeUpgrade(asked, protocol, options.webSocket);
    if (refusal !== undefined) return this.#refuse(socket, asked.remoteAddress, refusal);
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      this.#sink.connection(adopt(ws, socket, schemeOf(socket), options, asked));
    });
  }

  /** Answers a request that will not become a WebSocket, and tells why. */
  #refuse(socket: NetSocket, remoteAddress: string, refusal: Refusal): void {
    tellRefusal(this.#sink, remoteAddress, refusal);
    answer(socket, refusal.status, refusal.message);
  }
}

/** Answers a request on a connection that no HTTP server looks after any more, and ends it. */
export function answer(socket: NetSocket, status: number, message: string): void {
  const body = new TextEncoder().encode(`${message}\n`);
  const head = `HTTP/1.1 ${status} ${STATUS_TEXT[status]}\r\n` +
    "Connection: close\r\n" +
    "Content-Type: text/plain; charset=utf-8\r\n" +
    `Content-Length: ${body.length}\r\n\r\n`;
  socket.on("error", () => socket.destroy());
  socket.write(new TextEncoder().encode(head));
  socket.write(body);
  socket.destroySoon();
}

function describeRequest({ url = "/", headers: given, socket }: HttpRequest): UpgradeRequest {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    try {
      for (const one of [value ?? []].flat()) headers.append(name, one);
    } catch {
      // What a parser lets pass and `Headers` does not: nobody needs it here.
    }
  }
  return { path: url, headers, remoteAddress: addressOf(socket) };
}

function schemeOf(socket: NetSocket & { readonly encrypted?: boolean }): string {
  return socket.encrypted === true ? "wss" : "ws";
}

function addressOf(socket: NetSocket): string {
  return formatAddress(schemeOf(socket), socket.remoteAddress, socket.remotePort);
}

/** Binds a port of its own. */
export async function listenWs(
  target: WebSocketTarget,
  context: TransportContext,
  sink: ListenerSink,
): Promise<BoundListener> {
  const server = new UpgradeServer(await loadWs(), context, sink);
  const listener = await server.listen(target);
  return {
    address: `${target.scheme}://${formatHostPort(listener.host, listener.port)}${target.path}`,
    close: () => {
      server.close();
      return listener.close();
    },
  };
}

/**
 * A server that only upgrades. Connections come from `node:net` or `node:tls`, and pass through an
 * HTTP server that never listens itself, so that both kinds have the same errors in every runtime.
 */
class UpgradeServer {
  readonly #context: TransportContext;
  readonly #sink: ListenerSink;
  readonly #http: ReturnType<HttpModule["createServer"]>;
  /** Connections that are no WebSockets yet, with their time limit. */
  readonly #pending: Map<NetSocket, ReturnType<typeof setTimeout> | undefined> = new Map();

  constructor(ws: WsModule, context: TransportContext, sink: ListenerSink) {
    this.#context = context;
    this.#sink = sink;
    const upgrader = new Upgrader(ws, context, sink);
    const { createServer } = builtin<HttpModule>("node:http");
    this.#http = createServer((_request, response) => {
      response.writeHead(426, { Connection: "close", Upgrade: "websocket" });
      response.end("This is a WebSocket server\n");
    });
    this.#http.on("upgrade", (request, socket, head) => {
      this.#settle(socket);
      upgrader.upgrade(request, socket, head);
    });
    this.#http.on("clientError", (error, socket) => {
      if (!this.#settle(socket)) return;
      const address = addressOf(socket);
      sink.rejected(address, wrapError(`Refused ${address}`, error));
      answer(socket, 400, "This is no HTTP request");
    });
  }

  listen(target: WebSocketTarget): Promise<StreamListener> {
    const { options } = this.#context;
    const tls = tlsOptions(options, this.#context);
    const connection = (socket: NetSocket): void => this.#accept(socket);
    const stream = { ...target, kind: "tcp" } as const;
    if (target.scheme === "wss") {
      return listenTls(stream, tls, {
        connection,
        rejected: (remoteAddress, reason) => this.#sink.rejected(remoteAddress, reason),
        failed: (reason) => this.#sink.failed(reason),
      });
    }
    const { createServer } = builtin<NetModule>("node:net");
    return bound(createServer({}, connection), stream, tls, this.#sink);
  }

  close(): void {
    for (const socket of this.#pending.keys()) socket.destroy();
  }

  #accept(socket: NetSocket): void {
    const { handshakeTimeout } = this.#context.options;
    const timer = handshakeTimeout > LONGEST_TIMER ? undefined : setTimeout(() => {
      const address = addressOf(socket);
      const message = `Refused ${address}: no WebSocket handshake in ${handshakeTimeout} ms`;
      this.#sink.rejected(address, new SPError("ETIMEDOUT", message));
      socket.destroy();
    }, handshakeTimeout);
    this.#pending.set(socket, timer);
    socket.on("close", () => this.#settle(socket));
    this.#http.emit("connection", socket);
  }

  /** It is a WebSocket now, or gone: no time limit. False if that was known. */
  #settle(socket: NetSocket): boolean {
    clearTimeout(this.#pending.get(socket));
    return this.#pending.delete(socket);
  }
}

/* The server's side of a WebSocket by the package `ws`, on a port of its own. */
import { formatHostPort } from "../../../host_port.ts";
import { SPError } from "../../../../src/base/errors.ts";
import type {
  BoundListener,
  ListenerSink,
  TransportContext,
} from "../../../../src/contracts/transport.ts";
import { later } from "../../../../src/base/wait.ts";
import type { StreamListener } from "../../../runtime.ts";
import { tlsOptions, updateTls } from "../../../tls.ts";
import type { WebSocketTarget } from "../../../ws/target.ts";
import { TOO_MANY } from "../../../ws/web_socket.ts";
import { bound } from "../net/open.ts";
import { bindTo } from "../net/places.ts";
import { builtin } from "../builtin.ts";
import { onlyOf } from "../mended/deno_family.ts";
import type { NetModule, NetSocket } from "../node_api.ts";
import { listenTls, type TlsListener } from "../tls/tls.ts";
import { listenAndRest } from "../resting.ts";
import { mendRequestLine } from "./request_line.ts";
import { checkTls } from "../tls/tls_check.ts";
import type { HttpModule, WsModule } from "./ws_api.ts";
import { loadWs } from "./ws_package.ts";
import { addressOf, answer, Upgrader } from "./ws_upgrader.ts";

/** Binds a port of its own. */
export async function listenWs(
  target: WebSocketTarget,
  context: TransportContext,
  sink: ListenerSink,
): Promise<BoundListener> {
  if (target.secure) checkTls("bind", context.address, context.options.tls);
  const server = new UpgradeServer(await loadWs(), context, onlyOf(target.family, sink));
  const what = `Cannot bind to "${context.address}"`;
  const listener = await bindTo(what, target, (place) => server.listen(place));
  return {
    address: `${target.scheme}://${formatHostPort(listener.host, listener.port)}${target.path}`,
    ...("update" in listener && {
      update: ({ tls }) => updateTls(listener, context.address, tls),
    }),
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
      const message = `Refused ${address}: not an HTTP request: ${error.message}`;
      sink.rejected(address, new SPError("EPROTO", message, { cause: error }));
      answer(socket, 400, "Not an HTTP request");
    });
  }

  listen(target: WebSocketTarget): Promise<StreamListener | TlsListener> {
    const { options } = this.#context;
    const tls = tlsOptions(options, this.#context);
    const connection = (socket: NetSocket): void => this.#accept(socket);
    const stream = { ...target, kind: "tcp" } as const;
    if (target.secure) {
      return listenTls(stream, tls, {
        connection,
        arrived: (remoteAddress, giveWay) => this.#sink.arrived(remoteAddress, giveWay),
        // Behind TLS comes the upgrade, and who leaves then is told of below.
        left: (remoteAddress) => this.#sink.left(remoteAddress),
        rejected: (remoteAddress, reason) => this.#sink.rejected(remoteAddress, reason),
        failed: (reason) => this.#sink.failed(reason),
      });
    }
    const { createServer } = builtin<NetModule>("node:net");
    const arrived = (socket: NetSocket): void => {
      const refused = this.#sink.arrived(addressOf(socket), () => socket.destroy());
      if (refused === undefined) return connection(socket);
      answer(socket, 503, TOO_MANY);
      // What is not read would have the system reset the connection, and the answer might be lost.
      socket.resume();
    };
    return listenAndRest(stream, this.#sink, (at, accepted) => {
      const server = createServer({}, (socket) => {
        arrived(socket);
        accepted();
      });
      return bound(server, at, tls, this.#sink);
    });
  }

  close(): void {
    for (const socket of this.#pending.keys()) socket.destroy();
  }

  #accept(socket: NetSocket): void {
    const { handshakeTimeout } = this.#context.options;
    const timer = later(handshakeTimeout, () => {
      const address = addressOf(socket);
      const message = `Refused ${address}: no WebSocket handshake in ${handshakeTimeout} ms`;
      this.#sink.rejected(address, new SPError("ETIMEDOUT", message));
      socket.destroy();
    });
    this.#pending.set(socket, timer);
    const address = addressOf(socket);
    // Nobody else listens for errors before the upgrade, and an error that nobody listens for ends the process.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#settle(socket);
      this.#sink.left(address);
    });
    mendRequestLine(socket, () => this.#http.emit("connection", socket));
  }

  /** It is a WebSocket now, or gone: no time limit. False if that was known. */
  #settle(socket: NetSocket): boolean {
    clearTimeout(this.#pending.get(socket));
    return this.#pending.delete(socket);
  }
}

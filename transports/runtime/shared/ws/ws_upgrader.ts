/* WebSockets out of an HTTP server of `node:http`, by the package `ws`. */
import type { ListenerSink, TransportContext } from "../../../../src/contracts/transport.ts";
import type { UpgradeRequest } from "../../../options.ts";
import { judgeUpgrade, type Refusal, tellRefusal } from "../../../ws/web_socket.ts";
import { formatAddress } from "../address.ts";
import type { NetSocket } from "../node_api.ts";
import type { HttpRequest, WsModule, WsServer } from "./ws_api.ts";
import { adopt, wsOptions } from "./ws_package.ts";
import { HEADER, shown } from "./ws_subprotocols.ts";

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** Takes WebSockets out of an HTTP server, for one socket. */
export class Upgrader {
  readonly #module: WsModule;
  readonly #context: TransportContext;
  readonly #sink: ListenerSink;
  readonly #server: WsServer;
  /** What the request that is being answered is told. */
  #subprotocol: string | undefined;

  /** @param module The package `ws`. @param context Whose requests these are. @param sink Who hears of them. */
  constructor(module: WsModule, context: TransportContext, sink: ListenerSink) {
    this.#module = module;
    this.#context = context;
    this.#sink = sink;
    this.#server = new module.WebSocketServer({
      ...wsOptions(context.options),
      noServer: true,
      clientTracking: false,
      handleProtocols: () => this.#subprotocol ?? false,
    });
    this.#server.on("wsClientError", (error, socket, request) => {
      this.#refuse(socket, addressOf(request.socket), { status: 400, message: error.message });
    });
  }

  /** Decides about one request, answers it, and hands the WebSocket over. */
  upgrade(request: HttpRequest, socket: NetSocket, head: Uint8Array): void {
    const { options } = this.#context;
    const asked = describeRequest(request);
    const verdict = judgeUpgrade(asked, this.#context);
    if (verdict.refusal !== undefined) {
      return this.#refuse(socket, asked.remoteAddress, verdict.refusal);
    }
    const subprotocol = this.#subprotocol = verdict.subprotocol;
    // It asks for the subprotocol, and calls back, before it returns.
    this.#server.handleUpgrade(readable(request), socket, head, (ws) => {
      const scheme = schemeOf(socket);
      this.#sink.connection(
        adopt(this.#module, ws, socket, scheme, options, asked, subprotocol),
      );
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

/** A request as `ws` can read it. */
function readable(request: HttpRequest): HttpRequest {
  const { method, url, headers, socket } = request;
  const names = String(headers[HEADER]);
  if (shown(names) === names) return request;
  return { method, url, headers: { ...headers, [HEADER]: shown(names) }, socket };
}

function schemeOf(socket: NetSocket & { readonly encrypted?: boolean }): string {
  return socket.encrypted === true ? "wss" : "ws";
}

/** Who is at the other end. */
export function addressOf(socket: NetSocket): string {
  return formatAddress(schemeOf(socket), socket.remoteAddress, socket.remotePort);
}

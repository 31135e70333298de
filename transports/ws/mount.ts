import { SPError } from "../../src/base/errors.ts";
import type {
  BoundListener,
  ListenerSink,
  Mount,
  TransportContext,
} from "../../src/contracts/transport.ts";
import type {
  BunServerLike,
  BunWebSocketHandlers,
  DenoInfoLike,
  NodeRequestLike,
} from "../runtime/shared/mount_api.ts";
import { bunHandlers, upgradeBun } from "../runtime/bun/mount.ts";
import { upgradeDeno } from "../runtime/deno/mount.ts";
import type { NetSocket } from "../runtime/shared/node_api.ts";
import type { HttpRequest } from "../runtime/shared/ws/ws_api.ts";
import { loadWs } from "../runtime/shared/ws/ws_package.ts";
import { answer, Upgrader } from "../runtime/shared/ws/ws_upgrader.ts";
import { subprotocols } from "./web_socket.ts";

/** Whose requests a mount answers: a socket's. */
export interface Mounted {
  /** The socket, and its options. */
  readonly context: TransportContext;
  /** Who hears of peers. */
  readonly sink: ListenerSink;
}

/**
 * A place for a socket in an HTTP server that is there already: `socket.bind(mount)` instead of an address.
 *
 * | server | how |
 * | --- | --- |
 * | `node:http`, `node:https` | `server.on("upgrade", mount.upgrade)` |
 * | `Deno.serve` | `Deno.serve(mount.handler)`, or call it from your own handler |
 * | `Bun.serve` | `Bun.serve({ fetch: mount.fetch, websocket: mount.websocket })`, or call it from your own |
 *
 * Which requests come here is the server's affair; of those, a mount takes the ones that want to be a
 * WebSocket and name the right subprotocol, and answers the others with 400, 403, 404 or 426, or with 503 while
 * no socket is bound. The options `path`, `origin` and `allowMissingProtocol` of `bind` hold.
 *
 * nng 1.x asks for no path at all when its address has none, which none of these servers takes for HTTP:
 * give it one, `ws://host:port/`.
 *
 * With `node:http`, a reader that does not keep up pushes its peer back, and a message over
 * `maxMessageSize` is refused by its length alone. `Deno.serve` and `Bun.serve` cannot push back: what
 * waits to be read is held, up to `webSocket.maxBacklog` bytes, and then the peer is closed with
 * `ENOBUFS`. `Deno.serve` takes in messages of up to 64 MiB before their length can be looked at, and
 * cannot end a WebSocket whose peer does not answer a closing frame.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { Rep, WebSocketMount } from "@nanostreams/nanostreams";
 *
 * await using rep = new Rep();
 * const mount = new WebSocketMount();
 * await rep.bind(mount, { webSocket: { path: "/service" } });
 *
 * const server = createServer((_request, response) => response.end("A page"));
 * server.on("upgrade", mount.upgrade);
 * server.listen(0);
 * server.close();
 * ```
 */
export class WebSocketMount implements Mount {
  /** What errors, events and statistics call it. */
  readonly address: string = "mount:ws";
  #mounted: Mounted | undefined;
  #upgrader: Upgrader | undefined;

  /** Called by `socket.bind`; one socket at a time. */
  async listen(context: TransportContext, sink: ListenerSink): Promise<BoundListener> {
    if (this.#mounted !== undefined) {
      const message = "Cannot bind to the mount: another socket is bound to it (EADDRINUSE)";
      throw new SPError("EADDRINUSE", message);
    }
    subprotocols("bind", this.address, context.protocol);
    const mounted = this.#mounted = { context, sink };
    // Only `upgrade` needs it, which says so if it is not there.
    const ws = await loadWs().catch(() => undefined);
    if (ws !== undefined) this.#upgrader = new Upgrader(ws, context, sink);
    return {
      address: this.address,
      close: () => {
        if (this.#mounted === mounted) this.#mounted = this.#upgrader = undefined;
        return Promise.resolve();
      },
    };
  }

  /** For `node:http` and `node:https`: a listener of the event `upgrade`. */
  readonly upgrade = (request: NodeRequestLike, socket: object, head: Uint8Array): void => {
    if (this.#upgrader === undefined) {
      const why = this.#mounted === undefined ? "No socket is bound here" : "No package ws here";
      return answer(socket as NetSocket, 503, why);
    }
    this.#upgrader.upgrade(request as HttpRequest, socket as NetSocket, head);
  };

  /** For `Deno.serve`: a handler. */
  readonly handler = (request: Request, info?: DenoInfoLike): Response =>
    refuseEarly(request, this.#mounted) ?? upgradeDeno(request, info, this.#mounted!);

  /** For `Bun.serve`: its `fetch`; undefined once the request is a WebSocket. */
  readonly fetch = (request: Request, server: BunServerLike): Response | undefined => {
    const refusal = refuseEarly(request, this.#mounted);
    return refusal === undefined ? upgradeBun(request, server, this.#mounted!) : refusal;
  };

  /**
   * For `Bun.serve`: its `websocket`. It passes on what comes to whichever mount's WebSocket it is, so one
   * will do for several mounts.
   *
   * @throws {SPError} `ESTATE` while no socket is bound, whose `maxMessageSize` Bun is told here.
   */
  get websocket(): BunWebSocketHandlers {
    if (this.#mounted !== undefined) return bunHandlers(this.#mounted.context.options);
    throw new SPError("ESTATE", "Cannot tell the limits of WebSockets: bind a socket to it first");
  }
}

function refuseEarly(request: Request, mounted: Mounted | undefined): Response | undefined {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    const headers = { upgrade: "websocket" };
    return new Response("This is a WebSocket server\n", { status: 426, headers });
  }
  return mounted === undefined
    ? new Response("No socket is bound here\n", { status: 503 })
    : undefined;
}

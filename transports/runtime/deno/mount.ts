/* WebSockets out of `Deno.serve`. */
import type { TransportContext } from "../../../src/contracts/transport.ts";
import { quiet, Waiter } from "../../../src/base/wait.ts";
import type { Mounted } from "../../ws/mount.ts";
import { pingError } from "../../ws/heartbeat.ts";
import { judgeUpgrade, type Refusal, tellRefusal } from "../../ws/web_socket.ts";
import type { DenoInfoLike } from "../shared/mount_api.ts";
import { formatAddress } from "../shared/address.ts";
import { offering } from "../shared/mended/deno_subprotocol.ts";
import { adoptWebSocket } from "../shared/ws/ws_platform.ts";

/** What Deno says of a peer that does not answer its ping. */
const NO_PONG = "No response from ping frame.";

interface DenoUpgrade {
  upgradeWebSocket(
    request: Request,
    options: { protocol?: string; idleTimeout: number },
  ): { socket: WebSocket; response: Response };
}

/** Answers a request for an upgrade. */
export function upgradeDeno(
  request: Request,
  info: DenoInfoLike | undefined,
  { context, sink }: Mounted,
): Response {
  // Deno lets nobody look at the request once it is answered.
  const { protocol: httpScheme, host, pathname, search } = new URL(request.url);
  const scheme = httpScheme === "https:" ? "wss" : "ws";
  const { hostname, port } = (info?.remoteAddr ?? {}) as { hostname?: string; port?: number };
  const remoteAddress = formatAddress(scheme, hostname, port);
  const headers = new Headers(request.headers);
  const path = pathname + search;
  const { options } = context;
  const { ping = Infinity } = options.webSocket ?? {};
  const verdict = judgeUpgrade({ path, headers, remoteAddress }, context);
  const refuse = (refusal: Refusal): Response => {
    tellRefusal(sink, remoteAddress, refusal);
    return new Response(`${refusal.message}\n`, { status: refusal.status });
  };
  if (verdict.refusal !== undefined) return refuse(verdict.refusal);
  try {
    const { Deno } = globalThis as unknown as { Deno: DenoUpgrade };
    const { subprotocol } = verdict;
    const { socket, response } = Deno.upgradeWebSocket(offering(request, subprotocol), {
      ...(subprotocol !== undefined && { protocol: subprotocol }),
      // By default Deno pings who is silent, and nanomsg takes the payload of a ping for a message. It does so after half of this
      // time, which is in seconds.
      idleTimeout: ping === Infinity ? 0 : 2 * ping / 1000,
    });
    const info = { remoteAddress, localAddress: `${scheme}://${host}`, headers, path, subprotocol };
    const connection = adoptWebSocket(socket, info, options);
    socket.addEventListener("error", (event) => {
      if ((event as ErrorEvent).message !== NO_PONG) return;
      connection.failed(pingError(remoteAddress, ping));
    });
    const opened = holdPlace(context, remoteAddress);
    socket.onopen = () => sink.connection(connection, opened());
    return response;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return refuse({ status: 400, message });
  }
}

/**
 * Keeps the place of a socket that has one peer at a time until the WebSocket is open, for the client is told of it
 * before. Of one that is never open, because its client has left, Deno tells nothing: so not for ever.
 *
 * @returns To be called when it is open; returns what gives the place back, if it is still kept.
 */
function holdPlace(
  { reserve, signal, options }: TransportContext,
  remoteAddress: string,
): () => (() => void) | undefined {
  const release = reserve?.(remoteAddress);
  if (release === undefined) return () => undefined;
  const wait = new Waiter<void>(signal, release);
  quiet(wait.limit(options.handshakeTimeout, "open a WebSocket").promise);
  return () => {
    if (wait.settled) return undefined;
    wait.resolve();
    return release;
  };
}

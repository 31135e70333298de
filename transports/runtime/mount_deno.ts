/* WebSockets out of `Deno.serve`. */
import type { Mounted } from "../mount.ts";
import { judgeUpgrade, type Refusal, tellRefusal } from "../web_socket.ts";
import type { DenoInfoLike } from "./mount_api.ts";
import { formatAddress } from "./node.ts";
import { adoptWebSocket } from "./web.ts";

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
  const { options, protocol } = context;
  const verdict = judgeUpgrade({ path, headers, remoteAddress }, protocol, options.webSocket);
  const refuse = (refusal: Refusal): Response => {
    tellRefusal(sink, remoteAddress, refusal);
    return new Response(`${refusal.message}\n`, { status: refusal.status });
  };
  if (verdict.refusal !== undefined) return refuse(verdict.refusal);
  try {
    const { Deno } = globalThis as unknown as { Deno: DenoUpgrade };
    const { socket, response } = Deno.upgradeWebSocket(request, {
      ...(verdict.subprotocol !== undefined && { protocol: verdict.subprotocol }),
      // By default Deno pings who is silent, and nanomsg takes the payload of a ping for a message.
      idleTimeout: 0,
    });
    const info = { remoteAddress, localAddress: `${scheme}://${host}`, headers, path };
    const connection = adoptWebSocket(socket, info, options);
    socket.onopen = () => sink.connection(connection);
    return response;
  } catch (error) {
    return refuse({ status: 400, message: error instanceof Error ? error.message : String(error) });
  }
}

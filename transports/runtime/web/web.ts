/* Connecting with the web platform's WebSocket: pages can do nothing else. */
import type { Connection } from "../../../src/contracts/connection.ts";
import { SPError } from "../../../src/base/errors.ts";
import type { TransportContext } from "../../../src/contracts/transport.ts";
import { later } from "../../../src/base/wait.ts";
import { adoptWebSocket } from "../shared/ws/ws_platform.ts";

/** Connects a WebSocket of the platform's, and asks for one of several subprotocols. */
export function dialPlatform(
  url: string,
  context: TransportContext,
  wanted: string[],
): Promise<Connection> {
  const { signal, options, address } = context;
  return new Promise((resolve, reject) => {
    // When it is open, the server has taken us in already.
    context.reserve?.(url);
    const socket = new WebSocket(url, wanted);
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.onopen = socket.onclose = socket.onerror = null;
    };
    const fail = (reason: unknown): void => {
      settle();
      reject(reason);
      socket.close();
    };
    const onAbort = (): void => fail(signal.reason);
    const { handshakeTimeout } = options;
    const timer = later(handshakeTimeout, () => {
      const message = `Cannot connect to "${address}": ` +
        `no WebSocket handshake in ${handshakeTimeout} ms`;
      fail(new SPError("ETIMEDOUT", message));
    });
    signal.addEventListener("abort", onAbort);
    socket.onopen = () => {
      settle();
      // Deno takes any answer, and none; browsers have failed before.
      const subprotocol = socket.protocol;
      if (!wanted.includes(subprotocol)) {
        return fail(
          new SPError(
            "EPROTO",
            `Cannot connect to "${address}": the server answered with the WebSocket subprotocol ` +
              `"${subprotocol}", expected "${wanted}"`,
          ),
        );
      }
      const localAddress = url.replace(/:.*/s, "://localhost");
      resolve(adoptWebSocket(socket, { remoteAddress: url, localAddress, subprotocol }, options));
    };
    // The platform tells no page why: what it could learn of other servers is none of its business.
    socket.onerror = socket.onclose = () => {
      const message = `Cannot connect to "${address}": no WebSocket there, or none that speaks ` +
        `"${wanted}" (browsers do not say which)`;
      fail(new SPError("ECONNREFUSED", message));
    };
  });
}

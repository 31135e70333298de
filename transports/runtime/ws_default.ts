import type { WebSocketRuntime } from "../ws.ts";
import { checkTls } from "./tls_check.ts";
import { webRuntime } from "./web.ts";
import { dialWs } from "./ws_dial.ts";
import { listenWs } from "./ws_server.ts";

/** The package `ws`. */
export const wsRuntime: WebSocketRuntime = {
  name: "ws",
  check: (address, target, { tls }) => {
    if (target.scheme === "wss") checkTls("connect", address, tls);
  },
  connect: dialWs,
  listen: listenWs,
};

/** The adapter that this runtime takes unless told otherwise: the package where its modules are, else the platform's. */
export function defaultWebSocketRuntime(): WebSocketRuntime {
  const { process } = globalThis as { process?: { getBuiltinModule?: unknown } };
  return process?.getBuiltinModule === undefined ? webRuntime : wsRuntime;
}

// Instead of transports/ws_target.ts: the platform reads a WebSocket's address; there is nothing to bind.
import { type AddressRole, badAddress } from "./address.ts";
import type { WebSocketTarget } from "../../transports/ws_target.ts";

export function parseTarget(role: AddressRole, address: string): WebSocketTarget {
  if (!URL.canParse(address)) throw badAddress(role, address, "this is no URL");
  const { protocol, hostname, port, pathname, search, hash, href } = new URL(address);
  if (hash !== "") throw badAddress(role, address, "this has a fragment");
  const scheme = protocol === "wss:" ? "wss" : "ws";
  return { scheme, host: hostname, port: Number(port), path: pathname + search, url: href };
}

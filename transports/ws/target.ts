import { type AddressRole, badAddress } from "../../src/surface/address.ts";
import { formatHostPort, parseHostPort } from "../host_port.ts";

/** A checked address of a WebSocket. */
export interface WebSocketTarget {
  readonly scheme: "ws" | "wss";
  /** Undefined, when binding, for every interface. */
  readonly host: string | undefined;
  readonly port: number;
  /** The numeric address to connect from. */
  readonly local?: string;
  /** With its slash, and with the query; empty if the address has none. */
  readonly path: string;
  /** What to connect to. */
  readonly url: string;
}

const DEFAULT_PORTS = { ws: 80, wss: 443 } as const;

/** Checks an address. */
export function parseTarget(role: AddressRole, address: string, rest: string): WebSocketTarget {
  const scheme = /^wss:/i.test(address) ? "wss" : "ws";
  const at = rest.search(/[/?#]/);
  const path = at < 0 ? "" : rest.slice(at);
  const place = at < 0 ? rest : rest.slice(0, at);
  const target = parseHostPort(role, address, place, DEFAULT_PORTS[scheme]);
  if (path.includes("#")) throw badAddress(role, address, "a WebSocket's address has no fragment");
  const url = `${scheme}://${formatHostPort(target.host ?? "localhost", target.port)}${path}`;
  if (!URL.canParse(url)) throw badAddress(role, address, "a URL cannot have such a host");
  return { scheme, ...target, path, url };
}

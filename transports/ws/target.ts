import { type AddressRole, badAddress } from "../../src/surface/address.ts";
import { formatHostPort, type HostPort, parseHostPort, readScheme } from "../host_port.ts";

/** A checked address of a WebSocket. */
export interface WebSocketTarget extends HostPort {
  /** As it was given: `ws`, `wss`, or of one family, `ws4` and the like. */
  readonly scheme: string;
  /** Whether it is over TLS. */
  readonly secure: boolean;
  /** With its slash, and with the query; empty if the address has none. */
  readonly path: string;
}

/** Checks an address. */
export function parseTarget(role: AddressRole, address: string, rest: string): WebSocketTarget {
  const { scheme } = readScheme(address);
  const secure = scheme.startsWith("wss");
  const at = rest.search(/[/?#]/);
  const path = at < 0 ? "" : rest.slice(at);
  const place = at < 0 ? rest : rest.slice(0, at);
  const target = parseHostPort(role, address, place, secure ? 443 : 80);
  if (path.includes("#")) throw badAddress(role, address, "a WebSocket address takes no fragment");
  const checked = { scheme, secure, ...target, path };
  if (!URL.canParse(urlOf(checked))) {
    const what = target.host?.includes("%") ? "have a zone" : "have such a host";
    throw badAddress(role, address, `a URL cannot ${what}`);
  }
  return checked;
}

/** What to connect to. */
export function urlOf({ secure, host, port, path }: WebSocketTarget): string {
  return `${secure ? "wss" : "ws"}://${formatHostPort(host ?? "localhost", port)}${path}`;
}

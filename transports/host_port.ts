/* Hosts and ports in addresses. */
import { type AddressRole, badAddress } from "../src/surface/address.ts";
import { describe } from "../src/memory/message.ts";

/** Where to connect to, or what to bind. */
export interface HostPort {
  /** A name or a numeric address without brackets; undefined for all interfaces. */
  readonly host: string | undefined;
  /** 1 to 65535; 0 when binding, for one that the operating system chooses. */
  readonly port: number;
  /** The local address to connect from. */
  readonly local?: string;
}

const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const IPV6 = /^[0-9a-f:.]+(%[\w.-]+)?$/i;

/** Tells whether a host looks like an IPv6 address, with a zone or without. */
function looksLikeIPv6(host: string): boolean {
  return host.includes(":") && IPV6.test(host);
}

/** Tells whether a host is written as a number. */
export function isNumericHost(host: string): boolean {
  return IPV4.test(host) || looksLikeIPv6(host);
}

/** The platform knows IPv6 addresses, but not their zones. */
function isIPv6(host: string): boolean {
  return URL.canParse(`http://[${host.replace(/%.*/, "")}]/`);
}

function parseHost(text: string): string | undefined {
  if (text.startsWith("[") && text.endsWith("]")) {
    const host = text.slice(1, -1);
    return looksLikeIPv6(host) && isIPv6(host) ? host : undefined;
  }
  if (IPV4.test(text)) {
    return text.split(".").every((part) => Number(part) <= 255) ? text : undefined;
  }
  return HOST_NAME.test(text) && !/^[\d.]+$/.test(text) ? text : undefined;
}

/**
 * Reads `host:port`, `[v6]:port`, `*:port` (bind only) and `local;host:port` (connect only).
 *
 * @param role What the address is for.
 * @param address The whole address, for the error's message.
 * @param rest What stands behind the scheme.
 * @param defaultPort Taken where no port is given; without one the port must be given.
 */
export function parseHostPort(
  role: AddressRole,
  address: string,
  rest: string,
  defaultPort?: number,
): HostPort {
  const semicolon = rest.indexOf(";");
  let local: string | undefined;
  if (semicolon >= 0) {
    if (role === "bind") {
      throw badAddress(role, address, "a local address before a semicolon is for connect only");
    }
    local = parseHost(rest.slice(0, semicolon));
    if (local === undefined || !isNumericHost(local)) {
      throw badAddress(
        role,
        address,
        `${
          describe(rest.slice(0, semicolon))
        } is no local address, wanted a numeric one before the semicolon`,
      );
    }
    rest = rest.slice(semicolon + 1);
  }
  const colon = rest.lastIndexOf(":");
  const hasPort = colon > rest.lastIndexOf("]");
  const portText = hasPort ? rest.slice(colon + 1) : "";
  const hostText = hasPort ? rest.slice(0, colon) : rest;
  const port = portText === "" && !hasPort && defaultPort !== undefined
    ? defaultPort
    : parsePort(role, address, portText);
  if (role === "bind" && (hostText === "*" || hostText === "")) {
    if (hostText === "") {
      throw badAddress(role, address, "no host, wanted * for all interfaces or an address");
    }
    return { host: undefined, port };
  }
  const host = parseHost(hostText);
  if (host === undefined) {
    throw badAddress(
      role,
      address,
      hostText === "*"
        ? "* stands for all interfaces and can only be bound"
        : `${describe(hostText)} is no host, wanted a name, an IPv4 address or an [IPv6 address]`,
    );
  }
  return { host, port, ...(local !== undefined && { local }) };
}

function parsePort(role: AddressRole, address: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  const lowest = role === "bind" ? 0 : 1;
  if (port >= lowest && port <= 65535) return port;
  throw badAddress(
    role,
    address,
    text === ""
      ? `no port, wanted ${lowest} to 65535 after a colon`
      : `${describe(text)} is no port, wanted ${lowest} to 65535`,
  );
}

/** Writes `host:port`, with brackets where the host is an IPv6 address. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

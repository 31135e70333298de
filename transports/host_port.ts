/* Hosts and ports in addresses. */
import { type AddressRole, badAddress } from "../src/surface/address.ts";
import { describe } from "../src/memory/message.ts";

/** A version of IP. */
export type Family = 4 | 6;

/** Where to connect to, or what to bind. */
export interface HostPort {
  /** A name in ASCII, or a numeric address without brackets; undefined for all interfaces. To bind, also the name of an interface. */
  readonly host: string | undefined;
  /** 1 to 65535; 0 when binding, for one that the operating system chooses. */
  readonly port: number;
  /** What to connect from: a numeric address, or the name of an interface. */
  readonly local?: string;
  /** The only family of addresses that will do; either, if left out. */
  readonly family?: Family;
  /** What `host` was called before its address was looked up: a certificate is for that. */
  readonly name?: string;
}

/** The schemes of a transport over TCP: of either family, and of one. */
export function tcpSchemes(scheme: string): readonly string[] {
  return [scheme, `${scheme}4`, `${scheme}6`];
}

/** The scheme of an address, in lower case, and the family that it asks for. */
export function readScheme(address: string): { scheme: string; family: Family | undefined } {
  const scheme = address.slice(0, address.indexOf(":")).toLowerCase();
  return { scheme, family: scheme.endsWith("4") ? 4 : scheme.endsWith("6") ? 6 : undefined };
}

const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;
const DIGITS = /^[\d.]+$/;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const IPV6 = /^[0-9a-f:.]+(%[\w.-]+)?$/i;

/** Tells whether a host looks like an IPv6 address, with a zone or without. */
function looksLikeIPv6(host: string): boolean {
  return host.includes(":") && IPV6.test(host);
}

/** The family of a numeric address. */
export function familyOf(address: string): Family {
  return address.includes(":") ? 6 : 4;
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
  const name = toAscii(text);
  return name !== undefined && HOST_NAME.test(name) && !DIGITS.test(name) ? name : undefined;
}

/** The ASCII form of an international name (UTS 46), as the platform's URLs have it; of any other text the text. */
function toAscii(text: string): string | undefined {
  if (!/[^\0-\x7f]/.test(text)) return text;
  // Nothing that has a meaning of its own in a URL.
  const url = `http://${text}/`;
  return /^[\p{L}\p{M}\p{N}_.-]+$/u.test(text) && URL.canParse(url)
    ? new URL(url).hostname
    : undefined;
}

/** What stands before a semicolon: a numeric address, or the name of an interface, which on Windows may have spaces. */
function parseLocal(text: string): string | undefined {
  const host = parseHost(text);
  if (host !== undefined && isNumericHost(host)) return host;
  const isName = /^[^:;/[\]*]+$/.test(text) && text.trim() === text && !DIGITS.test(text);
  return isName ? text : undefined;
}

/**
 * Tells whether a host to bind may be the name of an interface: one without a dot, but `localhost`, or one such as `eth0.100`, which
 * ends as no host's name does.
 */
export function mayBeInterface(host: string): boolean {
  return !isNumericHost(host) && /^(?!localhost$)([^.]+|.*\.\d+)$/i.test(host);
}

/**
 * Reads `host:port`, `[v6]:port`, `*:port`, `interface:port` and `host:*` for any port (bind only), and `local;host:port` (connect only), where `local` is a
 * numeric address or an interface. Whether there is such an interface is seen when it is bound or connected from.
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
  const { scheme, family } = readScheme(address);
  const found = (host: string | undefined): { host: string | undefined; family?: Family } => {
    if (family === undefined) return { host };
    if (host === undefined || !isNumericHost(host) || familyOf(host) === family) {
      return { host, family };
    }
    const what = `${describe(host)} is an IPv${familyOf(host)} address`;
    throw badAddress(role, address, `${what}, and ${scheme}:// is for IPv${family} only`);
  };
  const semicolon = rest.indexOf(";");
  let local: string | undefined;
  if (semicolon >= 0) {
    if (role === "bind") {
      throw badAddress(role, address, "a local address before a semicolon is for connect only");
    }
    const text = rest.slice(0, semicolon);
    local = parseLocal(text);
    if (local === undefined) {
      const what = `invalid local address ${describe(text)}`;
      const wanted = "an IPv4 address, an [IPv6 address] or the name of an interface";
      throw badAddress(role, address, `${what}, expected ${wanted} before the semicolon`);
    }
    found(local);
    rest = rest.slice(semicolon + 1);
  }
  const colon = rest.lastIndexOf(":");
  const hasPort = colon > rest.lastIndexOf("]");
  const portText = hasPort ? rest.slice(colon + 1) : "";
  const hostText = hasPort ? rest.slice(0, colon) : rest;
  const port = portText === "" && !hasPort && defaultPort !== undefined
    ? defaultPort
    : parsePort(role, address, portText);
  if (role === "bind" && hostText === "") {
    throw badAddress(role, address, "no host, expected * for all interfaces or an address");
  }
  if (role === "bind" && hostText === "*") return { ...found(undefined), port };
  const host = parseHost(hostText);
  if (host === undefined) {
    const what = hostText === "" ? "no host" : `invalid host ${describe(hostText)}`;
    throw badAddress(
      role,
      address,
      hostText === "*"
        ? "* stands for all interfaces and can only be bound"
        : `${what}, expected a name, an IPv4 address or an [IPv6 address]`,
    );
  }
  return { ...found(host), port, ...(local !== undefined && { local }) };
}

function parsePort(role: AddressRole, address: string, text: string): number {
  const isBind = role === "bind";
  const port = /^\d{1,5}$/.test(text) ? Number(text) : isBind && text === "*" ? 0 : NaN;
  const lowest = isBind ? 0 : 1;
  if (port >= lowest && port <= 65535) return port;
  throw badAddress(
    role,
    address,
    text === ""
      ? `no port, expected ${lowest} to 65535 after a colon`
      : `invalid port ${describe(text)}, expected ${lowest} to 65535`,
  );
}

/** Writes `host:port`, with brackets where the host is an IPv6 address. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/* What the addresses of connections look like. */
import { formatHostPort } from "../../host_port.ts";

/** A host and a port as an address; an IPv4 address that came over IPv6 as what it is. */
export function formatAddress(
  scheme: string,
  host: string | undefined,
  port: number | undefined,
): string {
  return `${scheme}://${formatHostPort((host ?? "").replace(/^::ffff:/, ""), port ?? 0)}`;
}

/** A path as an address; an abstract name without its zero byte. */
export function formatPath(scheme: string, path: string): string {
  return `${scheme}://${path.startsWith("\0") ? encodeURIComponent(path.slice(1)) : path}`;
}

/*
 * What Deno permits. Its `node:net` throws where nobody can catch it, in a callback of its own, if the program may not use the
 * local address of a server or of a client. So this asks before.
 */
import { formatHostPort, isNumericHost } from "../../../host_port.ts";
import { builtin } from "../builtin.ts";
import type { DnsModule } from "../node_api.ts";

interface DenoPermissions {
  querySync(descriptor: Permission): { readonly state: string };
  requestSync(descriptor: Permission): { readonly state: string };
}

type Permission =
  | { name: "read" | "write"; path: string }
  | { name: "net"; host: string }
  | { name: "sys"; kind: "umask" | "networkInterfaces" };

const { Deno } = globalThis as { Deno?: { readonly permissions?: DenoPermissions } };

/**
 * Throws `EACCES` if this program may not use a local address. Asks the user first where Deno would.
 *
 * @param host Numeric.
 */
export function requireLocal(host: string, port: number): void {
  const place = formatHostPort(host, port);
  const state = Deno?.permissions?.requestSync({ name: "net", host: place }).state;
  if (state === undefined || state === "granted") return;
  const message = `Deno needs --allow-net to use "${place}"`;
  throw Object.assign(new Error(message), { code: "EACCES" });
}

/** What to bind for a host: on Deno its numeric address, once it is sure that this program may. */
export async function permittedHost(host: string, port: number): Promise<string> {
  if (Deno?.permissions === undefined) return host;
  const address = isNumericHost(host)
    ? host
    : (await builtin<DnsModule>("node:dns").promises.lookup(host)).address;
  requireLocal(address, port);
  return address;
}

/** Whether this program may read a file, without asking the user. */
export function mayRead(path: string): boolean {
  const permissions = Deno?.permissions;
  return permissions === undefined ||
    permissions.querySync({ name: "read", path }).state === "granted";
}

/** Whether this program may make a file, without asking the user: on Deno the permission may be for others only. */
export function mayMakeFile(path: string): boolean {
  const permissions = Deno?.permissions;
  return permissions === undefined || (["read", "write"] as const)
    .every((name) => permissions.querySync({ name, path }).state === "granted");
}

/** Whether this program may change its umask, without asking the user. */
export function mayMask(): boolean {
  const permissions = Deno?.permissions;
  return permissions === undefined ||
    permissions.querySync({ name: "sys", kind: "umask" }).state === "granted";
}

/**
 * Whether this program may see the machine's network interfaces.
 *
 * @param ask Whether to ask the user first, where Deno would.
 */
export function maySeeInterfaces(ask: boolean): boolean {
  const permissions = Deno?.permissions;
  if (permissions === undefined) return true;
  const descriptor = { name: "sys", kind: "networkInterfaces" } as const;
  const { state } = ask ? permissions.requestSync(descriptor) : permissions.querySync(descriptor);
  return state === "granted";
}

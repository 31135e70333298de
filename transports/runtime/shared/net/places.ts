/*
 * Where connections go to and come from, where the names in an address mean more than the runtimes look up: an interface, or
 * addresses of one family only.
 */
import { SPError } from "../../../../src/base/errors.ts";
import { describe } from "../../../../src/memory/message.ts";
import { Waiter } from "../../../../src/base/wait.ts";
import { familyOf, type HostPort, isNumericHost, mayBeInterface } from "../../../host_port.ts";
import { explain } from "../../../system_errors.ts";
import { builtin } from "../builtin.ts";
import { maySeeInterfaces } from "../mended/deno_permission.ts";
import type { DnsModule, OsModule } from "../node_api.ts";
import { platform } from "../platform.ts";

/** After these a host is tried at its next address. */
const NEXT_ADDRESS: ReadonlySet<string> = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ETIMEDOUT"]);

/**
 * Connects to a host's addresses, one after the other, until one answers; only to those of the family that is asked for, or of the local
 * address. A name that has neither is looked up by the runtime.
 *
 * @param what What is tried, for errors: `Cannot connect to "tcp6://example.org:5555"`.
 * @param connect Told a target that has numbers alone.
 */
export async function connectTo<Target extends HostPort, Connected>(
  what: string,
  target: Target,
  signal: AbortSignal,
  connect: (place: Target) => Promise<Connected>,
): Promise<Connected> {
  const { host, local, family } = target;
  if (host === undefined || local === undefined && (family === undefined || isNumericHost(host))) {
    return await connect(target);
  }
  let failure: unknown;
  for (const place of await placesOf(what, target, host, signal)) {
    try {
      return await connect(place);
    } catch (error) {
      if (signal.aborted || !NEXT_ADDRESS.has(explain(error).code)) throw error;
      failure = error;
    }
  }
  throw failure;
}

async function placesOf<Target extends HostPort>(
  what: string,
  target: Target,
  host: string,
  signal: AbortSignal,
): Promise<Target[]> {
  const { local, family } = target;
  const from = local === undefined ? undefined : localAddresses(what, local);
  const found = isNumericHost(host) ? [host] : await lookup(host, signal);
  const places = found.flatMap((address): Target[] => {
    if (family !== undefined && familyOf(address) !== family) return [];
    const place = { ...target, host: address, name: host };
    if (from === undefined) return [place];
    const own = from.find((one) => familyOf(one) === familyOf(address));
    return own === undefined ? [] : [{ ...place, local: own }];
  });
  if (places.length > 0) return places;
  if (local === undefined) throw noAddress(what, target, host);
  const common = `${describe(local)} and ${describe(host)} have no IP version in common`;
  throw new SPError("EADDRNOTAVAIL", `${what}: ${common} (EADDRNOTAVAIL)`);
}

function localAddresses(what: string, local: string): string[] {
  if (isNumericHost(local)) return [local];
  const all = interfaces(what);
  const from = addressesOf(local, all);
  if (from !== undefined) return from;
  throw new SPError("EADDRNOTAVAIL", `${what}: ${noInterface(local, all)} (EADDRNOTAVAIL)`);
}

/**
 * Binds the address of an interface, or one of the family that is asked for; any other host is bound as it is. A name that may be
 * either is an interface's, if there is one. Deno asks the user for the permission to see the interfaces only if no host has the name.
 *
 * @param what What is tried, for errors: `Cannot bind to "tcp://eth0:5555"`.
 * @param bind Told a target without the name of an interface.
 */
export async function bindTo<Target extends HostPort, Bound extends { readonly host: string }>(
  what: string,
  target: Target,
  bind: (place: Target) => Promise<Bound>,
): Promise<Bound> {
  const { host, family } = target;
  const bindNumber = async (host: string): Promise<Bound> =>
    withZone(await bind({ ...target, host }), host);
  if (host === undefined) {
    return family === undefined
      ? await bind(target)
      : await bindNumber(family === 4 ? "0.0.0.0" : "::");
  }
  if (isNumericHost(host)) return await bindNumber(host);
  const isInterface = mayBeInterface(host);
  const own = isInterface && maySeeInterfaces(false) && addressToBind(what, target, host);
  if (own) return await bindNumber(own);
  try {
    if (family === undefined) return await bind(target);
    const address = (await lookup(host)).find((one) => familyOf(one) === family);
    if (address === undefined) throw noAddress(what, target, host);
    return await bindNumber(address);
  } catch (error) {
    const isUnknown = !(error instanceof SPError) && explain(error).code === "ENOTFOUND";
    if (!isUnknown || !isInterface) throw error;
    const own = addressToBind(what, target, host);
    if (own !== undefined) return await bindNumber(own);
    const message = `${what}: ${
      noInterface(host, interfaces(what))
    }, and no host has this name (ENOTFOUND)`;
    throw new SPError("ENOTFOUND", message, { cause: error });
  }
}

/** The address of an interface to bind: its first IPv4 address if it has one and may be of that family. */
function addressToBind(what: string, { family }: HostPort, name: string): string | undefined {
  const all = addressesOf(name, interfaces(what));
  if (all === undefined) return undefined;
  const own = all.find((one) => familyOf(one) === (family ?? 4)) ?? all[0];
  if (own !== undefined && (family === undefined || familyOf(own) === family)) return own;
  const message = `${what}: interface ${describe(name)} has no IPv${family} address`;
  throw new SPError("EADDRNOTAVAIL", `${message} (EADDRNOTAVAIL)`);
}

/** Some runtimes leave the zone out, without which the address means nothing. */
function withZone<Bound extends { readonly host: string }>(bound: Bound, host: string): Bound {
  const [zone] = /%.*/.exec(host) ?? [];
  return zone === undefined || bound.host.includes("%")
    ? bound
    : { ...bound, host: bound.host + zone };
}

type Interfaces = ReturnType<OsModule["networkInterfaces"]>;

function interfaces(what: string): Interfaces {
  if (maySeeInterfaces(true)) return builtin<OsModule>("node:os").networkInterfaces();
  const why = "Deno needs --allow-sys=networkInterfaces to list network interfaces";
  throw new SPError("EACCES", `${what}: ${why} (EACCES)`);
}

/** The addresses of an interface, those that only it can reach last; undefined if there is no such interface. */
function addressesOf(name: string, all: Interfaces): string[] | undefined {
  if (!Object.hasOwn(all, name)) return undefined;
  const addresses = (all[name] ?? []).map(({ address, scopeid }) => {
    const isLinkLocal = /^fe[89ab]/i.test(address) && !address.includes("%");
    return isLinkLocal ? `${address}%${platform() === "win32" ? scopeid : name}` : address;
  });
  const isZoned = (address: string): number => Number(address.includes("%"));
  return addresses.sort((a, b) => isZoned(a) - isZoned(b));
}

function noInterface(name: string, all: Interfaces): string {
  return `no interface ${describe(name)}; there are ${Object.keys(all).join(", ")}`;
}

function noAddress(what: string, { family }: HostPort, host: string): SPError {
  const message = `${what}: ${describe(host)} has no IPv${family} address (ENOTFOUND)`;
  return new SPError("ENOTFOUND", message);
}

/** All addresses of a host. The wait for them ends with the signal. */
function lookup(host: string, signal?: AbortSignal): Promise<string[]> {
  const waiter = new Waiter<string[]>(signal);
  builtin<DnsModule>("node:dns").promises.lookup(host, { all: true }).then(
    (found) => waiter.resolve(found.map(({ address }) => address)),
    (error) => waiter.reject(error),
  );
  return waiter.promise;
}

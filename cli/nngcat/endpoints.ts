/** Dialing and listening as nngcat does it: one address after the other, and what it says of each. */

import type { ConnectOptions } from "../../mod.ts";
import { codeOf, type Failure } from "../lib/failure.ts";
import type { AnySocket } from "../nanocat/protocols.ts";
import { isEncrypted, tlsOptions } from "../lib/tls.ts";
import type { Endpoint, Settings } from "./settings.ts";
import { fatal, nngReason } from "./words.ts";

/** Takes what is to be told. */
export interface Told {
  /** A line for standard output. */
  readonly print: (line: string) => void;
  /** The address that was bound. */
  readonly bound: (address: string) => void;
}

/** Dials and listens, in the order of the command line; unless it is asynchronous, each dialer waits for its peer. */
export async function attach(socket: AnySocket, settings: Settings, told: Told): Promise<void> {
  const say = settings.isVerbose ? told.print : () => {};
  for (const endpoint of settings.endpoints) {
    const { side, address } = endpoint;
    try {
      if (side === "dial") {
        await dial(socket, address, settings);
        say(`Connected to: ${shown(address, address)}\n`);
      } else {
        const bound = await listen(socket, address, settings);
        told.bound(bound);
        say(`Listening at: ${shown(address, bound)}\n`);
      }
    } catch (error) {
      throw complaint(endpoint, settings, error);
    }
  }
}

async function dial(
  socket: AnySocket,
  address: string,
  { isAsync, tls, maxMessageSize }: Settings,
): Promise<void> {
  const options: ConnectOptions = { ...tlsOptions("connect", address, tls), maxMessageSize };
  if (isAsync) {
    // What is in the way, and whether it has gone, is not told.
    socket.connect(address, options).opened.catch(() => {});
    return;
  }
  // An address in this process is bound by now, or never.
  const limit = /^inproc:/i.test(address) ? { timeout: 100 } : {};
  await socket.connect(address, { ...options, ...limit, failFast: true }).opened;
}

async function listen(
  socket: AnySocket,
  address: string,
  { tls, maxMessageSize }: Settings,
): Promise<string> {
  // No host is every host.
  const full = address.replace(/^([a-z+]+[46]?:\/\/)(?=:\d+)/i, "$1*");
  const options = { ...tlsOptions("bind", address, tls), maxMessageSize };
  return (await socket.bind(full, options)).address;
}

const HOST_PORT = /^((?:(?:tls\+)?tcp|wss?)[46]?):\/\/(.*):(\w+)(\/.*)?$/i;

/** An address as nng writes it, with the port that it has in the end. */
function shown(address: string, bound: string): string {
  const [, scheme, host, port, path = ""] = HOST_PORT.exec(address) ?? [];
  if (scheme === undefined || host === undefined) return address;
  const real = port === "0" ? HOST_PORT.exec(bound)?.[3] : port;
  if (/^wss?/i.test(scheme)) return `${scheme}://${host}:${real}${path}`;
  return `${scheme.toLowerCase()}://${host === "*" ? "" : host.toLowerCase()}:${real}`;
}

/** How errors of the library name the options for certificates, unlike addresses. */
const NAMES_TLS = /\btls(\.|: \{)/;

/** What nngcat says when an address cannot be used. */
function complaint({ side, address }: Endpoint, { tls }: Settings, error: unknown): Failure {
  const isDial = side === "dial";
  const code = codeOf(error);
  if (code === "EINVAL" && isEncrypted(address) && NAMES_TLS.test((error as Error).message)) {
    return fatal("Unable to configure TLS: Cryptographic error", error);
  }
  const create = `Unable to create ${isDial ? "dialer" : "listener"} for ${address}`;
  const use = `Unable to ${side} on ${address}`;
  if (code === "EINVAL") {
    return fatal(`${canBeCreated(side, address) ? use : create}: ${invalid(address)}`, error);
  }
  if (code === "ENOTFOUND" && !isDial) return fatal(`${create}: ${nngReason(error)}`, error);
  return fatal(`${use}: ${isDial ? dialReason(address, tls, error) : nngReason(error)}`, error);
}

function dialReason(address: string, { cacert }: Settings["tls"], error: unknown): string {
  const code = codeOf(error);
  if (code === "ENOENT") return "Connection refused";
  if (code === "ETIMEDOUT" && /^inproc:/i.test(address)) return "Connection refused";
  if (code === "ETLS" && cacert === undefined) return "Peer could not be authenticated";
  return nngReason(error);
}

/** Whether nng looks at host and port only when it dials: it takes both for names, which may be known then. */
function canBeCreated(side: "dial" | "listen", address: string): boolean {
  if (side === "listen") return false;
  const [, , host, port, path = ""] = HOST_PORT.exec(address) ?? [];
  const mayHavePath = /^wss?/i.test(address);
  return host !== undefined && port !== undefined && (path === "" || mayHavePath) &&
    !["", "*"].includes(host) && !host.startsWith("[");
}

const SCHEMES = /^((tls\+)?tcp[46]?|wss?[46]?|ipc|unix|abstract|inproc):/i;

/** What is wrong with an address that the library does not take. */
function invalid(address: string): string {
  const isUrl = /^[a-z0-9+]+:\/\//i.test(address);
  const hasHost = !/\/\/\[[^\]]*$/.test(address) && !/:$/.test(address);
  if (!isUrl || !hasHost) return "Invalid argument";
  return SCHEMES.test(address) ? "Address invalid" : "Not supported";
}

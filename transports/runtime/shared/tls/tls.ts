/*
 * TLS by `node:tls`, which runs on Node, Deno and Bun: what `tls+tcp` and `wss` share. Deno's own will not do (seen with Deno 2.9.6): its
 * connections have no `setNoDelay` (two small writes then take 42 ms) and no `setKeepAlive`, `caCerts` are trusted beside the system's
 * authorities and not in their place, and nobody can ask for the peer's name, for a client's certificate or for a version.
 */
import { isNumericHost } from "../../../host_port.ts";
import { SPError } from "../../../../src/base/errors.ts";
import { systemError } from "../../../system_errors.ts";
import { later } from "../../../../src/base/wait.ts";
import type { ListenerSink } from "../../../../src/contracts/transport.ts";
import type { TlsOptions } from "../../../options.ts";
import type { StreamListener, StreamOptions, StreamTarget } from "../../../runtime.ts";
import { explainCertificate, isVague } from "../mended/deno_certificate.ts";
import { requireLocal } from "../mended/deno_permission.ts";
import { requireNoZone } from "../mended/deno_zone.ts";
import { bound, opened, probe } from "../net/open.ts";
import { listenAndRest } from "../resting.ts";
import { builtin } from "../builtin.ts";
import { formatAddress } from "../address.ts";
import type { NetSocket } from "../node_api.ts";
import { secureContext } from "./certificates.ts";
import type { TlsModule, TlsSocket } from "./tls_api.ts";
import { tlsServer } from "./tls_server.ts";

/** Where TLS goes: a host and a port. */
export type TlsTarget = Extract<StreamTarget, { kind: "tcp" }>;

/** What TLS needs to be told. */
export interface TlsStreamOptions extends StreamOptions {
  readonly tls: TlsOptions;
  /** How long the handshake may take, in milliseconds. */
  readonly handshakeTimeout: number;
  /** Called when the TCP connection stands, from when on the handshake's time counts. */
  readonly reached?: (() => void) | undefined;
}

/** A listener that can be given other certificates. */
export interface TlsListener extends StreamListener {
  /** Shows other certificates to those who connect from now on. They have been checked. */
  update(tls: TlsOptions): void;
}

/** Who hears of connections. */
export interface TlsListenerSink extends Pick<ListenerSink, "arrived" | "left"> {
  /** The handshake is done. */
  connection(socket: TlsSocket): void;
  /** The handshake failed. */
  rejected(remoteAddress: string, reason: SPError): void;
  failed(reason: SPError): void;
}

/** What `tls.connect` needs to verify who is there. */
export function verification(
  host: string,
  tls: TlsOptions,
): { servername?: string; rejectUnauthorized: boolean } {
  // A number cannot be asked for (RFC 6066, 3), and is verified all the same.
  const servername = tls.serverName ?? (isNumericHost(host) ? undefined : host);
  return {
    ...(servername !== undefined && { servername }),
    rejectUnauthorized: tls.insecure !== true,
  };
}

/** The name in the peer's certificate, if that was verified. */
export function verifiedName(socket: Partial<TlsSocket>): string | undefined {
  if (socket.authorized !== true) return undefined;
  const certificate = socket.getPeerCertificate?.();
  const name = certificate?.subject?.CN ??
    certificate?.subjectaltname?.split(", ")[0]?.replace(/^\w+:/, "");
  return Array.isArray(name) ? name[0] : name;
}

/**
 * Has Deno push the peer back while the socket is paused. By itself it goes on reading, and keeps what it
 * has decrypted, without a limit (denoland/deno#33524); so the connection below is stopped as well.
 */
export function pushBack(socket: Partial<TlsSocket>): void {
  if (!("Deno" in globalThis)) return;
  const { _handle } = socket as { _handle?: { _parent?: Partial<Below> } };
  const below = _handle?._parent;
  const { pause, resume } = socket;
  if (!pause || !resume || !below?.readStop || !below.readStart) return;
  const { readStop, readStart } = below as Below;
  socket.pause = () => {
    if (!socket.destroyed) readStop.call(below);
    return pause.call(socket);
  };
  socket.resume = () => {
    if (!socket.destroyed) readStart.call(below);
    return resume.call(socket);
  };
}

/** The connection below a TLS socket of Deno's. */
interface Below {
  readStop(): unknown;
  readStart(): unknown;
}

/** Connects and shakes hands. */
export async function connectTls(
  target: TlsTarget,
  options: TlsStreamOptions,
): Promise<TlsSocket> {
  const { connect } = builtin<TlsModule>("node:tls");
  const host = target.host ?? "localhost";
  requireNoZone(host, target.local);
  if (target.local !== undefined) requireLocal(target.local, 0);
  const { rejectUnauthorized, ...servername } = verification(target.name ?? host, options.tls);
  const socket = connect({
    ...secureContext(options.tls),
    ...servername,
    rejectUnauthorized,
    host,
    port: target.port,
    ...(target.local !== undefined && { localAddress: target.local }),
  });
  socket.setNoDelay(options.noDelay);
  const { handshakeTimeout, reached } = options;
  const limit = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  socket.once("connect", () => {
    reached?.();
    timer = later(handshakeTimeout, () => {
      const message = `Cannot connect to ${host}: no TLS handshake in ${handshakeTimeout} ms`;
      limit.abort(new SPError("ETIMEDOUT", message));
    });
  });
  const signal = AbortSignal.any([options.signal, limit.signal]);
  try {
    await opened(socket, "secureConnect", signal);
  } catch (error) {
    throw await explainCertificate(error, target, servername, signal);
  } finally {
    clearTimeout(timer);
  }
  probe(socket, options.keepAlive);
  return socket;
}

/** Binds; hands over connections that have shaken hands. */
export async function listenTls(
  target: TlsTarget,
  options: TlsStreamOptions,
  sink: TlsListenerSink,
): Promise<TlsListener> {
  let current = options;
  let bound: TlsListener;
  const listener = await listenAndRest(
    target,
    sink,
    async (at, accepted) => (bound = await bindTls(at, current, sink, accepted)),
  );
  const update = (tls: TlsOptions): void => {
    bound.update(tls);
    current = { ...current, tls };
  };
  return { ...listener, update };
}

async function bindTls(
  target: TlsTarget,
  options: TlsStreamOptions,
  sink: TlsListenerSink,
  accepted: () => void,
): Promise<TlsListener> {
  const limits = new HandshakeLimits(target.scheme, options.handshakeTimeout, sink);
  const { server, update } = tlsServer(options, {
    begun: (socket) => {
      limits.begin(socket);
      accepted();
    },
    done: (socket) => {
      limits.end(socket);
      probe(socket, options.keepAlive);
      sink.connection(socket);
    },
    failed: (error, socket) => {
      const address = limits.end(socket);
      if (address === undefined) return;
      sink.rejected(address, whyRefused(address, error, socket));
    },
  });
  const listener = await bound(server, target, options, sink);
  return {
    ...listener,
    update,
    close: () => {
      limits.close();
      return listener.close();
    },
  };
}

/** Connections that shake hands: who they are, and how long they may take. */
class HandshakeLimits {
  readonly #scheme: string;
  readonly #timeout: number;
  readonly #sink: TlsListenerSink;
  readonly #pending: Map<NetSocket, {
    readonly address: string;
    readonly timer: ReturnType<typeof setTimeout> | undefined;
  }> = new Map();

  constructor(scheme: string, timeout: number, sink: TlsListenerSink) {
    this.#scheme = scheme;
    this.#timeout = timeout;
    this.#sink = sink;
  }

  /** A connection has come. */
  begin(socket: NetSocket): void {
    const timeout = this.#timeout;
    // Asked for now: later, when it is closed, nobody knows.
    const address = formatAddress(this.#scheme, socket.remoteAddress, socket.remotePort);
    const refused = this.#sink.arrived(address, () => {
      clearTimeout(timer);
      this.#pending.delete(socket);
      socket.destroy();
    });
    if (refused !== undefined) return void socket.destroy();
    const timer = later(timeout, () => {
      this.#pending.delete(socket);
      const message = `Refused ${address}: no TLS handshake in ${timeout} ms`;
      this.#sink.rejected(address, new SPError("ETIMEDOUT", message));
      socket.destroy();
    });
    this.#pending.set(socket, { address, timer });
    socket.once("close", () => {
      clearTimeout(timer);
      this.#sink.left(address);
    });
  }

  /** Nobody waits for those that shake hands any more. */
  close(): void {
    const sockets = [...this.#pending.keys()];
    this.#pending.clear();
    for (const socket of sockets) socket.destroy();
  }

  /** Its handshake is over: whose it was, if that is not told yet. */
  end(socket: NetSocket & { readonly _parent?: NetSocket | null }): string | undefined {
    // Bun has one socket, Node and Deno have one below the other.
    const key = this.#pending.has(socket) ? socket : socket._parent ?? socket;
    const found = this.#pending.get(key);
    if (found === undefined) return undefined;
    clearTimeout(found.timer);
    this.#pending.delete(key);
    return found.address;
  }
}

/** Of a certificate that they refuse, Node and Deno say only that the connection was reset. */
function whyRefused(address: string, error: Error, socket: Partial<TlsSocket>): SPError {
  const { authorizationError: code } = socket;
  const what = `Refused ${address}`;
  if (typeof code !== "string") return systemError(what, error);
  if (!isVague(code)) return systemError(what, { code, cause: error });
  const message = `${what}: the peer's certificate is of no authority that is trusted here ` +
    `(see tls.ca), or not valid now; Deno does not say which (${code})`;
  return new SPError("ETLS", message, { cause: error });
}

/* TLS by `node:tls`, which runs on Node, Deno and Bun: what `tls+tcp` and `wss` share. */
import { isNumericHost } from "../../../host_port.ts";
import { SPError } from "../../../../src/base/errors.ts";
import { systemError } from "../../../system_errors.ts";
import { later, LONGEST_TIMER } from "../../../../src/base/wait.ts";
import type { TlsOptions } from "../../../options.ts";
import type { StreamListener, StreamOptions, StreamTarget } from "../../../runtime.ts";
import { explainCertificate, isVague } from "../mended/deno_certificate.ts";
import { requireLocal } from "../mended/deno_permission.ts";
import { bound, opened, probe } from "../net/open.ts";
import { builtin } from "../builtin.ts";
import { formatAddress } from "../address.ts";
import type { NetSocket } from "../node_api.ts";
import type { SecureContextOptions, TlsModule, TlsSocket } from "./tls_api.ts";

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

/** Who hears of connections. */
export interface TlsListenerSink {
  /** The handshake is done. */
  connection(socket: TlsSocket): void;
  /** The handshake failed. */
  rejected(remoteAddress: string, reason: SPError): void;
  failed(reason: SPError): void;
}

/** Certificates and keys, as `node:tls` takes them. */
export function secureContext({ ca, cert, key }: TlsOptions): SecureContextOptions {
  return {
    ...(ca !== undefined && { ca: typeof ca === "string" ? ca : [...ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
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
  if (target.local !== undefined) requireLocal(target.local, 0);
  const { rejectUnauthorized, ...servername } = verification(host, options.tls);
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
): Promise<StreamListener> {
  const { createServer } = builtin<TlsModule>("node:tls");
  const required = options.tls.requireClientCertificate === true;
  const limits = new HandshakeLimits(target.scheme, options.handshakeTimeout, sink);
  const server = createServer({
    ...secureContext(options.tls),
    requestCert: required,
    rejectUnauthorized: required,
    // Deno has no limit of its own; so it is kept here, in every runtime.
    handshakeTimeout: LONGEST_TIMER,
    noDelay: options.noDelay,
  }, (socket) => {
    limits.end(socket);
    probe(socket, options.keepAlive);
    sink.connection(socket);
  });
  server.on("connection", (socket) => limits.begin(socket));
  server.on("tlsClientError", (error, socket) => {
    const address = limits.end(socket);
    if (address === undefined) return;
    sink.rejected(address, whyRefused(address, error, socket));
  });
  const listener = await bound(server, target, options, sink);
  return {
    ...listener,
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
    const timer = later(timeout, () => {
      this.#pending.delete(socket);
      const message = `Refused ${address}: no TLS handshake in ${timeout} ms`;
      this.#sink.rejected(address, new SPError("ETIMEDOUT", message));
      socket.destroy();
    });
    this.#pending.set(socket, { address, timer });
    socket.once("close", () => clearTimeout(timer));
  }

  /** Nobody waits for those that shake hands any more. */
  close(): void {
    const sockets = [...this.#pending.keys()];
    this.#pending.clear();
    for (const socket of sockets) socket.destroy();
  }

  /** Its handshake is over: whose it was, if that is not told yet. */
  end(socket: TlsSocket & { readonly _parent?: NetSocket | null }): string | undefined {
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
function whyRefused(address: string, error: Error, socket: TlsSocket): SPError {
  const { authorizationError: code } = socket;
  const what = `Refused ${address}`;
  if (typeof code !== "string") return systemError(what, error);
  if (!isVague(code)) return systemError(what, { code, cause: error });
  const message = `${what}: the peer's certificate is of no authority that is trusted here ` +
    `(see tls.ca), or not valid now; Deno does not say which (${code})`;
  return new SPError("ETLS", message, { cause: error });
}

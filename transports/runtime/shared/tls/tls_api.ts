/* What this library uses of `node:tls`; see `node_api.ts`. */
import type { NetServer, NetSocket } from "../node_api.ts";

/** Of `tls.TLSSocket`. */
export interface TlsSocket extends NetSocket {
  /** Whether the peer's certificate was verified; without one some runtimes say true. */
  readonly authorized: boolean;
  readonly destroyed: boolean;
  /** Why it was not. */
  readonly authorizationError?: unknown;
  /** The peer's certificate; without one an empty object, null or undefined, by the runtime. */
  getPeerCertificate():
    | {
      readonly subject?: { readonly CN?: string | string[] };
      readonly subjectaltname?: string | undefined;
      /** Since when it is valid, as `Date.parse` takes it. */
      readonly valid_from?: string;
      /** Until when. */
      readonly valid_to?: string;
    }
    | null
    | undefined;
}

/** What `tls.createSecureContext` takes. */
export interface SecureContextOptions {
  ca?: string | string[];
  cert?: string;
  ciphers?: string;
  key?: string;
  maxVersion?: "TLSv1.2";
  minVersion?: "TLSv1.2" | "TLSv1.3";
}

/** Certificates and keys, made ready by `tls.createSecureContext`. */
export interface SecureContext {
  readonly context: unknown;
}

/** What `tls.connect` takes. */
export interface TlsConnectOptions extends SecureContextOptions {
  host: string;
  port: number;
  localAddress?: string;
  servername?: string;
  rejectUnauthorized: boolean;
}

/** What `tls.createServer` takes. */
export interface TlsServerOptions extends SecureContextOptions {
  requestCert: boolean;
  rejectUnauthorized: boolean;
  handshakeTimeout: number;
  noDelay: boolean;
  /** Called for a client that asks for a name; without a context, that of the server is taken. */
  SNICallback?(name: string, done: (error: null, context?: SecureContext) => void): void;
}

/** Of `tls.Server`. */
export interface TlsServer extends NetServer {
  /** Has it shake hands with somebody whom another server has accepted. */
  emit(event: "connection", socket: NetSocket): unknown;
  /** For connections from now on. */
  setSecureContext(options: SecureContextOptions): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "connection", listener: (socket: NetSocket) => void): unknown;
  on(event: "tlsClientError", listener: (error: Error, socket: TlsSocket) => void): unknown;
}

/** Of `node:tls`. */
export interface TlsModule {
  connect(options: TlsConnectOptions): TlsSocket;
  createSecureContext(options: SecureContextOptions): SecureContext;
  createServer(options: TlsServerOptions, listener: (socket: TlsSocket) => void): TlsServer;
}

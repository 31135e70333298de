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
  key?: string;
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
}

/** Of `tls.Server`. */
export interface TlsServer extends NetServer {
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "connection", listener: (socket: NetSocket) => void): unknown;
  on(event: "tlsClientError", listener: (error: Error, socket: TlsSocket) => void): unknown;
}

/** Of `node:tls`. */
export interface TlsModule {
  connect(options: TlsConnectOptions): TlsSocket;
  createServer(options: TlsServerOptions, listener: (socket: TlsSocket) => void): TlsServer;
}

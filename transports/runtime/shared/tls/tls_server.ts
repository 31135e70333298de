/* Servers of `node:tls`, with one certificate or several. */
import { LONGEST_TIMER } from "../../../../src/base/wait.ts";
import type { TlsOptions } from "../../../options.ts";
import { forgetHandshake, onGreeting } from "../mended/deno_handshake.ts";
import { builtin } from "../builtin.ts";
import type { NetModule, NetServer, NetSocket } from "../node_api.ts";
import { Certificates } from "./certificates.ts";
import type {
  SecureContext,
  SecureContextOptions,
  TlsModule,
  TlsServer,
  TlsSocket,
} from "./tls_api.ts";

/** How much later than we the runtime gives up a handshake, in milliseconds. */
const LATER = 1000;

/** What a server is told. */
export interface TlsServerNeeds {
  readonly tls: TlsOptions;
  readonly handshakeTimeout: number;
  readonly noDelay: boolean;
}

/** Who hears of handshakes. */
export interface HandshakeSink {
  /** Somebody has connected. */
  begun(socket: NetSocket): void;
  /** The handshake is over, and all is well. */
  done(socket: TlsSocket): void;
  /** The handshake has failed: that of TLS, or before it began. */
  failed(error: Error, socket: NetSocket): void;
}

/** A server that is not bound yet, and how it is given other certificates. */
export interface ChoosingServer {
  readonly server: NetServer;
  update(tls: TlsOptions): void;
}

/** Makes a server that shows the certificate for the name that a client asks for. */
export function tlsServer(needs: TlsServerNeeds, sink: HandshakeSink): ChoosingServer {
  return "Deno" in globalThis ? choosingHere(needs, sink) : choosingThere(needs, sink);
}

/** `node:tls` asks for the certificate. */
function choosingThere(needs: TlsServerNeeds, sink: HandshakeSink): ChoosingServer {
  const { createSecureContext } = builtin<TlsModule>("node:tls");
  let certificates = new Certificates(needs.tls, createSecureContext);
  const server = newServer(certificates.fallback, needs, sink, (name) => certificates.find(name));
  server.on("connection", (socket) => sink.begun(socket));
  return {
    server,
    update: (tls) => {
      certificates = new Certificates(tls, createSecureContext);
      server.setSecureContext(certificates.fallback);
    },
  };
}

/**
 * The name is read here, and each certificate has a server of its own. Where Deno has to choose by itself, it keeps about 20 KiB for ever
 * of each client whose greeting does not come, or is none (seen with Deno 2.9.6).
 */
function choosingHere(needs: TlsServerNeeds, sink: HandshakeSink): ChoosingServer {
  const make = (tls: TlsOptions): (socket: NetSocket) => void => {
    const certificates = new Certificates(tls, (context) => newServer(context, needs, sink));
    const fallback = newServer(certificates.fallback, needs, sink);
    return (socket) => {
      if (!certificates.hasNames) return void fallback.emit("connection", socket);
      onGreeting(socket, (name = "") => {
        (certificates.find(name) ?? fallback).emit("connection", socket);
      }, (error) => sink.failed(error, socket));
    };
  };
  let shakeHands = make(needs.tls);
  const { createServer } = builtin<NetModule>("node:net");
  const { noDelay } = needs;
  const server = createServer({ noDelay }, (socket) => {
    sink.begun(socket);
    shakeHands(socket);
  });
  return { server, update: (tls) => void (shakeHands = make(tls)) };
}

function newServer(
  context: SecureContextOptions,
  { tls, handshakeTimeout, noDelay }: TlsServerNeeds,
  sink: HandshakeSink,
  find?: Certificates<SecureContext>["find"],
): TlsServer {
  const required = tls.requireClientCertificate === true;
  const server = builtin<TlsModule>("node:tls").createServer({
    ...context,
    ...(find !== undefined && {
      SNICallback: (name: string, done: (error: null, context?: SecureContext) => void): void =>
        done(null, find(name)),
    }),
    requestCert: required,
    rejectUnauthorized: required,
    // The limit is kept by the listener, in every runtime; theirs comes after it.
    handshakeTimeout: Math.min(handshakeTimeout + LATER, LONGEST_TIMER),
    noDelay,
  }, (socket) => sink.done(socket));
  server.on("tlsClientError", (error, socket) => {
    forgetHandshake(socket);
    sink.failed(error, socket);
  });
  return server;
}

/*
 * Connections by `node:net`: the baseline, which runs on Node, Deno and Bun. The module is taken with
 * `process.getBuiltinModule`, so that bundles for browsers have no trace of it.
 */
import { formatHostPort } from "../../host_port.ts";
import type { Connection, ConnectionSink, Framing } from "../../../src/contracts/connection.ts";
import { SPError } from "../../../src/base/errors.ts";
import { atTurnEnd } from "../../../src/base/turn.ts";
import { systemError } from "../../system_errors.ts";
import type {
  StreamListener,
  StreamListenerSink,
  StreamOptions,
  StreamRuntime,
  StreamTarget,
} from "../../runtime.ts";
import { withFilesCode } from "../bun/files.ts";
import { builtin } from "./builtin.ts";
import { permittedHost, requireLocal } from "../deno/permission.ts";
import type { NetConnectOptions, NetModule, NetServer, NetSocket } from "./api.ts";
import { isNode, newReader, type NodeReader, withReader } from "./reader.ts";

export { builtin };

/** A `net.Socket` (or a `tls.TLSSocket`) as a {@linkcode Connection}. */
export class NodeConnection implements Connection {
  readonly framing: Framing;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly tlsName?: string;
  readonly lendsMemory: boolean;
  readonly #socket: NetSocket;
  readonly #reader: NodeReader | undefined;
  #sink: ConnectionSink | undefined;
  #waiting = false;
  #ended = false;
  #error: SPError | undefined;
  #over = false;
  #unwritten: number | undefined;

  /**
   * @param socket Connected.
   * @param target What was connected to or bound, for the addresses.
   * @param more The verified name in the peer's certificate; what reads, if it is not the socket's stream.
   */
  constructor(
    socket: NetSocket,
    target: StreamTarget,
    more: { tlsName?: string | undefined; reader?: NodeReader | undefined } = {},
  ) {
    const { tlsName, reader } = more;
    this.#socket = socket;
    this.#reader = reader;
    this.lendsMemory = reader !== undefined;
    const { scheme } = target;
    if (target.kind === "tcp") {
      this.framing = "tcp";
      this.remoteAddress = formatAddress(scheme, socket.remoteAddress, socket.remotePort);
      this.localAddress = formatAddress(scheme, socket.localAddress, socket.localPort);
    } else {
      this.framing = "ipc";
      this.remoteAddress = this.localAddress = formatPath(scheme, target.name ?? target.path);
    }
    if (tlsName !== undefined) this.tlsName = tlsName;
    socket.on("error", (error) => {
      this.#error = systemError(`Lost the connection to ${this.remoteAddress}`, error);
    });
    socket.on("end", () => this.#peerEnded());
    socket.on("close", () => this.#end());
  }

  start(sink: ConnectionSink): void {
    const first = this.#sink === undefined;
    this.#sink = sink;
    if (!first) return;
    if (this.#over) return sink.closed(this.#error);
    if (this.#reader !== undefined) {
      this.#reader.start(this.#socket, this.#received, this.#room);
    } else {
      this.#socket.on("data", ({ buffer, byteOffset, length }) => {
        // A plain view: a Buffer's own subarray costs several times as much, and messages are views.
        this.#received(new Uint8Array(buffer, byteOffset, length));
      });
      if (this.#socket.isPaused()) this.#socket.resume();
    }
    if (this.#ended) this.#peerEnded();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    const last = chunks.length - 1;
    if (last > 0) {
      socket.cork();
      for (let i = 0; i < last; i++) socket.write(chunks[i]!);
    }
    socket.write(chunks[last]!, this.#written);
    if (last > 0) socket.uncork();
    if (socket.writableLength === 0 && !isBroken(socket)) return true;
    this.#waiting = true;
    return false;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    // Node loses what it has not decrypted yet if TLS is ended while it delivers.
    if (isEncrypted(this.#socket)) atTurnEnd(() => this.#socket.end());
    else this.#socket.end();
  }

  destroy(): void {
    this.#unwritten = unwrittenBytes(this.#socket);
    this.#socket.destroy();
  }

  get unwritten(): number {
    return this.#unwritten ?? Infinity;
  }

  readonly #received = (chunk: Uint8Array<ArrayBuffer>): void => {
    if (!this.#over) this.#sink!.data(chunk);
  };

  readonly #room = (): Uint8Array<ArrayBuffer> | undefined =>
    this.#over ? undefined : this.#sink!.room?.();

  readonly #written = (): void => {
    if (!this.#waiting || this.#over || this.#socket.writableLength > 0 || isBroken(this.#socket)) {
      return;
    }
    this.#waiting = false;
    this.#sink?.drain();
  };

  #peerEnded(): void {
    this.#ended = true;
    if (this.#sink === undefined || this.#over) return;
    if (this.#sink.ended !== undefined) return this.#sink.ended();
    this.#end();
    if (this.#waiting) this.destroy();
    else this.#socket.destroySoon();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink?.closed(this.#error);
  }
}

/**
 * How much of what was written the operating system has not taken. Of the stream alone it can be told only whether all of
 * its last write has gone; libuv's side of the socket, where there is one, knows it to the byte.
 */
export function unwrittenBytes(socket: NetSocket): number {
  const { writeQueueSize } = (socket._handle ?? {}) as { readonly writeQueueSize?: unknown };
  const isKnown = isNode && !isEncrypted(socket) && typeof writeQueueSize === "number";
  return isKnown ? writeQueueSize : socket.writableLength;
}

function isEncrypted(socket: NetSocket & { readonly encrypted?: boolean }): boolean {
  return socket.encrypted === true;
}

/** Whether a socket takes everything, and says so as if it were sent, until it is closed. */
export function isBroken(socket: NetSocket): boolean {
  return socket.destroyed || Boolean(socket.errored);
}

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

/** What `net.connect` and `tls.connect` take of a target. */
export function connectOptions(target: StreamTarget, options: StreamOptions): NetConnectOptions {
  if (target.kind === "unix") return { path: target.path };
  return {
    host: target.host ?? "localhost",
    port: target.port,
    noDelay: options.noDelay,
    keepAlive: options.keepAlive,
    ...(target.local !== undefined && { localAddress: target.local }),
  };
}

/** Deno's `node:net` says `EINVAL` of whatever address the operating system does not have. */
export function withAddressCode<Failure extends Error>(error: Failure): Failure {
  const isVague = "Deno" in globalThis && (error as { code?: unknown }).code === "EINVAL";
  return isVague ? Object.assign(error, { code: "EADDRNOTAVAIL" }) : error;
}

/** Waits for a socket to be connected; destroys it if the signal is aborted before. */
export function opened(
  socket: NetSocket,
  event: "connect" | "secureConnect",
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      signal.removeEventListener("abort", onAbort);
      socket.off("error", onError);
      socket.off("close", onClose);
      socket.off(event, onOpen);
    };
    const onOpen = (): void => {
      settle();
      resolve();
    };
    const onError = (error: Error): void => {
      settle();
      socket.on("error", () => {});
      socket.destroy();
      reject(withFilesCode(withAddressCode(error)));
    };
    const onClose = (): void => onError(new SPError("ECONNRESET", "The connection was closed"));
    const onAbort = (): void => onError(signal.reason);
    socket.once(event, onOpen);
    socket.once("error", onError);
    socket.once("close", onClose);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
  });
}

/** Waits for a server to be bound. */
export async function bound(
  server: NetServer,
  target: StreamTarget,
  options: StreamOptions,
  sink: Pick<StreamListenerSink, "failed">,
): Promise<StreamListener> {
  const host = target.kind === "tcp" && target.host !== undefined
    ? await permittedHost(target.host, target.port)
    : undefined;
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error): void => {
      reject(withFilesCode(target.kind === "tcp" ? withAddressCode(error) : error));
    };
    server.once("error", failed);
    server.listen({
      ...(target.kind === "unix"
        ? { path: target.path }
        : { port: target.port, ...(host !== undefined && { host }) }),
      ...(options.backlog !== undefined && { backlog: options.backlog }),
      exclusive: true,
    }, () => {
      server.off("error", failed);
      resolve();
    });
  });
  server.on("error", (error) => sink.failed(systemError("Cannot accept a connection", error)));
  const address = server.address();
  const here = typeof address === "object" && address !== null ? address : { port: 0, address: "" };
  return {
    port: here.port,
    host: here.address,
    close: () => {
      // Its callback waits for every connection to end; the address is free at once.
      server.close();
      return Promise.resolve();
    },
  };
}

/** TCP and file system sockets by `node:net`. */
export const nodeRuntime: StreamRuntime = {
  name: "node",

  async connect(target, options) {
    const { connect } = builtin<NetModule>("node:net");
    options.signal.throwIfAborted();
    if (target.kind === "tcp" && target.local !== undefined) requireLocal(target.local, 0);
    const reader = newReader();
    const onread = reader && { onread: reader };
    const socket = connect({ ...connectOptions(target, options), ...onread });
    await opened(socket, "connect", options.signal);
    return new NodeConnection(socket, target, { reader });
  },

  listen(target, options, sink) {
    const net = builtin<NetModule>("node:net");
    const { noDelay, keepAlive } = options;
    const server = net.createServer({ noDelay, keepAlive, pauseOnConnect: isNode }, (accepted) => {
      const { socket, reader } = withReader(net, accepted);
      sink.connection(new NodeConnection(socket, target, { reader }));
    });
    return bound(server, target, options, sink);
  },
};

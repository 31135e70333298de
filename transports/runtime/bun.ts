/*
 * Connections by `Bun.connect` and `Bun.listen`.
 */
import type { Connection, ConnectionSink, Framing } from "../../src/connection.ts";
import { SPError, wrapError } from "../../src/errors.ts";
import type { StreamListenerSink, StreamOptions, StreamRuntime, StreamTarget } from "../runtime.ts";
import { Batch } from "./batch.ts";
import type { BunAddress, BunApi, BunHandlers, BunListener, BunSocket } from "./bun_api.ts";
import { formatAddress, formatPath, nodeRuntime } from "./node.ts";

/** Chunks that are smaller are joined, up to this many bytes a write. */
const JOINED = 8 * 1024;
let scratch: Uint8Array | undefined;

/** What hangs on each socket: its connection, once it is open. */
type Socket = BunSocket<BunConnection>;

/** A `Bun.Socket` as a {@linkcode Connection}. */
export class BunConnection implements Connection {
  readonly framing: Framing;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly #socket: Socket;
  #sink: ConnectionSink | undefined;
  /** What came before `start`. */
  #early: Uint8Array[] | undefined;
  readonly #batch: Batch = new Batch();
  #waiting = false;
  #ending = false;
  #over = false;
  #error: SPError | undefined;

  /** @param socket Open. @param target What was connected to or bound, for the addresses. */
  constructor(socket: Socket, target: StreamTarget) {
    this.#socket = socket;
    const { scheme } = target;
    if (target.kind === "tcp") {
      this.framing = "tcp";
      this.remoteAddress = formatAddress(scheme, socket.remoteAddress, socket.remotePort);
      this.localAddress = formatAddress(scheme, socket.localAddress, socket.localPort);
    } else {
      this.framing = "ipc";
      this.remoteAddress = this.localAddress = formatPath(scheme, target.path);
    }
  }

  start(sink: ConnectionSink): void {
    const first = this.#sink === undefined;
    this.#sink = sink;
    if (!first) return;
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) { for (const chunk of early) sink.data(chunk); }
    if (this.#over) sink.closed(this.#error);
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (chunks.length === 1) {
      const chunk = chunks[0]!;
      const written = this.#socket.write(chunk);
      if (written === chunk.length) return true;
      this.#batch.load(chunks);
      if (written > 0) this.#batch.advance(written);
    } else {
      this.#batch.load(chunks);
      if (this.#writeBatch()) return true;
    }
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
    this.#ending = true;
    if (!this.#waiting) this.#socket.shutdown();
  }

  destroy(): void {
    if (this.#over) return;
    this.#finish();
    this.#socket.close();
  }

  /** Bytes have come: called by the handlers below. */
  received(chunk: Uint8Array): void {
    if (this.#over) return;
    if (this.#sink !== undefined) this.#sink.data(chunk);
    else (this.#early ??= []).push(chunk);
  }

  /** There is room to write, or it looks like it: called by the handlers below. */
  drained(): void {
    if (!this.#waiting || this.#over || !this.#writeBatch()) return;
    this.#waiting = false;
    this.#sink?.drain();
    if (this.#ending && !this.#waiting) this.#socket.shutdown();
  }

  /** The peer has ended its stream: called by the handlers below. */
  ended(): void {
    this.destroy();
  }

  /** The socket is closed: called by the handlers below. */
  closed(error: Error | undefined): void {
    if (this.#over) return;
    if (error !== undefined) {
      this.#error = wrapError(`Lost the connection to ${this.remoteAddress}`, error);
    }
    this.#finish();
  }

  /** Writes as far as the operating system takes it; true if that was everything. */
  #writeBatch(): boolean {
    const batch = this.#batch;
    scratch ??= new Uint8Array(JOINED);
    while (!batch.empty) {
      const piece = batch.next(scratch);
      const written = this.#socket.write(piece);
      if (written > 0) batch.advance(written);
      if (written < piece.length) return false;
    }
    return true;
  }

  /** The sink hears of it later, since it may be in one of its calls now. */
  #finish(): void {
    this.#over = true;
    this.#batch.clear();
    queueMicrotask(() => this.#sink?.closed(this.#error));
  }
}

function bun(): BunApi {
  const { Bun } = globalThis as { Bun?: Partial<BunApi> };
  if (Bun?.connect !== undefined && Bun.listen !== undefined) return Bun as BunApi;
  throw new SPError("ENOTSUP", "Cannot use Bun.connect and Bun.listen in this runtime: wanted Bun");
}

/** One object for all sockets of a kind. */
function handlers(
  target: StreamTarget,
  options: StreamOptions,
  opened: (connection: BunConnection) => void,
): BunHandlers<BunConnection> {
  return {
    binaryType: "uint8array",
    open(socket) {
      if (target.kind === "tcp") {
        if (options.noDelay) socket.setNoDelay(true);
        if (options.keepAlive) socket.setKeepAlive(true);
      }
      opened(socket.data = new BunConnection(socket, target));
    },
    data: (socket, chunk) => socket.data.received(chunk),
    drain: (socket) => socket.data.drained(),
    end: (socket) => socket.data.ended(),
    close: (socket, error) => socket.data.closed(error),
    // What a handler of ours threw. It is no error of the connection.
    error(_socket, error) {
      throw error;
    },
    connectError() {},
  };
}

function bind(
  target: StreamTarget,
  options: StreamOptions,
  sink: StreamListenerSink,
): BunListener {
  const socket = handlers(target, options, (connection) => sink.connection(connection));
  const listen = (address: BunAddress): BunListener =>
    bun().listen({ ...address, socket, allowHalfOpen: true });
  if (target.kind === "unix") return listen({ unix: target.path });
  const { host, port } = target;
  if (host !== undefined) return listen({ hostname: host, port, exclusive: true });
  try {
    return listen({ hostname: "::", port, exclusive: true });
  } catch (error) {
    if ((error as { code?: unknown }).code === "EADDRINUSE") throw error;
    return listen({ hostname: "0.0.0.0", port, exclusive: true }); // a machine without IPv6
  }
}

/** TCP and file system sockets by Bun's own API. */
export const bunRuntime: StreamRuntime = {
  name: "bun",

  async connect(target, options) {
    const { signal } = options;
    signal.throwIfAborted();
    const address: BunAddress = target.kind === "unix"
      ? { unix: target.path }
      : { hostname: target.host ?? "localhost", port: target.port };
    const socket = await bun().connect<BunConnection>({
      ...address,
      socket: handlers(target, options, () => {}),
      allowHalfOpen: true,
    });
    if (signal.aborted) {
      socket.data.destroy();
      throw signal.reason;
    }
    return socket.data;
  },

  listen(target, options, sink) {
    // Bun has no backlog.
    if (options.backlog !== undefined) return nodeRuntime.listen(target, options, sink);
    try {
      const listener = bind(target, options, sink);
      const bound: { address?: string; port?: number } = {};
      if (target.kind === "tcp") listener.getsockname(bound);
      return Promise.resolve({
        port: bound.port ?? 0,
        host: bound.address ?? "",
        close: () => {
          listener.stop(false);
          return Promise.resolve();
        },
      });
    } catch (error) {
      return Promise.reject(error);
    }
  },
};

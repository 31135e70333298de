/*
 * Connections by `Bun.connect` and `Bun.listen`.
 */
import { SPError } from "../../../src/base/errors.ts";
import { Waiter } from "../../../src/base/wait.ts";
import { DEFAULT_IDLE } from "../../keep_alive.ts";
import type {
  StreamListenerSink,
  StreamOptions,
  StreamRuntime,
  StreamTarget,
} from "../../runtime.ts";
import type { BunAddress, BunApi, BunHandlers, BunListener } from "./api.ts";
import { BunConnection } from "./connection.ts";
import { withFilesCode } from "../shared/mended/bun_files.ts";
import { withNameCode } from "../shared/mended/bun_names.ts";
import { bindEveryInterface } from "../shared/interfaces.ts";
import { netRuntime } from "../shared/net/runtime.ts";

const { Bun } = globalThis as { Bun?: Partial<BunApi> };

/** Whether this runtime has what {@linkcode bunRuntime} needs. */
export const isBun: boolean = Bun?.connect !== undefined && Bun.listen !== undefined;

function bun(): BunApi {
  if (isBun) return Bun as BunApi;
  throw new SPError(
    "ENOTSUP",
    "Cannot use Bun.connect and Bun.listen in this runtime: expected Bun",
  );
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
        const { keepAlive } = options;
        if (keepAlive !== false) socket.setKeepAlive(true, keepAlive.idle ?? DEFAULT_IDLE);
      }
      opened(socket.data = new BunConnection(socket, target));
    },
    data: (socket, chunk) => socket.data.received(chunk),
    drain: (socket) => socket.data.drained(),
    end: (socket) => socket.data.ended(),
    close: (socket, error) => socket.data.closed(error),
    // What a handler has thrown, and no error of the connection: it must not go unseen.
    error(_socket, error) {
      queueMicrotask(() => {
        throw error;
      });
    },
    // The promise of `Bun.connect` tells the same.
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
  const { host, port, family } = target;
  const ipv6Only = family === 6;
  const listenOn = (hostname: string): BunListener =>
    listen({ hostname, port, exclusive: true, ipv6Only });
  return host !== undefined ? listenOn(host) : bindEveryInterface(listenOn);
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/i;

/**
 * Whether `Bun.connect` will do. It cannot be given up: to a host that does not answer it would go on trying, and keep
 * the process from ending, for minutes after the dialer was closed. It has no local address to connect from.
 */
function isNearby(target: StreamTarget): boolean {
  return target.kind === "unix" || target.local === undefined && LOOPBACK.test(target.host ?? "");
}

/** TCP and file system sockets by Bun's own API. */
export const bunRuntime: StreamRuntime = {
  name: "bun",

  async connect(target, options) {
    const { connect } = bun();
    if (!isNearby(target)) return netRuntime.connect(target, options);
    const { signal } = options;
    signal.throwIfAborted();
    const opening = connect<BunConnection>({
      ...(target.kind === "unix"
        ? { unix: target.path }
        : { hostname: target.host ?? "localhost", port: target.port }),
      socket: handlers(target, options, () => {}),
      allowHalfOpen: true,
    });
    const opened = new Waiter<BunConnection>(signal);
    opening.then(({ data }) => {
      if (signal.aborted) data.destroy();
      else opened.resolve(data);
    }, (error) => opened.reject(withFilesCode(error)));
    return await opened.promise;
  },

  listen(target, options, sink) {
    // Bun has no backlog.
    if (options.backlog !== undefined) return netRuntime.listen(target, options, sink);
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
      return Promise.reject(withNameCode(withFilesCode(error)));
    }
  },
};

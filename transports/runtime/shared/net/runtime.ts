/*
 * TCP and file system sockets by `node:net`: the baseline, which runs on Node, Deno and Bun. The module is taken with
 * `process.getBuiltinModule`, so that bundles for browsers have no trace of it.
 */
import type { StreamRuntime } from "../../../runtime.ts";
import { builtin } from "../builtin.ts";
import { requireLocal } from "../mended/deno_permission.ts";
import type { NetModule, NetOnRead, NetSocket } from "../node_api.ts";
import { NetConnection, type SocketReader } from "./connection.ts";
import { bound, connectOptions, opened, probe } from "./open.ts";

/** How sockets are read, where there is something better than their streams. */
export interface NetReading {
  /** A reader for a socket to be. */
  newReader(): SocketReader & NetOnRead;
  /** A socket that has a reader, in place of one that was accepted and is paused; that one, if there is none to be had. */
  withReader(
    net: NetModule,
    accepted: NetSocket,
  ): { readonly socket: NetSocket; readonly reader?: SocketReader };
}

/** Makes an adapter of `node:net`. */
export function makeNetRuntime(reading?: NetReading): StreamRuntime {
  return {
    name: "node",

    async connect(target, options) {
      const { connect } = builtin<NetModule>("node:net");
      options.signal.throwIfAborted();
      if (target.kind === "tcp" && target.local !== undefined) requireLocal(target.local, 0);
      const reader = reading?.newReader();
      const onread = reader && { onread: reader };
      const socket = connect({ ...connectOptions(target, options), ...onread });
      await opened(socket, "connect", options.signal);
      if (target.kind === "tcp") probe(socket, options.keepAlive);
      return new NetConnection(socket, target, { reader });
    },

    listen(target, options, sink) {
      const net = builtin<NetModule>("node:net");
      const { noDelay, keepAlive } = options;
      const pauseOnConnect = reading !== undefined;
      const server = net.createServer({ noDelay, pauseOnConnect }, (accepted) => {
        const { socket, reader } = reading?.withReader(net, accepted) ?? { socket: accepted };
        if (target.kind === "tcp") probe(socket, keepAlive);
        sink.connection(new NetConnection(socket, target, { reader }));
      });
      return bound(server, target, options, sink);
    },
  };
}

/** `node:net` as it is, for what a runtime's own API cannot do. */
export const netRuntime: StreamRuntime = makeNetRuntime();

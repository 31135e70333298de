/* Connecting and binding by `node:net` and `node:tls`. */
import { SPError } from "../../../../src/base/errors.ts";
import { systemError } from "../../../system_errors.ts";
import { DEFAULT_IDLE } from "../../../keep_alive.ts";
import type { KeepAliveOptions } from "../../../options.ts";
import type {
  StreamListener,
  StreamListenerSink,
  StreamOptions,
  StreamTarget,
} from "../../../runtime.ts";
import { withFilesCode } from "../mended/bun_files.ts";
import { withNameCode } from "../mended/bun_names.ts";
import { permittedHost } from "../mended/deno_permission.ts";
import { requireNoZone } from "../mended/deno_zone.ts";
import type { NetConnectOptions, NetServer, NetSocket } from "../node_api.ts";

/** Has the operating system probe a connection while it is idle. Deno ignores the option of servers that would. */
export function probe(socket: NetSocket, keepAlive: KeepAliveOptions | false): void {
  if (keepAlive === false) return;
  const { idle = DEFAULT_IDLE, interval, count } = keepAlive;
  socket.setKeepAlive(true, idle, interval, count);
}

/** What `net.connect` and `tls.connect` take of a target. */
export function connectOptions(target: StreamTarget, options: StreamOptions): NetConnectOptions {
  if (target.kind === "unix") return { path: target.path };
  requireNoZone(target.host, target.local);
  return {
    host: target.host ?? "localhost",
    port: target.port,
    noDelay: options.noDelay,
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
  if (target.kind === "tcp") requireNoZone(target.host);
  const host = target.kind === "tcp" && target.host !== undefined
    ? await permittedHost(target.host, target.port)
    : undefined;
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error): void => {
      const told = withFilesCode(error);
      reject(target.kind === "tcp" ? withNameCode(withAddressCode(told)) : told);
    };
    server.once("error", failed);
    server.listen({
      ...(target.kind === "unix" ? { path: target.path } : {
        port: target.port,
        ...(host !== undefined && { host }),
        ipv6Only: target.family === 6,
      }),
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

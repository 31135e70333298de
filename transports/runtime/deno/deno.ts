/*
 * Connections by `Deno.connect` and `Deno.listen`.
 */
import { SPError } from "../../../src/base/errors.ts";
import { systemError } from "../../system_errors.ts";
import { Waiter, within } from "../../../src/base/wait.ts";
import type {
  StreamListenerSink,
  StreamOptions,
  StreamRuntime,
  StreamTarget,
} from "../../runtime.ts";
import type { DenoApi, DenoConn, DenoListener } from "./api.ts";
import { DenoConnection } from "./connection.ts";
import { bindEveryInterface } from "../shared/interfaces.ts";
import { netRuntime } from "../shared/net/runtime.ts";

/** How long a listener waits that could not accept, when files or memory are short, in milliseconds; it doubles, up to the last. */
const [FIRST_PAUSE, LAST_PAUSE] = [100, 2000];

const { Deno } = globalThis as { Deno?: Partial<DenoApi> };

/** Whether this runtime has what {@linkcode denoRuntime} needs. */
export const isDeno: boolean = Deno?.connect !== undefined && Deno.listen !== undefined;

function deno(): DenoApi {
  if (isDeno) return Deno as DenoApi;
  throw new SPError(
    "ENOTSUP",
    "Cannot use Deno.connect and Deno.listen in this runtime: expected Deno",
  );
}

/** Gives an error that Deno leaves without a code the code that it has in Node. */
function withCode(error: unknown): unknown {
  if (!(error instanceof Error) || "code" in error && error.code !== undefined) return error;
  const code = error.name === "NotCapable"
    ? "EACCES"
    : error.message.startsWith("failed to lookup address")
    ? "ENOTFOUND"
    : undefined;
  return code === undefined ? error : Object.assign(error, { code });
}

function prepare(conn: DenoConn, options: StreamOptions): DenoConn {
  if (options.noDelay) conn.setNoDelay?.(true);
  if (options.keepAlive !== false) conn.setKeepAlive?.(true);
  return conn;
}

/** Whether keep-alive is asked for with times: Deno's own API takes none (denoland/deno#35634), and its `node:net` does. */
function wantsTimes(target: StreamTarget, { keepAlive }: StreamOptions): boolean {
  return target.kind === "tcp" && keepAlive !== false && Object.keys(keepAlive).length > 0;
}

function bind(target: StreamTarget, options: StreamOptions): DenoListener {
  if (target.kind === "unix") return deno().listen({ transport: "unix", path: target.path });
  const { host, port } = target;
  const listen = (hostname: string): DenoListener =>
    deno().listen({
      transport: "tcp",
      hostname,
      port,
      ...(options.backlog !== undefined && { tcpBacklog: options.backlog }),
    });
  return host !== undefined ? listen(host) : bindEveryInterface(listen);
}

/** TCP and file system sockets by Deno's own API. */
export const denoRuntime: StreamRuntime = {
  name: "deno",

  async connect(target, options) {
    const api = deno();
    const { signal } = options;
    // Deno has no local address to connect from.
    if (target.kind === "tcp" && target.local !== undefined || wantsTimes(target, options)) {
      return netRuntime.connect(target, options);
    }
    signal.throwIfAborted();
    try {
      const conn = await (target.kind === "unix"
        ? api.connect({ transport: "unix", path: target.path })
        : api.connect({
          transport: "tcp",
          hostname: target.host ?? "localhost",
          port: target.port,
          signal,
        }));
      if (signal.aborted) {
        conn.close();
        throw signal.reason;
      }
      return new DenoConnection(prepare(conn, options), target);
    } catch (error) {
      throw withCode(error);
    }
  },

  listen(target, options, sink) {
    if (wantsTimes(target, options)) return netRuntime.listen(target, options, sink);
    const closed = new Waiter<void>();
    let listener: DenoListener;
    try {
      listener = bind(target, options);
    } catch (error) {
      return Promise.reject(withCode(error));
    }
    const accepting = accept(listener, target, options, sink, closed);
    const { addr } = listener;
    return Promise.resolve({
      port: "port" in addr ? addr.port : 0,
      host: "port" in addr ? addr.hostname : "",
      close: () => {
        if (!closed.settled) {
          closed.resolve();
          listener.close();
        }
        // Only when nobody waits to accept does Deno let go of the address.
        return accepting;
      },
    });
  },
};

/** Hands over who connects, until the listener is closed. */
async function accept(
  listener: DenoListener,
  target: StreamTarget,
  options: StreamOptions,
  sink: StreamListenerSink,
  closed: Waiter<void>,
): Promise<void> {
  let pause = FIRST_PAUSE;
  while (!closed.settled) {
    let conn: DenoConn;
    try {
      conn = prepare(await listener.accept(), options);
    } catch (error) {
      if (closed.settled) return;
      const reason = systemError("Cannot accept a connection", withCode(error));
      sink.failed(reason);
      // A peer that has gone in the meantime must not keep the next one waiting.
      if (reason.code === "ECONNRESET") continue;
      await within(pause, closed.promise);
      pause = Math.min(LAST_PAUSE, pause * 2);
      continue;
    }
    pause = FIRST_PAUSE;
    sink.connection(new DenoConnection(conn, target));
  }
}

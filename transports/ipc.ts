import { type AddressRole, badAddress } from "../src/address.ts";
import { SPError } from "../src/errors.ts";
import type { ResolvedEndpointOptions } from "../src/options.ts";
import type { Bindable, Dialable, Transport } from "../src/transport.ts";
import type {
  StreamListener,
  StreamListenerSink,
  StreamOptions,
  StreamRuntime,
  StreamTarget,
} from "./runtime.ts";
import { defaultRuntime } from "./runtime/default.ts";
import { builtin } from "./runtime/node.ts";
import type { FsModule } from "./runtime/node_api.ts";
import { streamOptions } from "./tcp.ts";

/** What `sockaddr_un` holds, less its closing zero byte: 108 on Linux, 104 on macOS and the BSDs. */
const LONGEST_PATH = 107;

/** The IPC mapping (sp-ipc-mapping-01) over sockets in the file system: `ipc:///tmp/name.ipc`, or a relative path. */
export class IpcTransport implements Transport {
  readonly schemes: readonly string[] = ["ipc"];
  readonly #runtime: () => StreamRuntime;

  /** @param runtime The adapter; the runtime's own by default. */
  constructor(runtime: () => StreamRuntime = defaultRuntime) {
    this.#runtime = runtime;
  }

  connect(address: string, rest: string, options: ResolvedEndpointOptions): Dialable {
    const target = parseTarget("connect", address, rest);
    return {
      dial: (context) => this.#runtime().connect(target, streamOptions(options, context)),
    };
  }

  bind(address: string, rest: string, options: ResolvedEndpointOptions): Bindable {
    const target = parseTarget("bind", address, rest);
    return {
      listen: async (context, sink) => {
        const listener = await listen(
          this.#runtime(),
          target,
          streamOptions(options, context),
          sink,
        );
        return { address: `ipc://${target.path}`, close: () => listener.close() };
      },
    };
  }
}

type UnixTarget = Extract<StreamTarget, { kind: "unix" }>;

function parseTarget(role: AddressRole, address: string, path: string): UnixTarget {
  if (path === "") throw badAddress(role, address, "no path, wanted one after ipc://");
  if (path.includes("\0")) throw badAddress(role, address, "a path has no zero byte");
  const length = new TextEncoder().encode(path).length;
  if (length > LONGEST_PATH) {
    throw badAddress(
      role,
      address,
      `the path has ${length} bytes, a socket's has ${LONGEST_PATH} at most`,
    );
  }
  return { kind: "unix", scheme: "ipc", path };
}

/** Binds; takes the place of a socket file that nobody listens on any more, and of no other file. */
async function listen(
  runtime: StreamRuntime,
  target: UnixTarget,
  options: StreamOptions,
  sink: StreamListenerSink,
): Promise<StreamListener> {
  try {
    return await runtime.listen(target, options, sink);
  } catch (error) {
    if (!(await isStale(runtime, target, options))) throw inUse(target.path, error);
    builtin<FsModule>("node:fs").rmSync(target.path, { force: true });
    return await runtime.listen(target, options, sink);
  }
}

async function isStale(
  runtime: StreamRuntime,
  target: UnixTarget,
  options: StreamOptions,
): Promise<boolean> {
  const stat = builtin<FsModule>("node:fs").lstatSync(target.path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isSocket()) return false;
  try {
    (await runtime.connect(target, options)).destroy();
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === "ECONNREFUSED";
  }
}

/** Some runtimes say EINVAL or nothing at all of a path that is taken. */
function inUse(path: string, error: unknown): unknown {
  const stat = builtin<FsModule>("node:fs").lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return error;
  const what = stat.isSocket() ? "somebody listens on it" : "a file is there that is no socket";
  return new SPError("EADDRINUSE", `Cannot bind to "ipc://${path}": ${what} (EADDRINUSE)`, {
    cause: error,
  });
}

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
import { builtin, nodeRuntime } from "./runtime/node.ts";
import type { FsModule } from "./runtime/node_api.ts";
import { platform } from "./runtime/platform.ts";
import { streamOptions } from "./tcp.ts";

/** What `sockaddr_un` holds, less its closing zero byte: 108 on Linux, 104 on macOS and the BSDs. */
const LONGEST_PATH = 107;

/** What a named pipe's name may have, of the 256 characters that Windows gives the whole path. */
const LONGEST_PIPE = 247;

/**
 * The IPC mapping (sp-ipc-mapping-01) over sockets in the file system: `ipc:///tmp/name.ipc`, or a relative path.
 *
 * On Windows it is a named pipe, as with nanomsg and nng: `ipc://name` is `\\.\pipe\name`. That is written to the
 * documentation of `node:net` and was not run.
 */
export class IpcTransport implements Transport {
  readonly schemes: readonly string[] = ["ipc"];
  readonly #runtime: () => StreamRuntime;
  readonly #isWindows: boolean;

  /** @param runtime The adapter; the runtime's own by default. @param os Where this runs. */
  constructor(runtime?: () => StreamRuntime, os: string = platform()) {
    this.#isWindows = os === "win32";
    // Of a named pipe only node:net knows.
    this.#runtime = runtime ?? (this.#isWindows ? () => nodeRuntime : defaultRuntime);
  }

  connect(address: string, rest: string, options: ResolvedEndpointOptions): Dialable {
    const target = this.#target("connect", address, rest);
    return {
      dial: (context) => this.#runtime().connect(target, streamOptions(options, context)),
    };
  }

  bind(address: string, rest: string, options: ResolvedEndpointOptions): Bindable {
    const target = this.#target("bind", address, rest);
    return {
      listen: async (context, sink) => {
        const runtime = this.#runtime();
        const wanted = streamOptions(options, context);
        const listener = this.#isWindows
          ? await runtime.listen(target, wanted, sink)
          : await listen(runtime, target, wanted, sink);
        return { address: `ipc://${rest}`, close: () => listener.close() };
      },
    };
  }

  #target(role: AddressRole, address: string, rest: string): UnixTarget {
    return this.#isWindows ? pipeTarget(role, address, rest) : parseTarget(role, address, rest);
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

/** The named pipe of an address, whose whole path may be given as well. */
function pipeTarget(role: AddressRole, address: string, rest: string): UnixTarget {
  const name = rest.replace(/^\\\\[.?]\\pipe\\/i, "");
  if (name === "" || name.length > LONGEST_PIPE || /[\\\0]/.test(name)) {
    const wanted =
      `wanted a pipe's name of at most ${LONGEST_PIPE} characters, without a backslash`;
    throw badAddress(role, address, wanted);
  }
  return { kind: "unix", scheme: "ipc", path: `\\\\.\\pipe\\${name}` };
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
    if (!(await isStale(runtime, target, options))) throw explain(target.path, error);
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

/** Some runtimes say EINVAL or nothing at all of a path that is taken, and Node EACCES of a folder that is not there. */
function explain(path: string, error: unknown): unknown {
  const { lstatSync } = builtin<FsModule>("node:fs");
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    if (folder === "" || lstatSync(folder, { throwIfNoEntry: false }) !== undefined) return error;
    const message = `Cannot bind to "ipc://${path}": there is no folder "${folder}" (ENOENT)`;
    return new SPError("ENOENT", message, { cause: error });
  }
  const what = stat.isSocket() ? "somebody listens on it" : "a file is there that is no socket";
  return new SPError("EADDRINUSE", `Cannot bind to "ipc://${path}": ${what} (EADDRINUSE)`, {
    cause: error,
  });
}

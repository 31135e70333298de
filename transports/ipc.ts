import { type AddressRole, badAddress } from "../src/surface/address.ts";
import type { ResolvedEndpointOptions } from "../src/surface/options.ts";
import { integer } from "../src/base/rules.ts";
import type { Bindable, Dialable, Transport, TransportRules } from "../src/contracts/transport.ts";
import { byteLength, type FileTarget, listenOnFile } from "./ipc_file.ts";
import type { StreamRuntime, StreamTarget } from "./runtime.ts";
import { defaultRuntime } from "./runtime/default.ts";
import { nodeRuntime } from "./runtime/node/node.ts";
import { platform, workingFolder } from "./runtime/shared/platform.ts";
import { listenForConnections } from "./runtime/shared/resting.ts";
import { FILE_RULES, streamOptions } from "./stream_options.ts";
import { explaining } from "./system_errors.ts";

/** What `sockaddr_un` holds, less its closing zero byte: 108 on Linux, 104 on macOS and the BSDs. */
const LONGEST_PATH = 107;

/** What a named pipe's name may have, of the 256 characters that Windows gives the whole path. */
const LONGEST_PIPE = 247;

/** The mode of a socket's file: its owner's alone, whatever the umask. */
const DEFAULT_MODE = 0o600;

/**
 * The IPC mapping (sp-ipc-mapping-01) over sockets in the file system: `ipc:///tmp/name.ipc`, or a relative path, which begins in the
 * folder that is current at the call. `unix://` means the same.
 *
 * On Windows it is a named pipe, as with nanomsg and nng: `ipc://name` is `\\\\.\\pipe\\name`. That is written to the
 * documentation of `node:net` and was not run.
 */
export class IpcTransport implements Transport {
  readonly schemes: readonly string[] = ["ipc", "unix"];
  readonly rules: TransportRules = {
    ...FILE_RULES,
    endpoint: { ipc: { mode: integer(0, 0o777) } },
  };
  readonly #runtime: () => StreamRuntime;
  readonly #isWindows: boolean;

  /** @param runtime The adapter; the runtime's own by default. @param os Where this runs. */
  constructor(runtime?: () => StreamRuntime, os: string = platform()) {
    this.#isWindows = os === "win32";
    // Of a named pipe only node:net knows.
    this.#runtime = runtime ?? (this.#isWindows ? () => nodeRuntime : defaultRuntime);
  }

  connect(address: string, rest: string, options: ResolvedEndpointOptions): Dialable {
    const target = this.#isWindows
      ? pipeTarget("connect", address, rest)
      : fileTarget("connect", address, rest);
    return {
      dial: (context) =>
        explaining(
          `Cannot connect to "${address}"`,
          () => this.#runtime().connect(target, streamOptions(options, context)),
        ),
    };
  }

  bind(address: string, rest: string, options: ResolvedEndpointOptions): Bindable {
    const bound = `${schemeOf(address)}://${rest}`;
    const what = `Cannot bind to "${address}"`;
    const mode = options.ipc?.mode;
    if (this.#isWindows) {
      const target = pipeTarget("bind", address, rest);
      if (mode !== undefined) {
        throw badAddress("bind", address, "a named pipe takes no mode (ipc.mode)");
      }
      return {
        listen: async (context, sink) => {
          const wanted = streamOptions(options, context);
          const listener = await explaining(
            what,
            () => this.#runtime().listen(target, wanted, sink),
          );
          return { address: bound, close: () => listener.close() };
        },
      };
    }
    const target = fileTarget("bind", address, rest);
    return {
      listen: async (context, sink) => {
        const runtime = this.#runtime();
        const wanted = streamOptions(options, context);
        const listener = await explaining(
          what,
          () =>
            listenForConnections(
              target,
              sink,
              (at, heard) => listenOnFile(runtime, at, wanted, heard, mode ?? DEFAULT_MODE),
            ),
        );
        return { address: bound, close: () => listener.close() };
      },
    };
  }
}

type UnixTarget = Extract<StreamTarget, { kind: "unix" }>;

function schemeOf(address: string): string {
  return address.slice(0, address.indexOf(":")).toLowerCase();
}

function fileTarget(role: AddressRole, address: string, name: string): FileTarget {
  const scheme = schemeOf(address);
  if (name === "") throw badAddress(role, address, `no path, expected one after ${scheme}://`);
  if (name.includes("\0")) throw badAddress(role, address, "the path contains a zero byte");
  const length = byteLength(name);
  if (length > LONGEST_PATH) {
    throw badAddress(
      role,
      address,
      `the path has ${length} bytes, a socket's has ${LONGEST_PATH} at most`,
    );
  }
  const folder = name.startsWith("/") ? undefined : workingFolder();
  const file = folder === undefined ? name : `${folder}/${name}`;
  // A relative path may be short enough where the whole one is not.
  const path = byteLength(file) <= LONGEST_PATH ? file : name;
  return { kind: "unix", scheme, path, file, name };
}

/** The named pipe of an address, whose whole path may be given as well. */
function pipeTarget(role: AddressRole, address: string, rest: string): UnixTarget {
  const name = rest.replace(/^\\\\[.?]\\pipe\\/i, "");
  if (name === "" || name.length > LONGEST_PIPE || /[\\\0]/.test(name)) {
    const wanted =
      `expected a pipe's name of at most ${LONGEST_PIPE} characters, without a backslash`;
    throw badAddress(role, address, wanted);
  }
  return { kind: "unix", scheme: schemeOf(address), path: `\\\\.\\pipe\\${name}` };
}

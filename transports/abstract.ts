import { type AddressRole, badAddress } from "../src/surface/address.ts";
import { SPError } from "../src/base/errors.ts";
import type { ResolvedEndpointOptions } from "../src/surface/options.ts";
import type { Bindable, Dialable, Transport, TransportRules } from "../src/contracts/transport.ts";
import type { StreamRuntime, StreamTarget } from "./runtime.ts";
import { defaultRuntime } from "./runtime/default.ts";
import { formatPath } from "./runtime/shared/address.ts";
import { platform } from "./runtime/shared/platform.ts";
import { listenForConnections } from "./runtime/shared/resting.ts";
import { FILE_RULES, streamOptions } from "./stream_options.ts";
import { explaining } from "./system_errors.ts";

/** What `sockaddr_un` holds, less the zero byte that it begins with: unix(7). */
const LONGEST_NAME = 107;

/**
 * The IPC mapping (sp-ipc-mapping-01) over the abstract sockets of Linux, which are in no file system and are gone with who
 * bound them: `abstract://name`. As with nng, the name is encoded as in a URI (`%00` is a zero byte), and to bind
 * no name at all is to bind one that nobody else has.
 */
export class AbstractTransport implements Transport {
  readonly schemes: readonly string[] = ["abstract"];
  readonly rules: TransportRules = FILE_RULES;
  readonly #runtime: () => StreamRuntime;
  readonly #platform: string;

  /** @param runtime The adapter; the runtime's own by default. @param os Where this runs. */
  constructor(runtime: () => StreamRuntime = defaultRuntime, os: string = platform()) {
    this.#runtime = runtime;
    this.#platform = os;
  }

  connect(address: string, rest: string, options: ResolvedEndpointOptions): Dialable {
    const target = this.#target("connect", address, rest);
    return {
      dial: (context) =>
        explaining(
          `Cannot connect to "${address}"`,
          () => this.#runtime().connect(target, streamOptions(options, context)),
        ),
    };
  }

  bind(address: string, rest: string, options: ResolvedEndpointOptions): Bindable {
    const target = this.#target("bind", address, rest);
    return {
      listen: async (context, sink) => {
        const runtime = this.#runtime();
        const wanted = streamOptions(options, context);
        const listener = await explaining(
          `Cannot bind to "${address}"`,
          () =>
            listenForConnections(target, sink, (at, heard) => runtime.listen(at, wanted, heard)),
        );
        return { address: formatPath("abstract", target.path), close: () => listener.close() };
      },
    };
  }

  #target(
    role: AddressRole,
    address: string,
    rest: string,
  ): Extract<StreamTarget, { kind: "unix" }> {
    if (this.#platform !== "linux") {
      const message = `Cannot ${role} to "${address}": only Linux has abstract names, try ipc://`;
      throw new SPError("ENOTSUP", message);
    }
    const name = decode(role, address, rest);
    const length = new TextEncoder().encode(name).length;
    if (length > LONGEST_NAME) {
      const why = `the name has ${length} bytes, expected at most ${LONGEST_NAME}`;
      throw badAddress(role, address, why);
    }
    return { kind: "unix", scheme: "abstract", path: `\0${name}` };
  }
}

function decode(role: AddressRole, address: string, rest: string): string {
  if (rest === "") {
    if (role === "bind") return crypto.randomUUID();
    throw badAddress(role, address, "no name, expected one after abstract://");
  }
  try {
    return decodeURIComponent(rest);
  } catch {
    throw badAddress(
      role,
      address,
      "invalid percent-encoding, expected %XX for each byte of UTF-8, and %25 for %",
    );
  }
}

import type { AddressRole } from "../src/surface/address.ts";
import { formatHostPort, parseHostPort } from "./host_port.ts";
import type { Connection } from "../src/contracts/connection.ts";
import { SPError } from "../src/base/errors.ts";
import type { ResolvedEndpointOptions } from "../src/surface/options.ts";
import type { Bindable, Dialable, Transport, TransportRules } from "../src/contracts/transport.ts";
import { whyNotConnected } from "./no_local_port.ts";
import type { StreamRuntime, StreamTarget } from "./runtime.ts";
import { defaultRuntime } from "./runtime/default.ts";
import { listenForConnections } from "./runtime/shared/resting.ts";
import { streamOptions, TCP_RULES } from "./stream_options.ts";
import { explaining } from "./system_errors.ts";

/** The TCP mapping (sp-tcp-mapping-01) over a runtime adapter: `tcp://host:port`. */
export class TcpTransport implements Transport {
  readonly schemes: readonly string[] = ["tcp"];
  readonly rules: TransportRules = TCP_RULES;
  readonly #runtime: () => StreamRuntime;

  /** @param runtime The adapter; the runtime's own by default. */
  constructor(runtime: () => StreamRuntime = defaultRuntime) {
    this.#runtime = runtime;
  }

  connect(address: string, rest: string, options: ResolvedEndpointOptions): Dialable {
    const target = parseTarget("connect", address, rest);
    return {
      dial: async (context) => {
        const wanted = streamOptions(options, context);
        try {
          return notItself(await this.#runtime().connect(target, wanted));
        } catch (error) {
          throw whyNotConnected(address, target, error);
        }
      },
    };
  }

  bind(address: string, rest: string, options: ResolvedEndpointOptions): Bindable {
    const target = parseTarget("bind", address, rest);
    return {
      listen: async (context, sink) => {
        const runtime = this.#runtime();
        const wanted = streamOptions(options, context);
        const listener = await explaining(
          `Cannot bind to "${address}"`,
          () =>
            listenForConnections(target, sink, (at, heard) => runtime.listen(at, wanted, heard)),
        );
        return {
          address: `tcp://${formatHostPort(listener.host, listener.port)}`,
          close: () => listener.close(),
        };
      },
    };
  }
}

/**
 * Who dials a port of this machine, again and again, that nobody listens on is now and then given that very port to connect
 * from: TCP then connects the socket with itself, and whoever was to listen there finds the port in use.
 */
function notItself(connection: Connection): Connection {
  if (connection.localAddress !== connection.remoteAddress) return connection;
  connection.destroy();
  throw new SPError("ECONNREFUSED", "nobody listens, and the system had it connect to itself");
}

function parseTarget(
  role: AddressRole,
  address: string,
  rest: string,
): Extract<StreamTarget, { kind: "tcp" }> {
  return { kind: "tcp", scheme: "tcp", ...parseHostPort(role, address, rest) };
}

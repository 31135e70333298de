import type { AddressRole } from "../src/surface/address.ts";
import { formatHostPort, parseHostPort, readScheme, tcpSchemes } from "./host_port.ts";
import type { Connection } from "../src/contracts/connection.ts";
import { SPError } from "../src/base/errors.ts";
import type { ResolvedEndpointOptions } from "../src/surface/options.ts";
import type { Bindable, Dialable, Transport, TransportRules } from "../src/contracts/transport.ts";
import { whyNotConnected } from "./no_local_port.ts";
import type { StreamRuntime, StreamTarget } from "./runtime.ts";
import { defaultRuntime } from "./runtime/default.ts";
import { onlyOf } from "./runtime/shared/mended/deno_family.ts";
import { bindTo, connectTo } from "./runtime/shared/net/places.ts";
import { listenForConnections } from "./runtime/shared/resting.ts";
import { streamOptions, TCP_RULES } from "./stream_options.ts";
import { explaining } from "./system_errors.ts";

/**
 * The TCP mapping (sp-tcp-mapping-01) over a runtime adapter: `tcp://host:port`. `tcp4://` and `tcp6://` take addresses of one family
 * only, as with nng; `tcp://eth0:port` binds the address of an interface, and `tcp://eth0;host:port` connects from it.
 */
export class TcpTransport implements Transport {
  readonly schemes: readonly string[] = tcpSchemes("tcp");
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
        const what = `Cannot connect to "${address}"`;
        try {
          return await connectTo(
            what,
            target,
            context.signal,
            async (place) => notItself(await this.#runtime().connect(place, wanted)),
          );
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
        const what = `Cannot bind to "${address}"`;
        const sinkOfFamily = onlyOf(target.family, sink);
        const listener = await explaining(
          what,
          () =>
            bindTo(what, target, (place) =>
              listenForConnections(
                place,
                sinkOfFamily,
                (at, heard) => runtime.listen(at, wanted, heard),
              )),
        );
        return {
          address: `${target.scheme}://${formatHostPort(listener.host, listener.port)}`,
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
  throw new SPError("ECONNREFUSED", "nobody listens, and the connection reached itself");
}

function parseTarget(
  role: AddressRole,
  address: string,
  rest: string,
): Extract<StreamTarget, { kind: "tcp" }> {
  const { scheme } = readScheme(address);
  return { kind: "tcp", scheme, ...parseHostPort(role, address, rest) };
}

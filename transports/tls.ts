import type { AddressRole } from "../src/surface/address.ts";
import { formatHostPort, parseHostPort } from "./host_port.ts";
import type { ResolvedEndpointOptions } from "../src/surface/options.ts";
import type {
  Bindable,
  Dialable,
  Transport,
  TransportContext,
  TransportRules,
} from "../src/contracts/transport.ts";
import { whyNotConnected } from "./no_local_port.ts";
import { NetConnection } from "./runtime/shared/net/connection.ts";
import {
  connectTls,
  listenTls,
  pushBack,
  type TlsStreamOptions,
  type TlsTarget,
  verifiedName,
} from "./runtime/shared/tls/tls.ts";
import { checkTls } from "./runtime/shared/tls/tls_check.ts";
import type { TlsSocket } from "./runtime/shared/tls/tls_api.ts";
import { streamOptions, TCP_RULES } from "./stream_options.ts";
import { explaining } from "./system_errors.ts";
import { TLS_RULES } from "./tls_rules.ts";

/** The TLS mapping (sp-tls-mapping-01), which is TCP's within TLS: `tls+tcp://host:port`. */
export class TlsTransport implements Transport {
  readonly schemes: readonly string[] = ["tls+tcp"];
  readonly rules: TransportRules = {
    ...TCP_RULES,
    endpoint: { ...TCP_RULES.endpoint, tls: TLS_RULES },
  };

  connect(address: string, rest: string, options: ResolvedEndpointOptions): Dialable {
    const target = parseTarget("connect", address, rest);
    checkTls("connect", address, options.tls);
    return {
      dial: async (context) => {
        try {
          return connection(await connectTls(target, tlsOptions(options, context)), target);
        } catch (error) {
          throw whyNotConnected(address, target, error);
        }
      },
    };
  }

  bind(address: string, rest: string, options: ResolvedEndpointOptions): Bindable {
    const target = parseTarget("bind", address, rest);
    checkTls("bind", address, options.tls);
    return {
      listen: async (context, sink) => {
        const listener = await explaining(
          `Cannot bind to "${address}"`,
          () =>
            listenTls(target, tlsOptions(options, context), {
              connection: (socket) => sink.connection(connection(socket, target)),
              arrived: (remoteAddress, giveWay) => sink.arrived(remoteAddress, giveWay),
              left: (remoteAddress) => sink.left(remoteAddress),
              rejected: (remoteAddress, reason) => sink.rejected(remoteAddress, reason),
              failed: (reason) => sink.failed(reason),
            }),
        );
        return {
          address: `${target.scheme}://${formatHostPort(listener.host, listener.port)}`,
          close: () => listener.close(),
        };
      },
    };
  }
}

function connection(socket: TlsSocket, target: TlsTarget): NetConnection {
  pushBack(socket);
  return new NetConnection(socket, target, { tlsName: verifiedName(socket) });
}

function parseTarget(role: AddressRole, address: string, rest: string): TlsTarget {
  return { kind: "tcp", scheme: "tls+tcp", ...parseHostPort(role, address, rest) };
}

/** What TLS needs of an endpoint's options. */
export function tlsOptions(
  options: ResolvedEndpointOptions,
  context: TransportContext,
): TlsStreamOptions {
  const { tls = {}, handshakeTimeout } = options;
  const { reached } = context;
  return { ...streamOptions(options, context), tls, handshakeTimeout, reached };
}

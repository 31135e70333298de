import type { AddressRole } from "../src/surface/address.ts";
import { formatHostPort, parseHostPort, readScheme, tcpSchemes } from "./host_port.ts";
import type { ResolvedEndpointOptions } from "../src/surface/options.ts";
import type {
  Bindable,
  Dialable,
  Transport,
  TransportContext,
  TransportRules,
} from "../src/contracts/transport.ts";
import { whyNotConnected } from "./no_local_port.ts";
import { onlyOf } from "./runtime/shared/mended/deno_family.ts";
import { NetConnection } from "./runtime/shared/net/connection.ts";
import { bindTo, connectTo } from "./runtime/shared/net/places.ts";
import {
  connectTls,
  listenTls,
  pushBack,
  type TlsListener,
  type TlsStreamOptions,
  type TlsTarget,
  verifiedName,
} from "./runtime/shared/tls/tls.ts";
import { checkTls } from "./runtime/shared/tls/tls_check.ts";
import type { TlsSocket } from "./runtime/shared/tls/tls_api.ts";
import type { TlsOptions } from "./options.ts";
import { streamOptions, TCP_RULES } from "./stream_options.ts";
import { explaining } from "./system_errors.ts";
import { TLS_RULES, TLS_UPDATE_RULES } from "./tls_rules.ts";

/**
 * The TLS mapping (sp-tls-mapping-01), which is TCP's within TLS: `tls+tcp://host:port`, and all that can be said of a host in
 * `tcp://`.
 */
export class TlsTransport implements Transport {
  readonly schemes: readonly string[] = tcpSchemes("tls+tcp");
  readonly rules: TransportRules = {
    ...TCP_RULES,
    endpoint: { ...TCP_RULES.endpoint, tls: TLS_RULES },
    update: { tls: TLS_UPDATE_RULES },
  };

  connect(address: string, rest: string, options: ResolvedEndpointOptions): Dialable {
    const target = parseTarget("connect", address, rest);
    checkTls("connect", address, options.tls);
    return {
      dial: async (context) => {
        const wanted = tlsOptions(options, context);
        const what = `Cannot connect to "${address}"`;
        try {
          return await connectTo(
            what,
            target,
            context.signal,
            async (place) => connection(await connectTls(place, wanted), place),
          );
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
        const wanted = tlsOptions(options, context);
        const what = `Cannot bind to "${address}"`;
        const heard = onlyOf(target.family, sink);
        const listener = await explaining(
          what,
          () =>
            bindTo(what, target, (place) =>
              listenTls(place, wanted, {
                ...heard,
                connection: (socket) => heard.connection(connection(socket, place)),
              })),
        );
        return {
          address: `${target.scheme}://${formatHostPort(listener.host, listener.port)}`,
          update: ({ tls }) => updateTls(listener, address, tls),
          close: () => listener.close(),
        };
      },
    };
  }
}

/** Has a listener show other certificates, once they are seen to be right. */
export function updateTls(listener: TlsListener, address: string, tls: TlsOptions = {}): void {
  checkTls("update", address, tls);
  listener.update(tls);
}

function connection(socket: TlsSocket, target: TlsTarget): NetConnection {
  pushBack(socket);
  return new NetConnection(socket, target, { tlsName: verifiedName(socket) });
}

function parseTarget(role: AddressRole, address: string, rest: string): TlsTarget {
  const { scheme } = readScheme(address);
  return { kind: "tcp", scheme, ...parseHostPort(role, address, rest) };
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

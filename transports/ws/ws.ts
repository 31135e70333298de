import type { ProtocolId } from "../../src/contracts/protocol.ts";
import type { ResolvedEndpointOptions } from "../../src/surface/options.ts";
import type {
  Bindable,
  Dialable,
  Transport,
  TransportRules,
} from "../../src/contracts/transport.ts";
import { checkTls } from "../runtime/shared/tls/tls_check.ts";
import { dialWs } from "../runtime/shared/ws/ws_dial.ts";
import { listenWs } from "../runtime/shared/ws/ws_server.ts";
import { tcpSchemes } from "../host_port.ts";
import { TCP_RULES } from "../stream_options.ts";
import { explaining } from "../system_errors.ts";
import { TLS_RULES, TLS_UPDATE_RULES } from "../tls_rules.ts";
import { WEB_SOCKET_RULES } from "./rules.ts";
import { parseTarget } from "./target.ts";
import { subprotocols } from "./web_socket.ts";

/**
 * The WebSocket mapping (sp-websocket-mapping-01) by the package `ws`: `ws://host:port/path` and `wss://host:port/path`,
 * and all that can be said of a host in `tcp://`.
 */
export class WebSocketTransport implements Transport {
  readonly schemes: readonly string[] = [...tcpSchemes("ws"), ...tcpSchemes("wss")];
  readonly rules: TransportRules = {
    ...TCP_RULES,
    endpoint: { ...TCP_RULES.endpoint, tls: TLS_RULES, webSocket: WEB_SOCKET_RULES },
    update: { tls: TLS_UPDATE_RULES },
  };

  connect(
    address: string,
    rest: string,
    { tls }: ResolvedEndpointOptions,
    protocol: ProtocolId,
  ): Dialable {
    const target = parseTarget("connect", address, rest);
    subprotocols("connect", address, protocol);
    if (target.secure) checkTls("connect", address, tls);
    return { dial: (context) => dialWs(target, context) };
  }

  bind(
    address: string,
    rest: string,
    _options: ResolvedEndpointOptions,
    protocol: ProtocolId,
  ): Bindable {
    const target = parseTarget("bind", address, rest);
    subprotocols("bind", address, protocol);
    return {
      listen: (context, sink) =>
        explaining(`Cannot bind to "${address}"`, () => listenWs(target, context, sink)),
    };
  }
}

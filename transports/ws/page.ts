import { badAddress } from "../../src/surface/address.ts";
import { SPError } from "../../src/base/errors.ts";
import type { ProtocolId } from "../../src/contracts/protocol.ts";
import type { ResolvedEndpointOptions } from "../../src/surface/options.ts";
import { BOOLEAN, BYTES, type Rules } from "../../src/base/rules.ts";
import type {
  Bindable,
  Dialable,
  Transport,
  TransportRules,
} from "../../src/contracts/transport.ts";
import { dialPlatform } from "../runtime/web/web.ts";
import { subprotocols } from "./web_socket.ts";

/** Rules of the option `webSocket`, in a page. */
export const PAGE_RULES: Rules = { maxBacklog: BYTES, sendText: BOOLEAN };

/**
 * The WebSocket mapping (sp-websocket-mapping-01) by the platform's own `WebSocket`, which can only connect: `ws://host:port/path`
 * and `wss://host:port/path`.
 */
export class PageWebSocketTransport implements Transport {
  readonly schemes: readonly string[] = ["ws", "wss"];
  readonly rules: TransportRules = { endpoint: { webSocket: PAGE_RULES } };

  connect(
    address: string,
    rest: string,
    _options: ResolvedEndpointOptions,
    protocol: ProtocolId,
  ): Dialable {
    // The platform takes more than is an address here, and would go on trying.
    if (!URL.canParse(address) || /^\/|^[^/?]*[*;@\\\s]|^[^/?]*:0+(?![^/?])|#/.test(rest)) {
      throw badAddress("connect", address, "expected ws://host:port/path or wss://host:port/path");
    }
    // RFC 6455 (4.1) permits no slash, which ZWS has, and the platform takes none.
    const names = subprotocols("connect", address, protocol, (name) => !name.includes("/"));
    return { dial: (context) => dialPlatform(address, context, names) };
  }

  bind(address: string): Bindable {
    throw new SPError("ENOTSUP", `Cannot bind to "${address}": a browser can only connect`);
  }
}

/** What the doors for pages offer. */
export const PAGE_WEB_SOCKET: Transport = new PageWebSocketTransport();

/** The same for the main entry in a page, where options are known that a page does not have. */
export class MainPageWebSocketTransport extends PageWebSocketTransport {
  override connect(
    address: string,
    rest: string,
    options: ResolvedEndpointOptions,
    protocol: ProtocolId,
  ): Dialable {
    const target = super.connect(address, rest, options, protocol);
    if (options.tls !== undefined || options.webSocket?.headers !== undefined) {
      const what = `Cannot connect to "${address}": a page cannot choose certificates or headers`;
      throw new SPError("ENOTSUP", what);
    }
    const { ping } = options.webSocket ?? {};
    if (ping !== undefined && ping !== Infinity) {
      const what = `Cannot connect to "${address}" with webSocket.ping ${ping}: a page cannot ping`;
      throw new SPError("EINVAL", what);
    }
    return target;
  }
}

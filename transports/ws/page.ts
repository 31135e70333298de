import { badAddress } from "../../src/surface/address.ts";
import { SPError } from "../../src/base/errors.ts";
import type { ResolvedEndpointOptions } from "../../src/surface/options.ts";
import { BOOLEAN, BYTES, type Rules } from "../../src/base/rules.ts";
import type {
  Bindable,
  Dialable,
  Transport,
  TransportRules,
} from "../../src/contracts/transport.ts";
import { dialPlatform } from "../runtime/web/web.ts";

/** Rules of the option `webSocket`, in a page. */
export const PAGE_RULES: Rules = { maxBacklog: BYTES, sendText: BOOLEAN };

/**
 * The WebSocket mapping (sp-websocket-mapping-01) by the platform's own `WebSocket`, which can only connect: `ws://host:port/path`
 * and `wss://host:port/path`.
 */
export class PageWebSocketTransport implements Transport {
  readonly schemes: readonly string[] = ["ws", "wss"];
  readonly rules: TransportRules = { endpoint: { webSocket: PAGE_RULES } };

  connect(address: string, rest: string, options: ResolvedEndpointOptions): Dialable {
    // The platform takes more than is an address here, and would go on trying.
    if (!URL.canParse(address) || /^\/|^[^/?]*[*;@\\\s]|^[^/?]*:0+(?![^/?])|#/.test(rest)) {
      throw badAddress("connect", address, "wanted ws://host:port/path or wss://host:port/path");
    }
    // Of other transports' options, which are known where the main entry runs in a page.
    if (options.tls !== undefined || options.webSocket?.headers !== undefined) {
      const what = `Cannot connect to "${address}": a page cannot choose certificates or headers`;
      throw new SPError("ENOTSUP", what);
    }
    const { ping } = options.webSocket ?? {};
    if (ping !== undefined && ping !== Infinity) {
      const what = `Cannot connect to "${address}" with webSocket.ping ${ping}: a page cannot ping`;
      throw new SPError("EINVAL", what);
    }
    return { dial: (context) => dialPlatform(address, context) };
  }

  bind(address: string): Bindable {
    throw new SPError("ENOTSUP", `Cannot bind to "${address}": a browser can only connect`);
  }
}

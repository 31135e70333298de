import { type AddressRole, badAddress, formatHostPort, parseHostPort } from "../src/address.ts";
import type { Connection } from "../src/connection.ts";
import type { ResolvedEndpointOptions } from "../src/options.ts";
import type {
  Bindable,
  BoundListener,
  Dialable,
  ListenerSink,
  Transport,
  TransportContext,
} from "../src/transport.ts";

/** A checked address of a WebSocket. */
export interface WebSocketTarget {
  readonly scheme: "ws" | "wss";
  /** Undefined, when binding, for every interface. */
  readonly host: string | undefined;
  readonly port: number;
  /** The numeric address to connect from. */
  readonly local?: string;
  /** With its slash, and with the query; empty if the address has none. */
  readonly path: string;
  /** What to connect to. */
  readonly url: string;
}

/** What a runtime adapter gives: WebSockets. */
export interface WebSocketRuntime {
  /** The adapter's name: `"ws"`. */
  readonly name: string;
  /** Throws `ENOTSUP` if a connection to the target cannot be made here, with these options. */
  check?(address: string, target: WebSocketTarget, options: ResolvedEndpointOptions): void;
  /** Connects; rejects with why it could not. */
  connect(target: WebSocketTarget, context: TransportContext): Promise<Connection>;
  /** Binds a port; rejects with why it could not. */
  listen(
    target: WebSocketTarget,
    context: TransportContext,
    sink: ListenerSink,
  ): Promise<BoundListener>;
}

const DEFAULT_PORTS = { ws: 80, wss: 443 } as const;

/** The WebSocket mapping (sp-websocket-mapping-01): `ws://host:port/path` and `wss://host:port/path`. */
export class WebSocketTransport implements Transport {
  readonly schemes: readonly string[] = ["ws", "wss"];
  readonly #runtime: () => WebSocketRuntime;

  /** @param runtime The adapter: asked for when it is needed. */
  constructor(runtime: () => WebSocketRuntime) {
    this.#runtime = runtime;
  }

  connect(address: string, rest: string, options: ResolvedEndpointOptions): Dialable {
    const target = parseTarget("connect", address, rest);
    const runtime = this.#runtime();
    runtime.check?.(address, target, options);
    return { dial: (context) => runtime.connect(target, context) };
  }

  bind(address: string, rest: string): Bindable {
    const target = parseTarget("bind", address, rest);
    return { listen: (context, sink) => this.#runtime().listen(target, context, sink) };
  }
}

function parseTarget(role: AddressRole, address: string, rest: string): WebSocketTarget {
  const scheme = /^wss:/i.test(address) ? "wss" : "ws";
  const at = rest.search(/[/?#]/);
  const path = at < 0 ? "" : rest.slice(at);
  const place = at < 0 ? rest : rest.slice(0, at);
  const target = parseHostPort(role, address, place, DEFAULT_PORTS[scheme]);
  if (path.includes("#")) throw badAddress(role, address, "a WebSocket's address has no fragment");
  const url = `${scheme}://${formatHostPort(target.host ?? "localhost", target.port)}${path}`;
  if (!URL.canParse(url)) throw badAddress(role, address, "a URL cannot have such a host");
  return { scheme, ...target, path, url };
}

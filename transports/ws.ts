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
import { parseTarget, type WebSocketTarget } from "./ws_target.ts";

/** What a runtime adapter gives: WebSockets. */
export interface WebSocketRuntime {
  /** The adapter's name: `"ws"`. */
  readonly name: string;
  /** Throws `ENOTSUP` or `EINVAL` if no connection can be made here, with these options. */
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

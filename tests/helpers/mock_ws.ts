/** Stands in for a WebSocket of the package `ws`. */

import { resolveEndpointOptions } from "../../src/options.ts";
import type { NetSocket } from "../../transports/runtime/node_api.ts";
import type { Ws } from "../../transports/runtime/ws_api.ts";
import { adopt } from "../../transports/runtime/ws_node.ts";
import type { WebSocketConnection } from "../../transports/web_socket_connection.ts";

/** A `WebSocket` of `ws` that records; one that writes frames to the connection below it, or one that does not. */
export class MockWs {
  readonly readyState = 1;
  readonly bufferedAmount = 0;
  readonly _socket: MockSocket = new MockSocket();
  readonly _sender: object | undefined;
  /** Messages that were sent by itself, and whether as binary ones. */
  readonly sent: [Uint8Array, boolean][] = [];
  /** To be called with a message that comes. */
  message: ((data: Uint8Array) => void) | undefined;

  constructor(hasSender: boolean) {
    this._sender = hasSender ? {} : undefined;
  }

  /** Makes it a connection; of a server, if there was a request. */
  adopt(request?: { path: string }): WebSocketConnection {
    const options = resolveEndpointOptions({}, {});
    return adopt(
      this as unknown as Ws,
      this._socket as unknown as NetSocket,
      "ws",
      options,
      request,
    );
  }

  send(message: Uint8Array, { binary }: { binary: boolean }): void {
    this.sent.push([message, binary]);
  }

  on(event: string, listener: (data: Uint8Array) => void): void {
    if (event === "message") this.message = listener;
  }

  pause(): void {}
}

/** The connection below, which records what is done with it. */
class MockSocket {
  readonly done: (Uint8Array | string)[] = [];

  write(chunk: Uint8Array): void {
    this.done.push(chunk);
  }

  cork(): void {
    this.done.push("cork");
  }

  uncork(): void {
    this.done.push("uncork");
  }

  on(): void {}
  setNoDelay(): void {}
  setKeepAlive(): void {}
}

/** Stands in for a WebSocket of the package `ws`. */

import { resolveEndpointOptions } from "../../src/options.ts";
import type { NetSocket } from "../../transports/runtime/node_api.ts";
import type { Ws } from "../../transports/runtime/ws_api.ts";
import type { Framer } from "../../transports/runtime/ws_frames.ts";
import { adopt, loadWs } from "../../transports/runtime/ws_node.ts";
import type { WebSocketConnection } from "../../transports/web_socket_connection.ts";

const { Sender } = await loadWs() as unknown as { Sender: Framer };

/** What lays out frames in `ws`. */
export const wsFramer: Framer = Sender;

/** One that records; with the encoder of `ws`, or without one. */
export class MockWs {
  readonly readyState = 1;
  readonly _socket: MockSocket = new MockSocket();
  readonly _sender: { readonly constructor: Framer } | undefined;
  /** Messages that were sent by itself, and whether as binary ones. */
  readonly sent: [Uint8Array, boolean][] = [];
  /** To be called with a message that comes. */
  message: ((data: Uint8Array<ArrayBuffer>) => void) | undefined;

  constructor(hasSender = true) {
    this._sender = hasSender ? { constructor: wsFramer } : undefined;
  }

  get bufferedAmount(): number {
    return this._socket.writableLength;
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

  on(event: string, listener: (data: Uint8Array<ArrayBuffer>) => void): void {
    if (event === "message") this.message = listener;
  }

  pause(): void {}
  resume(): void {}
}

/** The connection below, which records what is done with it. */
class MockSocket {
  readonly done: (Uint8Array | string)[] = [];
  writableLength = 0;
  destroyed = false;
  errored: Error | null = null;
  /** The callbacks of writes. */
  readonly written: ((error?: Error) => void)[] = [];

  write(chunk: Uint8Array, written?: (error?: Error) => void): void {
    this.done.push(chunk);
    if (written !== undefined) this.written.push(written);
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

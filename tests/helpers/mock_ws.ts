/** Stands in for a WebSocket of the package `ws`. */

import { resolveEndpointOptions } from "../../src/surface/options.ts";
import type { NetSocket } from "../../transports/runtime/shared/node_api.ts";
import type { Ws } from "../../transports/runtime/shared/ws/ws_api.ts";
import type { Framer } from "../../transports/runtime/shared/ws/ws_frames.ts";
import { adopt, loadWs } from "../../transports/runtime/shared/ws/ws_package.ts";
import type { WebSocketConnection } from "../../transports/ws/web_socket_connection.ts";

/** What lays out frames in `ws`. */
export const wsFramer: Framer = (await loadWs()).Sender as Framer;

/** One that records; of a package that lays out frames, or of one that does not. */
export class MockWs {
  readonly readyState = 1;
  readonly _socket: MockSocket = new MockSocket();
  /** Messages that were sent by itself, and whether as binary ones. */
  readonly sent: [Uint8Array, boolean][] = [];
  readonly #module: { readonly Sender?: Framer };

  constructor(hasSender = true) {
    this.#module = hasSender ? { Sender: wsFramer } : {};
  }

  get bufferedAmount(): number {
    return this._socket.writableLength;
  }

  /** Makes it a connection; of a server, if there was a request. */
  adopt(request?: { path: string }): WebSocketConnection {
    const options = resolveEndpointOptions({}, {});
    return adopt(
      this.#module,
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

  on(): void {}
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

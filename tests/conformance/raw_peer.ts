/** A peer that is not this library: bare bytes, by `node:net`. */

import { Buffer } from "node:buffer";
import { connect, createServer, type Server, type Socket as NetSocket } from "node:net";

/** How messages lie on a byte connection. */
export type Scheme = "tcp" | "ipc";

/** The eight bytes that begin a connection. */
export function header(number: number): Uint8Array {
  return Uint8Array.of(0, 0x53, 0x50, 0, number >> 8, number & 0xff, 0, 0);
}

/** A message as it lies on the wire; with a length or a type of frame of its own choice. */
export function frame(
  scheme: Scheme,
  message: Uint8Array | string,
  { length, type = 1 }: { length?: bigint; type?: number } = {},
): Uint8Array {
  const body = Buffer.from(message);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64BE(length ?? BigInt(body.length));
  return Buffer.concat([scheme === "ipc" ? Buffer.of(type) : Buffer.alloc(0), prefix, body]);
}

/** One end of a connection. */
export class RawPeer implements Disposable {
  /** Resolves when the connection is over, however that came. */
  readonly closed: Promise<void>;
  readonly #socket: NetSocket;
  #received: Buffer = Buffer.alloc(0);
  readonly #waiting: Set<() => void> = new Set();
  #over = false;

  /** @param socket Connected. */
  constructor(socket: NetSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.#over = true;
        resolve();
        for (const wake of this.#waiting) wake();
      });
    });
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      for (const wake of this.#waiting) wake();
    });
  }

  /** Connects to an address of the library's. */
  static connect(address: string): Promise<RawPeer> {
    return new Promise((resolve, reject) => {
      const socket = connect(where(address));
      socket.setNoDelay(true);
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new RawPeer(socket));
      });
    });
  }

  /** What has come so far. */
  get received(): Uint8Array {
    return this.#received;
  }

  /** Whether the connection is over. */
  get isClosed(): boolean {
    return this.#over;
  }

  /** Sends bytes; resolves when the operating system has them, or the connection is over. */
  send(...chunks: Uint8Array[]): Promise<void> {
    const written = new Promise<void>((resolve) => {
      this.#socket.write(Buffer.concat(chunks), () => resolve());
    });
    return Promise.race([written, this.closed]);
  }

  /** Resolves when that many bytes have come in all. */
  until(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        if (this.#received.length < count && !this.#over) return;
        this.#waiting.delete(wake);
        if (this.#received.length >= count) resolve();
        else reject(new Error(`${this.#received.length} of ${count} bytes came`));
      };
      this.#waiting.add(wake);
      wake();
    });
  }

  /** Reads nothing more. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Says that nothing will follow. */
  end(): void {
    this.#socket.end();
  }

  /** Breaks the connection, so that the other side sees a reset where the transport has that. */
  reset(): void {
    try {
      this.#socket.resetAndDestroy();
    } catch {
      // Only TCP has a reset.
      this.#socket.destroy();
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** A server that does the wrong thing with each connection. */
export async function listenRaw(
  address: string,
  onPeer: (peer: RawPeer) => void,
): Promise<AsyncDisposable> {
  const peers: RawPeer[] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    const peer = new RawPeer(socket);
    peers.push(peer);
    onPeer(peer);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(where(address), resolve);
  });
  return {
    [Symbol.asyncDispose]: async () => {
      for (const peer of peers) peer[Symbol.dispose]();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function where(address: string): { path: string } | { host: string; port: number } {
  const [scheme, rest = ""] = address.split("://");
  if (scheme === "ipc") return { path: rest };
  const colon = rest.lastIndexOf(":");
  return { host: rest.slice(0, colon), port: Number(rest.slice(colon + 1)) };
}

/** The other end of an adapter's connection: bare bytes, by `node:net`, half-open until it says otherwise. */

import { Buffer } from "node:buffer";
import { once } from "node:events";
import net from "node:net";

/** One end of a connection. It reads from the beginning. */
export class Peer {
  readonly socket: net.Socket;
  /** Bytes that came. */
  length = 0;
  /** Whether the end of the stream has come. */
  hasEnded = false;
  /** Whether the connection is over. */
  isClosed = false;
  readonly #chunks: Buffer[] = [];
  readonly #watchers: Set<() => void> = new Set();

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.length += chunk.length;
      this.#wake();
    });
    socket.on("end", () => {
      this.hasEnded = true;
      this.#wake();
    });
    socket.on("close", () => {
      this.isClosed = true;
      this.#wake();
    });
    socket.on("error", () => {});
  }

  /** What came, as one piece. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Resolves once the condition is true. */
  until(condition: (peer: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition(this)) return;
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
      check();
    });
  }

  /** Breaks a TCP connection, so that the other side sees a reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  #wake(): void {
    for (const check of [...this.#watchers]) check();
  }
}

/** Listens by `node:net`; resolves once bound. */
export async function listenPlain(
  where: { path: string } | { host: string; port: number },
  onSocket: (socket: net.Socket) => void,
): Promise<net.Server> {
  const server = net.createServer({ allowHalfOpen: true }, onSocket);
  server.listen(where);
  await once(server, "listening");
  return server;
}

/** Connects by `node:net`; resolves once connected. */
export async function connectPlain(
  where: { path: string } | { host: string; port: number },
): Promise<Peer> {
  const socket = net.connect({ ...where, allowHalfOpen: true });
  const peer = new Peer(socket);
  await once(socket, "connect");
  return peer;
}

/** Resolves when whatever was on its way on this machine's other connections has long had its turn. */
export async function afterTraffic(): Promise<void> {
  const server = await listenPlain({ host: "127.0.0.1", port: 0 }, (socket) => socket.pipe(socket));
  const { port } = server.address() as net.AddressInfo;
  const peer = await connectPlain({ host: "127.0.0.1", port });
  for (let i = 1; i <= 20; i++) {
    peer.socket.write("x");
    await peer.until(({ length }) => length === i);
  }
  peer.socket.end();
  await peer.until(({ isClosed }) => isClosed);
  server.close();
  await once(server, "close");
}

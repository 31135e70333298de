/**
 * The bare socket of Bun: `Bun.connect`, `Bun.listen`.
 *
 * @module
 */
import { runWorker } from "../lib/worker.ts";
import { type BareConnection, bareRoles, type BareRuntime, type Endpoint } from "./bare_roles.ts";

/** What is used of `Bun`, so that this file is type-checked without Bun's types. */
interface Socket {
  data: BunConnection;
  write(bytes: Uint8Array): number;
  end(): void;
  setNoDelay(noDelay: boolean): void;
}
interface Handlers {
  open(socket: Socket): void;
  data(socket: Socket, chunk: Uint8Array): void;
  drain(socket: Socket): void;
  close(socket: Socket): void;
  error(socket: Socket, error: Error): void;
}
type Options = ({ unix: string } | { hostname: string; port: number }) & { socket: Handlers };
declare const Bun: {
  connect(options: Options): Promise<Socket>;
  listen(options: Options): unknown;
};

class BunConnection implements BareConnection {
  onData: (chunk: Uint8Array) => void = () => {};
  readonly #socket: Socket;
  #rest: Uint8Array[] = [];
  #drained: (() => void) | undefined;
  #waiting: Promise<void> | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#waiting !== undefined) {
      this.#rest.push(bytes);
      return this.#waiting;
    }
    const written = Math.max(0, this.#socket.write(bytes));
    if (written === bytes.length) return undefined;
    this.#rest.push(bytes.subarray(written));
    return this.#waiting = new Promise((resolve) => (this.#drained = resolve));
  }

  drain(): void {
    for (let bytes = this.#rest[0]; bytes !== undefined; bytes = this.#rest[0]) {
      const written = Math.max(0, this.#socket.write(bytes));
      if (written < bytes.length) {
        this.#rest[0] = bytes.subarray(written);
        return;
      }
      this.#rest.shift();
    }
    this.#waiting = undefined;
    this.#drained?.();
  }

  close(): void {
    this.#socket.end();
  }
}

function handlers(onConnection: (connection: BareConnection) => void): Handlers {
  return {
    open: (socket) => {
      socket.setNoDelay(true);
      socket.data = new BunConnection(socket);
      onConnection(socket.data);
    },
    data: (socket, chunk) => socket.data.onData(chunk),
    drain: (socket) => socket.data.drain(),
    close: () => {},
    error: () => {}, // the other worker has ended
  };
}

function bunEndpoint(endpoint: Endpoint): { unix: string } | { hostname: string; port: number } {
  return "path" in endpoint ? { unix: endpoint.path } : endpoint;
}

/** What this runtime brings. */
export const bareRuntime: BareRuntime = {
  listen: (endpoint, onConnection) => {
    Bun.listen({ ...bunEndpoint(endpoint), socket: handlers(onConnection) });
    return Promise.resolve();
  },
  connect: async (endpoint) => {
    const socket = await Bun.connect({ ...bunEndpoint(endpoint), socket: handlers(() => {}) });
    return socket.data;
  },
};

if (import.meta.main) runWorker(bareRoles(bareRuntime));

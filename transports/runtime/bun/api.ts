/*
 * What this library uses of Bun's own API. Written down here, so that nobody who imports the library needs Bun's
 * type declarations.
 */

/** Of `Bun.Socket`. */
export interface BunSocket<Data> {
  data: Data;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  /** How many bytes the operating system took; -1 if the socket is closed. */
  write(bytes: Uint8Array): number;
  /** Ends our stream; `end` would close the socket. */
  shutdown(): void;
  close(): void;
  pause(): void;
  resume(): void;
  setNoDelay(noDelay: boolean): boolean;
  setKeepAlive(keepAlive: boolean, idle: number): boolean;
}

/** Of `Bun.SocketHandler`. */
export interface BunHandlers<Data> {
  readonly binaryType: "uint8array";
  open(socket: BunSocket<Data>): void;
  data(socket: BunSocket<Data>, chunk: Uint8Array<ArrayBuffer>): void;
  drain(socket: BunSocket<Data>): void;
  end(socket: BunSocket<Data>): void;
  close(socket: BunSocket<Data>, error?: Error): void;
  error(socket: BunSocket<Data>, error: Error): void;
  connectError?(socket: BunSocket<Data>, error: Error): void;
}

/** Where to connect to, or what to bind. */
export type BunAddress =
  | { hostname: string; port: number; exclusive?: boolean; ipv6Only?: boolean }
  | { unix: string };

/** What `Bun.connect` and `Bun.listen` take. */
export type BunOptions<Data> = BunAddress & {
  socket: BunHandlers<Data>;
  allowHalfOpen: true;
  data?: Data;
};

/** Of `Bun.Listener`. */
export interface BunListener {
  readonly port?: number;
  /** Fills in the address that was bound. */
  getsockname(into: { address?: string; port?: number }): void;
  stop(closeConnections: boolean): void;
}

/** Of `Bun`. */
export interface BunApi {
  connect<Data>(options: BunOptions<Data>): Promise<BunSocket<Data>>;
  listen<Data>(options: BunOptions<Data>): BunListener;
}

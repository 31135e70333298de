/*
 * What this library uses of Node's own modules. Written down here, and not imported from "node:net",
 * so that nobody who imports the library needs Node's type declarations; `tests/unit/node_api.test.ts` holds it
 * against them.
 */

/** Of `net.Socket`. */
export interface NetSocket {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly bytesRead: number;
  readonly writableLength: number;
  readonly destroyed: boolean;
  readonly errored: Error | null;
  write(chunk: Uint8Array, callback?: (() => void) | undefined): boolean;
  cork(): void;
  uncork(): void;
  setNoDelay(on: boolean): unknown;
  /** Only newer releases of Node heed the last two. */
  setKeepAlive(on: boolean, idle?: number, interval?: number, count?: number): unknown;
  pause(): unknown;
  isPaused(): boolean;
  resume(): unknown;
  unshift(chunk: Uint8Array): unknown;
  emit(event: "data", chunk: Uint8Array): boolean;
  end(): unknown;
  destroy(): unknown;
  destroySoon(): void;
  on(event: "data", listener: (chunk: Uint8Array<ArrayBuffer>) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "end" | "close", listener: () => void): unknown;
  once(event: "error", listener: (error: Error) => void): unknown;
  once(event: "connect" | "secureConnect" | "close", listener: () => void): unknown;
  off(event: "data", listener: (chunk: Uint8Array<ArrayBuffer>) => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
  off(event: "connect" | "secureConnect" | "close", listener: () => void): unknown;
  /** Not documented, and as old as Node: libuv's side of the socket. */
  _handle?: unknown;
}

/** Where a socket reads to, instead of its stream. */
export interface NetOnRead {
  /** Called for the first read, and after each for the next. */
  readonly buffer: () => Uint8Array<ArrayBuffer>;
  /** Called with how many bytes are in the buffer; false stops the reading. */
  readonly callback: (length: number) => boolean;
}

/** Of `net.Server`. */
export interface NetServer {
  listen(
    options: {
      path?: string;
      host?: string;
      port?: number;
      backlog?: number;
      exclusive?: boolean;
      ipv6Only?: boolean;
    },
    callback: () => void,
  ): unknown;
  address(): string | { readonly address: string; readonly port: number } | null;
  close(): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  once(event: "error", listener: (error: Error) => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
}

/** What `net.connect` takes. */
export type NetConnectOptions = { path: string; onread?: NetOnRead } | {
  host: string;
  port: number;
  localAddress?: string;
  noDelay?: boolean;
  onread?: NetOnRead;
};

/** Of `node:net`. */
export interface NetModule {
  connect(options: NetConnectOptions): NetSocket;
  createServer(
    options: { noDelay?: boolean; pauseOnConnect?: boolean },
    listener: (socket: NetSocket) => void,
  ): NetServer;
  /** The type of its handle is not documented. */
  readonly Socket: new (options: { handle: never; onread: NetOnRead }) => NetSocket;
}

/** Of `node:dns`. */
export interface DnsModule {
  readonly promises: {
    lookup(host: string): Promise<{ readonly address: string }>;
    lookup(host: string, options: { all: true }): Promise<{ readonly address: string }[]>;
  };
}

/** Of `node:os`. */
export interface OsModule {
  networkInterfaces(): Readonly<
    Record<string, readonly { readonly address: string; readonly scopeid?: number }[] | undefined>
  >;
}

/** The global `Buffer`. */
export interface BufferGlobal {
  /** Memory of its own, which is not cleared. */
  allocUnsafeSlow(length: number): Uint8Array<ArrayBuffer>;
}

/** Of `fs.BigIntStats`. */
export interface FileStats {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly ctimeMs: bigint;
  readonly mtimeNs: bigint;
  isSocket(): boolean;
}

/** Of `node:fs`. */
export interface FsModule {
  chmodSync(path: string, mode: number): void;
  closeSync(fd: number): void;
  /** Throws `EEXIST` if there is a file at the new path. */
  linkSync(path: string, newPath: string): void;
  lstatSync(
    path: string,
    options: { bigint: true; throwIfNoEntry: false },
  ): FileStats | undefined;
  mkdirSync(path: string, options: { mode: number }): void;
  openSync(path: string, flags: "r"): number;
  readFileSync(path: string, encoding: "utf8"): string;
  realpathSync(path: string): string;
  rmSync(path: string, options: { force: boolean }): void;
  rmdirSync(path: string): void;
}

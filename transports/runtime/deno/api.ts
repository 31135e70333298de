/*
 * What this library uses of Deno's own API. Written down here, so that nobody who imports the library needs
 * Deno's type declarations; `tests/runtime/deno_api.test.ts` holds it against them.
 */

/** Of `Deno.Addr`. */
export type DenoAddress =
  | { readonly transport: "tcp" | "udp"; readonly hostname: string; readonly port: number }
  | { readonly transport: "unix" | "unixpacket"; readonly path: string }
  | { readonly transport: "vsock" };

/** Of `Deno.Conn`; the last two are only a `Deno.TcpConn`'s. */
export interface DenoConn {
  readonly remoteAddr: DenoAddress;
  readonly localAddr: DenoAddress;
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  setNoDelay?(noDelay: boolean): void;
  setKeepAlive?(keepAlive: boolean): void;
}

/** Of `Deno.Listener`. */
export interface DenoListener {
  readonly addr: DenoAddress;
  accept(): Promise<DenoConn>;
  close(): void;
}

/** Of `Deno`. */
export interface DenoApi {
  connect(
    options: { transport: "tcp"; hostname: string; port: number; signal: AbortSignal },
  ): Promise<DenoConn>;
  connect(options: { transport: "unix"; path: string }): Promise<DenoConn>;
  listen(
    options: { transport: "tcp"; hostname: string; port: number; tcpBacklog?: number },
  ): DenoListener;
  listen(options: { transport: "unix"; path: string }): DenoListener;
}

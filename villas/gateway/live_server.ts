import type { IncomingMessage } from "node:http";
import process from "node:process";
import type { Settings } from "../config/settings.ts";

/** A WebSocket, as the package `ws` has it. */
export interface LiveSocket {
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  /** Sends a message. */
  send(data: Uint8Array, options: { binary: boolean }): void;
  /** Says goodbye, and closes. */
  close(code?: number, reason?: string): void;
  /** Closes at once. */
  terminate(): void;
  /** Calls back with each message. */
  on(event: "message", listener: (data: Uint8Array) => void): unknown;
  /** Calls back when it is open, or closed. */
  on(event: "open" | "close", listener: () => void): unknown;
  /** Calls back with what went wrong. */
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** Of the package `ws`, which runs on Node, Deno and Bun. */
interface WsModule {
  readonly WebSocket: new (
    url: string,
    protocol: string,
    options: { maxPayload: number; perMessageDeflate: false },
  ) => LiveSocket;
  readonly WebSocketServer: new (options: object) => LiveListener;
}

interface LiveListener {
  readonly clients: Iterable<LiveSocket>;
  address(): unknown;
  close(done: () => void): void;
  once(event: "listening", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(
    event: "connection",
    listener: (socket: LiveSocket, request: IncomingMessage) => void,
  ): unknown;
}

/** The name of VILLASweb's protocol. */
const PROTOCOL = "live";
/** The longest message that is taken, in bytes. */
const MOST_BYTES = 1024 * 1024;
/** The status of a connection that is refused. */
const POLICY_VIOLATION = 1008;

async function loadWs(): Promise<WsModule> {
  return await import("ws") as unknown as WsModule;
}

/** Connects to another's server. */
export async function dialLive(url: string): Promise<LiveSocket> {
  const { WebSocket } = await loadWs();
  const options = { maxPayload: MOST_BYTES, perMessageDeflate: false } as const;
  return new WebSocket(url.replace(/^http/, "ws"), PROTOCOL, options);
}

/** Takes a connection, and the name of the format that it asks for. */
export type AcceptLive = (socket: LiveSocket, format: string) => void;

/**
 * The server that a gateway's nodes of the type `websocket` share: `ws://host:port/NODE`, or `/NODE.FORMAT`. It
 * listens as long as there are some.
 */
export class LiveServer {
  readonly #port: number;
  readonly #host: string | undefined;
  readonly #isEnabled: boolean;
  readonly #origins: readonly string[];
  readonly #nodes: Map<string, AcceptLive> = new Map();
  #listener: Promise<LiveListener> | undefined;

  /** Reads the group `http` of a configuration. */
  constructor(http: Settings | undefined) {
    const isRoot = process.getuid?.() === 0;
    this.#port = http?.integer("port", 0, 65_535) ?? (isRoot ? 80 : 8080);
    this.#host = http?.string("host");
    this.#isEnabled = http?.boolean("enabled") ?? true;
    this.#origins = http?.strings("origins") ?? [];
  }

  /** Adds a node; resolves to the port that it is served at, if any. */
  async add(name: string, accept: AcceptLive): Promise<number | undefined> {
    if (!this.#isEnabled) return undefined;
    this.#nodes.set(name, accept);
    const listener = await (this.#listener ??= this.#listen());
    return (listener.address() as { port?: number } | null)?.port ?? this.#port;
  }

  /** Takes a node away; with the last one the server ends. */
  async remove(name: string): Promise<void> {
    this.#nodes.delete(name);
    if (this.#nodes.size > 0 || this.#listener === undefined) return;
    const listening = this.#listener;
    this.#listener = undefined;
    const listener = await listening.catch(() => undefined);
    if (listener === undefined) return;
    for (const client of listener.clients) client.terminate();
    await new Promise<void>((resolve) => listener.close(resolve));
  }

  async #listen(): Promise<LiveListener> {
    const { WebSocketServer } = await loadWs();
    return await new Promise((resolve, reject) => {
      const listener = new WebSocketServer({
        port: this.#port,
        ...(this.#host !== undefined && { host: this.#host }),
        maxPayload: MOST_BYTES,
        perMessageDeflate: false,
        handleProtocols: (offered: Set<string>) => offered.has(PROTOCOL) ? PROTOCOL : false,
      });
      listener.on("error", (cause) => {
        const text = `Cannot serve WebSockets at port ${this.#port}: ${cause.message}`;
        reject(new Error(text, { cause }));
      });
      listener.on("connection", (socket, request) => this.#accept(socket, request));
      listener.once("listening", () => resolve(listener));
    });
  }

  #accept(socket: LiveSocket, { url = "/", headers }: IncomingMessage): void {
    // A connection that breaks says so in "close" as well.
    socket.on("error", () => {});
    const { origin, host } = headers;
    if (origin !== undefined && !this.#isAllowed(origin, host)) {
      return socket.close(POLICY_VIOLATION, "Origin not allowed");
    }
    const path = /^\/([^/.?]+)(?:\.([^?]+))?(?:\?.*)?$/.exec(url);
    const accept = this.#nodes.get(path?.[1] ?? "");
    if (accept === undefined) return socket.close(POLICY_VIOLATION, "Unknown node");
    accept(socket, path![2] ?? "villas.web");
  }

  /** Pages of other origins are let in by name only: any page that a browser shows could read the samples. */
  #isAllowed(origin: string, host: string | undefined): boolean {
    return this.#origins.includes("*") || this.#origins.includes(origin) ||
      origin.replace(/^https?:\/\//, "") === host;
  }
}

import type {
  Connection,
  ConnectionInfo,
  ConnectionSink,
  Framing,
} from "../../src/contracts/connection.ts";
import { SPError } from "../../src/base/errors.ts";
import type { ResolvedEndpointOptions } from "../../src/surface/options.ts";
import { Ring } from "../../src/base/ring.ts";
import { closeError } from "./close_codes.ts";

/** What a runtime's WebSocket can be made to do: its adapter. */
export interface WebSocketPort {
  /** Sends messages in order; true if it can take more, else `drained` of the connection follows. */
  send(messages: readonly Uint8Array[]): boolean;
  /** Stops and goes on reading; where it cannot, what comes is held back here. */
  readonly reading?: { pause(): void; resume(): void };
  /** Whether the peer, or we, have begun the closing handshake. */
  readonly isEnding: boolean;
  /** How many of the messages that were sent last are not with the operating system yet; all, if left out. */
  readonly unsent?: number;
  /** As {@linkcode Connection.pending}. */
  readonly pending?: number;
  /** As {@linkcode Connection.heard}. */
  readonly heard?: number;
  /** Begins to ping a peer that is silent, where it can and is to. */
  listen?(peer: Pulse): { stop(): void };
  /** Begins the closing handshake. */
  close(code: number, reason: string): void;
  /** Lets go at once. */
  terminate(): void;
}

/** What is known of a WebSocket's other end. */
export interface WebSocketInfo extends ConnectionInfo {
  /** As {@linkcode Connection.subprotocol}. */
  readonly subprotocol?: string | undefined;
}

/** Signs of life of a peer. */
export interface Pulse {
  /** Whose. */
  readonly address: string;
  /** A number that changes with whatever comes; `NaN` while nothing is read. */
  heard(): number;
  /** It gives none, and its connection ends for that reason. */
  lost(reason: SPError): void;
}

/** What may wait, where the peer cannot be pushed back. */
export const DEFAULT_MAX_BACKLOG: number = 16 * 1024 * 1024;

/** What a held message costs beyond its bytes. */
const HELD_COST = 64;

/** How long a peer that was told to go may take to do so, in milliseconds. */
const GRACE = 1000;

/** Close codes (RFC 6455, 7.4.1) that are no error. */
const ORDERLY: ReadonlySet<number> = new Set([1000, 1001, 1005]);

/**
 * A WebSocket as a {@linkcode Connection}. Its adapter calls `message`, `drained`, `failed` and
 * `closed`; the last of them always, and exactly once.
 */
export class WebSocketConnection implements Connection {
  readonly framing: Framing = "message";
  // What is known of the other end is copied as it is.
  declare readonly remoteAddress: string;
  declare readonly localAddress: string;
  declare readonly subprotocol?: string | undefined;
  declare readonly tlsName?: string;
  declare readonly headers?: Headers;
  declare readonly path?: string;
  readonly #port: WebSocketPort;
  readonly #maxMessageSize: number;
  readonly #maxBacklog: number;
  #heartbeat: { stop(): void } | undefined;
  #sink: ConnectionSink | undefined;
  #paused = false;
  #delivering = false;
  readonly #held: Ring<Uint8Array<ArrayBuffer>> = new Ring();
  #heldBytes = 0;
  #ending = false;
  #unwritten: number = Infinity;
  /** Nothing is taken or sent any more. */
  #over = false;
  #reason: SPError | undefined;
  #told = false;
  #gone = false;
  #grace: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param port An open WebSocket, paused if it can be.
   * @param info Who is at the other end.
   * @param options The endpoint's.
   */
  constructor(port: WebSocketPort, info: WebSocketInfo, options: ResolvedEndpointOptions) {
    this.#port = port;
    Object.assign(this, info);
    this.#maxMessageSize = options.maxMessageSize;
    this.#maxBacklog = options.webSocket?.maxBacklog ?? DEFAULT_MAX_BACKLOG;
  }

  start(sink: ConnectionSink): void {
    this.#sink = sink;
    if (!this.#over) this.#heartbeat ??= this.#port.listen?.(this.#pulse());
    if (!this.#paused) this.resume();
  }

  get isEnding(): boolean {
    return this.#over || this.#port.isEnding;
  }

  get unwritten(): number {
    return this.#unwritten;
  }

  get pending(): number {
    return this.#port.pending ?? 0;
  }

  get heard(): number {
    return this.#port.heard ?? 0;
  }

  write(messages: readonly Uint8Array[]): boolean {
    return !this.#over && this.#port.send(messages);
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#port.reading?.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#delivering || this.#sink === undefined) return;
    this.#deliver();
    if (!this.#paused && !this.#gone) this.#port.reading?.resume();
  }

  end(): void {
    if (this.#over) return;
    this.#ending = true;
    this.#heartbeat?.stop();
    this.#port.close(1000, "");
  }

  destroy(): void {
    this.#over = true;
    this.#heartbeat?.stop();
    this.#drop();
    this.#unwritten = this.#port.unsent ?? Infinity;
    if (!this.#gone) this.#port.terminate();
    this.#tell();
  }

  refuse(): void {
    if (this.#over) return;
    this.#over = true;
    this.#drop();
    this.#dismiss(1008, "Refused");
    this.#tell();
  }

  /** A message has come. */
  message(data: Uint8Array<ArrayBuffer>): void {
    if (this.#over) return;
    if (data.length > this.#maxMessageSize) {
      const message = `The peer sent a message of ${data.length} bytes, ` +
        `maxMessageSize is ${this.#maxMessageSize}`;
      return this.#give(new SPError("EMSGSIZE", message), 1009, "Message too large");
    }
    if (this.#sink !== undefined && !this.#paused && this.#held.size === 0) {
      return this.#sink.data(data);
    }
    this.#held.push(data);
    this.#heldBytes += data.length + HELD_COST;
    if (this.#port.reading !== undefined || this.#heldBytes <= this.#maxBacklog) return;
    const message =
      `More than ${this.#maxBacklog} bytes of ${this.remoteAddress} wait to be read, ` +
      "which cannot be told to wait here; webSocket.maxBacklog is the limit";
    this.#drop();
    this.#give(new SPError("ENOBUFS", message), 1008, "Too fast");
  }

  /** After a `send` that returned false: it can take more. */
  drained(): void {
    if (!this.#over) this.#sink?.drain();
  }

  /** The WebSocket found something wrong, and is closing. */
  failed(reason: SPError): void {
    if (this.#over) return;
    this.#give(reason);
  }

  /** The WebSocket is closed, with this code and reason (RFC 6455, 7.1.5). */
  closed(code: number, reason: string): void {
    this.#gone = true;
    clearTimeout(this.#grace);
    this.#heartbeat?.stop();
    if (this.#over) return;
    this.#over = true;
    this.#unwritten = this.#port.unsent ?? Infinity;
    // Who has said goodbye need not wait for the answer; nanomsg gives none.
    if (!ORDERLY.has(code) && !(this.#ending && code === 1006)) {
      this.#reason = closeError(this.remoteAddress, code, reason);
    }
    this.#deliver();
  }

  #pulse(): Pulse {
    return {
      address: this.remoteAddress,
      heard: () => this.#paused && this.#port.reading !== undefined ? NaN : this.heard,
      lost: (reason) => {
        this.#reason = reason;
        this.destroy();
      },
    };
  }

  /** Delivers what was held back, and the end behind it. */
  #deliver(): void {
    if (this.#sink === undefined) return;
    this.#delivering = true;
    while (!this.#paused && this.#held.size > 0) {
      const data = this.#held.shift()!;
      this.#heldBytes -= data.length + HELD_COST;
      this.#sink.data(data);
    }
    this.#delivering = false;
    if (this.#over && this.#held.size === 0) this.#tell();
  }

  #tell(): void {
    if (this.#told) return;
    this.#told = true;
    this.#sink?.closed(this.#reason);
  }

  #drop(): void {
    this.#held.clear();
    this.#heldBytes = 0;
  }

  /** Gives up, for a reason that the peer is told by a close code, if it is not told already. */
  #give(reason: SPError, code?: number, text = ""): void {
    this.#over = true;
    this.#reason = reason;
    this.#dismiss(code, text);
    this.#deliver();
  }

  /** Closes in order, as far as the peer goes along with it. */
  #dismiss(code: number | undefined, text: string): void {
    this.#heartbeat?.stop();
    if (this.#gone) return;
    this.#grace ??= setTimeout(() => this.#port.terminate(), GRACE);
    // It may still be paused, and must read on to see the peer's own end.
    this.#port.reading?.resume();
    if (code !== undefined) this.#port.close(code, text);
  }
}

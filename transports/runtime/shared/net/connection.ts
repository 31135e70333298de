/* Connections over `node:net`, which Node, Deno and Bun all have. */
import type { Connection, ConnectionSink, Framing } from "../../../../src/contracts/connection.ts";
import type { SPError } from "../../../../src/base/errors.ts";
import { atTurnEnd } from "../../../../src/base/turn.ts";
import { systemError } from "../../../system_errors.ts";
import type { StreamTarget } from "../../../runtime.ts";
import { formatAddress, formatPath } from "../address.ts";
import { isNode } from "../is_node.ts";
import type { NetSocket } from "../node_api.ts";

/** What reads a socket in place of its stream. */
export interface SocketReader {
  /**
   * Passes on what has come, and what comes: on memory that is used again when `take` returns, unless it is what
   * `ask` wanted it read to.
   */
  start(
    socket: NetSocket,
    take: (chunk: Uint8Array<ArrayBuffer>) => void,
    ask: () => Uint8Array<ArrayBuffer> | undefined,
  ): void;
}

/** A `net.Socket` (or a `tls.TLSSocket`) as a {@linkcode Connection}. */
export class NetConnection implements Connection {
  readonly framing: Framing;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly tlsName?: string;
  readonly lendsMemory: boolean;
  readonly #socket: NetSocket;
  readonly #reader: SocketReader | undefined;
  #sink: ConnectionSink | undefined;
  #waiting = false;
  #ended = false;
  #error: SPError | undefined;
  #over = false;
  #unwritten: number | undefined;

  /**
   * @param socket Connected.
   * @param target What was connected to or bound, for the addresses.
   * @param more The verified name in the peer's certificate; what reads, if it is not the socket's stream.
   */
  constructor(
    socket: NetSocket,
    target: StreamTarget,
    more: { tlsName?: string | undefined; reader?: SocketReader | undefined } = {},
  ) {
    const { tlsName, reader } = more;
    this.#socket = socket;
    this.#reader = reader;
    this.lendsMemory = reader !== undefined;
    const { scheme } = target;
    if (target.kind === "tcp") {
      this.framing = "tcp";
      this.remoteAddress = formatAddress(scheme, socket.remoteAddress, socket.remotePort);
      this.localAddress = formatAddress(scheme, socket.localAddress, socket.localPort);
    } else {
      this.framing = "ipc";
      this.remoteAddress = this.localAddress = formatPath(scheme, target.name ?? target.path);
    }
    if (tlsName !== undefined) this.tlsName = tlsName;
    socket.on("error", (error) => {
      this.#error = systemError(`Lost the connection to ${this.remoteAddress}`, error);
    });
    socket.on("end", () => this.#peerEnded());
    socket.on("close", () => this.#end());
  }

  start(sink: ConnectionSink): void {
    const first = this.#sink === undefined;
    this.#sink = sink;
    if (!first) return;
    if (this.#over) return sink.closed(this.#error);
    if (this.#reader !== undefined) {
      this.#reader.start(this.#socket, this.#received, this.#room);
    } else {
      this.#socket.on("data", ({ buffer, byteOffset, length }) => {
        // A plain view: a Buffer's own subarray costs several times as much, and messages are views.
        this.#received(new Uint8Array(buffer, byteOffset, length));
      });
      if (this.#socket.isPaused()) this.#socket.resume();
    }
    if (this.#ended) this.#peerEnded();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    const last = chunks.length - 1;
    if (last > 0) {
      socket.cork();
      for (let i = 0; i < last; i++) socket.write(chunks[i]!);
    }
    socket.write(chunks[last]!, this.#written);
    if (last > 0) socket.uncork();
    if (socket.writableLength === 0 && !isBroken(socket)) return true;
    this.#waiting = true;
    return false;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    // Node loses what it has not decrypted yet if TLS is ended while it delivers.
    if (isEncrypted(this.#socket)) atTurnEnd(() => this.#socket.end());
    else this.#socket.end();
  }

  destroy(): void {
    this.#unwritten = unwrittenBytes(this.#socket);
    this.#socket.destroy();
  }

  get unwritten(): number {
    return this.#unwritten ?? Infinity;
  }

  get pending(): number {
    return pendingBytes(this.#socket);
  }

  readonly #received = (chunk: Uint8Array<ArrayBuffer>): void => {
    if (!this.#over) this.#sink!.data(chunk);
  };

  readonly #room = (): Uint8Array<ArrayBuffer> | undefined =>
    this.#over ? undefined : this.#sink!.room?.();

  readonly #written = (): void => {
    if (!this.#waiting || this.#over || this.#socket.writableLength > 0 || isBroken(this.#socket)) {
      return;
    }
    this.#waiting = false;
    this.#sink?.drain();
  };

  #peerEnded(): void {
    this.#ended = true;
    if (this.#sink === undefined || this.#over) return;
    if (this.#sink.ended !== undefined) return this.#sink.ended();
    this.#end();
    if (this.#waiting) this.destroy();
    else this.#socket.destroySoon();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink?.closed(this.#error);
  }
}

/**
 * How much of what was written the operating system has not taken. Of the stream alone it can be told only whether all of
 * its last write has gone; libuv's side of the socket, where there is one, knows it to the byte.
 */
export function unwrittenBytes(socket: NetSocket): number {
  const { writeQueueSize } = (socket._handle ?? {}) as { readonly writeQueueSize?: unknown };
  const isKnown = isNode && !isEncrypted(socket) && typeof writeQueueSize === "number";
  return isKnown ? writeQueueSize : socket.writableLength;
}

/** A number that changes with what leaves: of TLS on Node, that is seen on the connection below. */
export function pendingBytes(socket: NetSocket): number {
  if (!isNode || !isEncrypted(socket)) return unwrittenBytes(socket);
  const { _parent } = (socket._handle ?? {}) as {
    readonly _parent?: { readonly writeQueueSize?: unknown };
  };
  return socket.writableLength + (Number(_parent?.writeQueueSize) || 0);
}

function isEncrypted(socket: NetSocket & { readonly encrypted?: boolean }): boolean {
  return socket.encrypted === true;
}

/** Whether a socket takes everything, and says so as if it were sent, until it is closed. */
export function isBroken(socket: NetSocket): boolean {
  return socket.destroyed || Boolean(socket.errored);
}

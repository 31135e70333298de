import type { Connection, ConnectionSink, Framing } from "../../src/contracts/connection.ts";
import { SPError } from "../../src/base/errors.ts";
import { isOwned } from "../../src/memory/owned.ts";
import { Ring } from "../../src/base/ring.ts";

/** A `MessagePort`, with what only runtimes with processes have. */
export type Port = MessagePort & {
  /** Has the port keep its process or worker alive. */
  ref?(): void;
  /** Has it keep nothing alive. */
  unref?(): void;
};

/** Whether it is a port: nothing else that is posted has functions. */
export function isPort(value: unknown): value is Port {
  return typeof (value as Partial<Port> | null | undefined)?.postMessage === "function";
}

/** Closes a port; what was posted before still arrives. */
export function closePort(port: Port): void {
  // Deno 2.9 goes on waiting for a port that came by another port, unless it is told not to.
  port.unref?.();
  port.close();
}

/** Bytes that may be on their way before `write` returns false. */
const WINDOW = 512 * 1024;
/** The receiver says what it has taken once it is so many bytes. */
const ACKNOWLEDGE = WINDOW / 4;

/** What goes over the port: bytes, how many bytes were taken, null for the end, or why there is no connection. */
type Parcel = ArrayBuffer | readonly ArrayBuffer[] | number | null | string;

/**
 * A connection to a socket in another thread. Each write is one message on the port, and is moved, not
 * cloned: memory that nobody else uses as it is, and all the rest in one copy.
 */
export class PortConnection implements Connection {
  /** As bytes, so that a burst of messages is one piece of memory; both sides shake hands as on any other. */
  readonly framing: Framing = "tcp";
  readonly inProcess: boolean = true;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly #port: Port;
  readonly #onOver: () => void;
  #sink: ConnectionSink | undefined;
  #started = false;
  /** Bytes sent and not taken by the peer. */
  #unacknowledged = 0;
  #blocked = false;
  /** What came while paused. */
  readonly #held: Ring<ArrayBuffer> = new Ring();
  /** Bytes taken since the peer was told. */
  #taken = 0;
  #paused = false;
  #delivering = false;
  #hungUp = false;
  #hasToldEnd = false;
  #ended = false;
  #over = false;
  #reason: SPError | undefined;

  /**
   * @param port One end of a channel; the other is the peer's.
   * @param address The name where they met.
   * @param onOver Called once, when it is over.
   */
  constructor(port: Port, address: string, onOver: () => void) {
    this.#port = port;
    this.remoteAddress = this.localAddress = address;
    this.#onOver = onOver;
    port.addEventListener("close", () => this.lost());
  }

  start(sink: ConnectionSink): void {
    this.#sink = sink;
    if (this.#over) return sink.closed(this.#reason);
    if (this.#started) return this.#deliver();
    this.#started = true;
    this.#port.addEventListener("message", (event) => this.#receive(event.data));
    this.#port.addEventListener("messageerror", () => this.#broken("what cannot be read"));
    this.#port.start();
    this.#port.ref?.();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#over) return true;
    const buffers: ArrayBuffer[] = [];
    let first = 0;
    for (let i = 0; i < chunks.length; i++) {
      const chunk = chunks[i]!;
      this.#unacknowledged += chunk.length;
      if (!isOwned(chunk)) continue;
      if (first < i) buffers.push(join(chunks, first, i));
      buffers.push(chunk.buffer as ArrayBuffer);
      first = i + 1;
    }
    if (first < chunks.length) buffers.push(join(chunks, first, chunks.length));
    this.#post(buffers.length === 1 ? buffers[0]! : buffers, buffers);
    this.#blocked = this.#unacknowledged >= WINDOW;
    return !this.#blocked;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#deliver();
  }

  end(): void {
    if (this.#ended || this.#over) return;
    this.#ended = true;
    this.#post(null);
    if (this.#isAtEnd()) this.#close();
  }

  /** What was posted arrives, also behind our end; but nobody knows what a thread that ended had taken. */
  get unwritten(): number {
    return this.#reason === undefined ? 0 : this.#unacknowledged;
  }

  get pending(): number {
    return this.#unacknowledged;
  }

  destroy(): void {
    if (!this.#over) this.#close();
  }

  refuse(reason: SPError): void {
    if (this.#over) return;
    this.#ended = true;
    this.#post(reason.message);
    this.#close();
  }

  /** The peer's thread has ended, or is out of reach. */
  lost(): void {
    if (this.#over || this.#hungUp) return;
    const message = `Lost the connection to ${this.remoteAddress}: the peer's thread has ended`;
    this.#close(new SPError("ECONNRESET", message));
  }

  /** Anybody in this program may have the port, and post whatever they like. */
  #receive(parcel: unknown): void {
    if (this.#over) return;
    if (typeof parcel === "number") return this.#acknowledged(parcel);
    if (typeof parcel === "string") {
      const message = `${this.remoteAddress} let go of the connection: ${parcel}`;
      return this.#close(new SPError("EREJECTED", message));
    }
    if (parcel === null) this.#hungUp = true;
    else {
      const buffers = Array.isArray(parcel) ? parcel : [parcel];
      const wrong = buffers.findIndex((buffer) => !(buffer instanceof ArrayBuffer));
      if (wrong >= 0) return this.#broken(`a value of type ${typeof buffers[wrong]}`);
      for (const buffer of buffers) this.#held.push(buffer);
    }
    this.#deliver();
  }

  /** The peer has posted what is no parcel. */
  #broken(what: string): void {
    const message = `Lost the connection to ${this.remoteAddress}: the peer posted ${what}`;
    this.#post(`it was sent ${what}`);
    this.#close(new SPError("EPROTO", message));
  }

  #acknowledged(bytes: number): void {
    if (!(bytes > 0 && bytes <= this.#unacknowledged)) {
      return this.#broken(`that it took ${bytes} bytes`);
    }
    this.#unacknowledged -= bytes;
    if (!this.#blocked || this.#unacknowledged >= WINDOW) return;
    this.#blocked = false;
    this.#sink!.drain();
  }

  /** Delivers what has come, and the end behind it. */
  #deliver(): void {
    if (this.#delivering || this.#sink === undefined) return;
    this.#delivering = true;
    while (this.#held.size > 0 && !this.#paused && !this.#over) {
      const buffer = this.#held.shift()!;
      this.#taken += buffer.byteLength;
      this.#sink.data(new Uint8Array(buffer));
    }
    this.#delivering = false;
    if (this.#over) return;
    if (this.#isAtEnd()) return this.#peerEnded();
    if (this.#taken < ACKNOWLEDGE) return;
    this.#post(this.#taken);
    this.#taken = 0;
  }

  #isAtEnd(): boolean {
    return this.#hungUp && this.#held.size === 0;
  }

  #peerEnded(): void {
    if (this.#ended || this.#sink?.ended === undefined) this.#close();
    else if (!this.#hasToldEnd) {
      this.#hasToldEnd = true;
      this.#sink.ended();
    }
  }

  #close(reason?: SPError): void {
    this.#over = true;
    this.#reason = reason;
    this.#held.clear();
    // Whoever is still there is to know that this is an end in order, or else see the port close.
    if (!this.#ended && reason === undefined) this.#post(null);
    closePort(this.#port);
    this.#onOver();
    this.#sink?.closed(reason);
  }

  #post(parcel: Parcel, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(parcel, transfer);
  }
}

/** Chunks as one piece of memory. */
function join(chunks: readonly Uint8Array[], from: number, to: number): ArrayBuffer {
  let length = 0;
  for (let i = from; i < to; i++) length += chunks[i]!.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (let i = from; i < to; i++) {
    joined.set(chunks[i]!, at);
    at += chunks[i]!.length;
  }
  return joined.buffer;
}

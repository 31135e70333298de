import type { Connection, ConnectionSink, Framing } from "../../src/contracts/connection.ts";
import { SPError, wrapError } from "../../src/base/errors.ts";
import { copyOf } from "../../src/memory/new_memory.ts";
import { Opener, type ReceiveSecret } from "./opener.ts";
import { plainBytesLeft, Sealer, type SendSecret } from "./sealer.ts";

/** What both ends have agreed on in the handshake. */
export interface SessionSecrets {
  readonly send: SendSecret;
  readonly receive: ReceiveSecret;
}

/**
 * A connection that encrypts: above it there are plain ZMTP frames, below it MESSAGE frames of CURVE. A peer that sends anything
 * else, or something again, ends the connection.
 */
export class SecureConnection implements Connection, ConnectionSink {
  readonly framing: Framing;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly tlsName?: string;
  readonly headers?: Headers;
  readonly path?: string;
  readonly subprotocol?: string;
  readonly inProcess: boolean;
  /** What is written is sealed in other memory. */
  readonly keepsMemory: boolean = false;
  /** What is delivered is opened into new memory. */
  readonly lendsMemory: boolean = false;

  readonly #inner: Connection;
  readonly #sealer: Sealer;
  readonly #opener: Opener;
  #sink: ConnectionSink | undefined;
  /** What came behind the handshake, as long as nothing is to be delivered. */
  readonly #first: Uint8Array<ArrayBuffer>[];
  #isPaused = true;
  /** Chunks that came from the peer. */
  #chunks = 0;
  /** The last write, as long as the connection below holds it. */
  #held: Uint8Array<ArrayBuffer> | undefined;
  #isOver = false;
  /** Whether we have let go: nothing is delivered any more. */
  #isDestroyed = false;

  /**
   * @param inner A connection for bytes, past the handshake, and paused.
   * @param first What came behind the handshake, in memory of ours.
   * @param secrets What both ends have agreed on.
   * @param maxFrameSize The body of the largest plain frame to take, in bytes.
   */
  constructor(
    inner: Connection,
    first: readonly Uint8Array<ArrayBuffer>[],
    secrets: SessionSecrets,
    maxFrameSize: number,
  ) {
    this.#inner = inner;
    this.#first = [...first];
    this.#sealer = new Sealer(secrets.send);
    this.#opener = new Opener(secrets.receive, maxFrameSize);
    const { framing, remoteAddress, localAddress, tlsName, headers, path, subprotocol } = inner;
    this.framing = framing;
    this.remoteAddress = remoteAddress;
    this.localAddress = localAddress;
    if (tlsName !== undefined) this.tlsName = tlsName;
    if (headers !== undefined) this.headers = headers;
    if (path !== undefined) this.path = path;
    if (subprotocol !== undefined) this.subprotocol = subprotocol;
    this.inProcess = inner.inProcess === true;
  }

  get isEnding(): boolean {
    return this.#inner.isEnding === true;
  }

  get unwritten(): number {
    const held = this.#held;
    if (held === undefined) return 0;
    return plainBytesLeft(held, Math.min(this.#inner.unwritten ?? Infinity, held.length));
  }

  get pending(): number {
    return this.#inner.pending ?? 0;
  }

  get heard(): number {
    // A large frame comes in many chunks, before anything of it is delivered.
    return this.#chunks + (this.#inner.heard ?? 0);
  }

  start(sink: ConnectionSink): void {
    const isFirst = this.#sink === undefined;
    this.#sink = sink;
    if (isFirst) this.#inner.start(this);
    if (!this.#isPaused) this.#deliverFirst();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#isOver) return true;
    const sealed = this.#sealer.seal(chunks);
    this.#held = sealed;
    const isWritten = this.#inner.write([sealed]);
    if (isWritten) this.#held = undefined;
    return isWritten;
  }

  pause(): void {
    this.#isPaused = true;
    this.#inner.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#deliverFirst();
    // What was delivered may have paused it again, or ended it.
    if (!this.#isPaused && !this.#isOver) this.#inner.resume();
  }

  end(): void {
    this.#inner.end();
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#inner.destroy();
  }

  refuse(reason: SPError): void {
    this.#isDestroyed = true;
    if (this.#inner.refuse === undefined) this.#inner.destroy();
    else this.#inner.refuse(reason);
  }

  /** MESSAGE frames have come: {@linkcode ConnectionSink}. */
  data(chunk: Uint8Array<ArrayBuffer>): void {
    this.#chunks++;
    if (this.#first.length === 0) this.#open(chunk);
    else this.#first.push(this.#inner.lendsMemory === true ? copyOf(chunk) : chunk);
  }

  /** All is written: {@linkcode ConnectionSink}. */
  drain(): void {
    this.#held = undefined;
    this.#sink?.drain();
  }

  /** The peer has ended its stream: {@linkcode ConnectionSink}. */
  ended(): void {
    this.#deliverFirst(true);
    if (this.#isOver || this.#isDestroyed) return;
    if (this.#opener.isWithinFrame) return this.#fail(this.#cut());
    const sink = this.#sink!;
    if (sink.ended === undefined) this.#inner.end();
    else sink.ended();
  }

  /** The connection is over: {@linkcode ConnectionSink}. */
  closed(reason?: SPError): void {
    if (reason === undefined) this.#deliverFirst(true);
    if (this.#isOver) return;
    this.#isOver = true;
    const isCut = !this.#isDestroyed && this.#opener.isWithinFrame;
    this.#sink!.closed(reason ?? (isCut ? this.#cut() : undefined));
  }

  /** Delivers what came behind the handshake; all of it, if nothing else follows. */
  #deliverFirst(isAll = false): void {
    while (this.#first.length > 0 && (isAll || !this.#isPaused) && !this.#isOver) {
      this.#open(this.#first.shift()!);
    }
  }

  #open(chunk: Uint8Array<ArrayBuffer>): void {
    if (this.#isOver || this.#isDestroyed) return;
    try {
      this.#opener.take(chunk, this.#deliver);
    } catch (error) {
      this.#fail(wrapError(`Lost the connection to ${this.remoteAddress}`, error));
    }
  }

  readonly #deliver = (frame: Uint8Array<ArrayBuffer>): boolean => {
    this.#sink!.data(frame);
    return !this.#isOver && !this.#isDestroyed;
  };

  #cut(): SPError {
    return new SPError("EPROTO", `${this.remoteAddress} ended its stream within a frame`);
  }

  #fail(reason: SPError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#inner.destroy();
    this.#sink!.closed(reason);
  }
}

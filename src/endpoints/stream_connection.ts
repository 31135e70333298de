import type { Connection, ConnectionSink, Framing } from "../contracts/connection.ts";
import { SPError, wrapError } from "../base/errors.ts";
import { describe } from "../memory/message.ts";
import { unshared } from "../memory/new_memory.ts";
import { disown } from "../memory/owned.ts";
import { quiet } from "../base/wait.ts";

/**
 * Any two streams of bytes that lead to one peer: a process's standard output and input, say.
 *
 * The types ask for no more of the streams than is used, since those of `node:stream/web` and those of the DOM library
 * differ in the rest: both fit.
 */
export interface ByteDuplex {
  /** What the peer sends. */
  readonly readable: ByteReadable;
  /** What is sent to the peer. */
  readonly writable: ByteWritable;
}

/** What `attach` uses of a `ReadableStream` of bytes. */
export interface ByteReadable {
  /** Whether somebody else reads it. */
  readonly locked: boolean;
  /** Locks it. */
  getReader(): ByteReader;
}

/** What `attach` uses of a `ReadableStreamDefaultReader`. */
export interface ByteReader {
  /** The next chunk. */
  read(): Promise<
    | { readonly done: false; readonly value: Uint8Array }
    | { readonly done: true; readonly value?: Uint8Array | undefined }
  >;
  /** Ends the stream. */
  cancel(reason?: unknown): Promise<void>;
}

/** What `attach` uses of a `WritableStream` of bytes. */
export interface ByteWritable {
  /** Whether somebody else writes to it. */
  readonly locked: boolean;
  /** Locks it. */
  getWriter(): ByteWriter;
}

/** What `attach` uses of a `WritableStreamDefaultWriter`. */
export interface ByteWriter {
  /** Resolves when the stream has ended; rejects with its error. */
  readonly closed: Promise<unknown>;
  /** Resolves when there is room for a chunk. */
  readonly ready: Promise<unknown>;
  /** Writes a chunk, which is never left out: the platform's `write` takes an optional one. */
  write(chunk?: Uint8Array): Promise<void>;
  /** Ends the stream behind what is written. */
  close(): Promise<void>;
  /** Ends the stream at once. */
  abort(reason?: unknown): Promise<void>;
}

/**
 * A pair of Web Streams as a {@linkcode Connection}: what `attach` makes of streams, and what a transport of your own may return
 * where it has streams of bytes. `Transport` has an example.
 */
export class StreamConnection implements Connection {
  readonly framing: Framing;
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** A `TransformStream` hands on the very chunk that it was given. */
  readonly keepsMemory: boolean = true;
  readonly #reader: ByteReader;
  readonly #writer: ByteWriter;
  #sink: ConnectionSink | undefined;
  #paused = false;
  #reading = false;
  #delivering = false;
  /** What was read while it was paused. */
  #held: Uint8Array<ArrayBuffer> | undefined;
  /** The peer has ended its stream. */
  #hungUp = false;
  #ending = false;
  #unwritten = 0;
  #over = false;
  #reason: SPError | undefined;

  /**
   * Makes a connection, which delivers nothing before its `start`.
   *
   * @param streams Neither of them locked; they are locked from here on.
   * @param address What errors, events and statistics call the peer.
   * @param framing How messages lie on the streams; `"tcp"` unless the other end is an `ipc://` address.
   * @throws {SPError} `EINVAL` if these are no streams, or they are in use.
   */
  constructor(streams: ByteDuplex, address: string, framing: "tcp" | "ipc" = "tcp") {
    this.framing = framing;
    this.remoteAddress = this.localAddress = address;
    const { readable, writable } = streams ?? {};
    if (typeof readable?.getReader !== "function" || typeof writable?.getWriter !== "function") {
      const expected = "expected { readable, writable }, two streams";
      throw new SPError("EINVAL", `Cannot attach ${describe(streams)}: ${expected}`);
    }
    if (readable.locked || writable.locked) {
      const which = readable.locked ? "readable" : "writable";
      throw new SPError("EINVAL", `Cannot attach streams in use: the ${which} one is locked`);
    }
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
    this.#writer.closed.catch((reason) => this.#fail(reason));
    quiet(this.#writer.ready);
  }

  start(sink: ConnectionSink): void {
    this.#sink = sink;
    if (this.#over) sink.closed(this.#reason);
    else this.#deliver();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    quiet(this.#write([...chunks], chunks.map(({ length }) => length)));
    return false;
  }

  get unwritten(): number {
    return this.#unwritten;
  }

  get pending(): number {
    return this.#unwritten;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#deliver();
  }

  end(): void {
    if (this.#ending || this.#over) return;
    this.#ending = true;
    quiet(this.#writer.close());
    if (this.#hungUp) this.#tell();
  }

  destroy(): void {
    if (this.#over) return;
    this.#letGo(new SPError("ECLOSED", `Closed the connection to ${this.remoteAddress}`));
    this.#tell();
  }

  /** One after the other: a chunk whose memory is taken away while it waits must not be followed by others. */
  async #write(chunks: Uint8Array[], lengths: number[]): Promise<void> {
    this.#unwritten = lengths.reduce((sum, length) => sum + length, 0);
    for (let i = 0; i < chunks.length; i++) {
      const chunk = chunks[i]!;
      disown(chunk);
      if (chunk.length !== lengths[i]) {
        const what = "Cannot write a message whose memory is gone: its buffer was detached";
        return this.#fail(new SPError("EINVAL", what));
      }
      await this.#writer.write(chunk);
      this.#unwritten -= lengths[i]!;
    }
    if (!this.#over) this.#sink?.drain();
  }

  /** Hands over what has come, and reads on; what was under way when paused is held, one chunk at the most. */
  #deliver(): void {
    if (this.#delivering || this.#paused || this.#over || this.#sink === undefined) return;
    const chunk = this.#held;
    if (chunk !== undefined) {
      this.#held = undefined;
      this.#delivering = true;
      this.#sink.data(chunk);
      this.#delivering = false;
      if (this.#paused || this.#over) return;
    }
    if (this.#hungUp) this.#peerEnded();
    else if (!this.#reading) this.#read();
  }

  #read(): void {
    this.#reading = true;
    this.#reader.read().then(({ done, value }) => {
      this.#reading = false;
      if (done) this.#hungUp = true;
      else this.#held = toPlainBytes(value);
      // An empty chunk says nothing.
      if (this.#held?.length === 0) this.#held = undefined;
      this.#deliver();
    }).catch((reason) => this.#fail(reason));
  }

  #peerEnded(): void {
    if (this.#ending) this.#tell();
    else if (this.#sink?.ended === undefined) this.end();
    else this.#sink.ended();
  }

  #fail(reason: unknown): void {
    if (this.#over) return;
    this.#reason = wrapError(`Lost the connection to ${this.remoteAddress}`, reason);
    this.#letGo(reason);
    this.#tell();
  }

  #letGo(reason: unknown): void {
    quiet(this.#reader.cancel(reason));
    quiet(this.#writer.abort(reason));
  }

  #tell(): void {
    this.#over = true;
    this.#held = undefined;
    this.#sink?.closed(this.#reason);
  }
}

/** A plain view: messages are views of it, and those of Node's `Buffer` cost several times as much. */
function toPlainBytes(chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  if (!(chunk instanceof Uint8Array)) {
    const expected = "expected a Uint8Array";
    throw new SPError("EINVAL", `Cannot read ${describe(chunk)} from the stream: ${expected}`);
  }
  const bytes = unshared(chunk);
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

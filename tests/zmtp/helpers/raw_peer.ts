/** A ZMTP peer by hand: it says what a test wants, right or wrong, and takes apart what it hears. */

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { clearTimeout, setTimeout } from "node:timers";
import { RawPeer } from "../../conformance/raw_peer.ts";
import { PATIENCE } from "../peers/zeromq.ts";
import {
  command,
  type Frame,
  frameAt,
  greeting,
  GREETING_LENGTH,
  type GreetingFields,
  isCommand,
  message,
  ready,
} from "./frames.ts";

/** What it says of itself. */
export interface RawOptions extends GreetingFields {
  /** More metadata. */
  readonly metadata?: Readonly<Record<string, string | Uint8Array>>;
}

/** One end of a connection, with ZMTP on it. */
export class ZmtpPeer implements Disposable {
  readonly #raw: RawPeer;
  #read = 0;

  /** @param raw Connected. */
  constructor(raw: RawPeer) {
    this.#raw = raw;
  }

  /** Connects to an address of the library's, and says nothing. */
  static async connect(address: string): Promise<ZmtpPeer> {
    return new ZmtpPeer(await RawPeer.connect(address));
  }

  /** Connects, and shakes hands by NULL. */
  static async join(
    address: string,
    socketType: string,
    options: RawOptions = {},
  ): Promise<ZmtpPeer> {
    const peer = await ZmtpPeer.connect(address);
    await peer.shake(socketType, options);
    return peer;
  }

  /** All that has come so far. */
  get received(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#raw.received);
  }

  /** What has come behind the frames that were read. */
  get unread(): Uint8Array<ArrayBuffer> {
    return this.received.slice(this.#read);
  }

  /** Whether the connection is over. */
  get isClosed(): boolean {
    return this.#raw.isClosed;
  }

  /** Resolves when the connection is over, and fails if it does not end. */
  async closed(): Promise<void> {
    await this.#patiently(this.#raw.closed, "the end of the connection");
  }

  /** Greets, and resolves with the other's greeting. */
  async greet(options: GreetingFields = {}): Promise<Uint8Array<ArrayBuffer>> {
    await this.send(greeting(options));
    return await this.take(GREETING_LENGTH);
  }

  /** Greets and says READY, and resolves with the other's READY. */
  async shake(socketType: string, { metadata, ...fields }: RawOptions = {}): Promise<Frame> {
    await this.greet(fields);
    await this.send(ready(socketType, metadata));
    return await this.next();
  }

  /** Says bytes. */
  send(...chunks: Uint8Array[]): Promise<void> {
    return this.#raw.send(...chunks);
  }

  /** Sends a message. */
  say(...frames: (string | Uint8Array)[]): Promise<void> {
    return this.send(message(...frames));
  }

  /** Sends a command. */
  command(name: string, data: string | Uint8Array = ""): Promise<void> {
    return this.send(command(name, data));
  }

  /** The next bytes. */
  async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    await this.#patiently(this.#raw.until(this.#read + count), `${count} more bytes`);
    this.#read += count;
    return this.received.slice(this.#read - count, this.#read);
  }

  /** The next frame. */
  async next(): Promise<Frame> {
    const start = this.#read;
    for (let wanted = 2;; wanted = this.received.length - start + 1) {
      await this.#patiently(this.#raw.until(start + wanted), "a frame");
      const found = frameAt(this.received, start);
      if (found === undefined) continue;
      this.#read = found.end;
      return found.frame;
    }
  }

  /** The next frames up to one after which no more follow. */
  async nextMessage(): Promise<Uint8Array<ArrayBuffer>[]> {
    const frames: Uint8Array<ArrayBuffer>[] = [];
    for (;;) {
      const { flags, body } = await this.next();
      assert.ok((flags & 4) === 0, `expected a message, got a command: ${body}`);
      frames.push(body);
      if ((flags & 1) === 0) return frames;
    }
  }

  /** The next command. */
  async nextCommand(): Promise<Uint8Array<ArrayBuffer>> {
    const frame = await this.next();
    assert.ok(isCommand(frame), `expected a command, got a message: ${frame.body}`);
    return frame.body;
  }

  /** Reads nothing more. */
  stopReading(): void {
    this.#raw.stopReading();
  }

  /** Says that nothing will follow. */
  end(): void {
    this.#raw.end();
  }

  /** Breaks the connection. */
  reset(): void {
    this.#raw.reset();
  }

  [Symbol.dispose](): void {
    this.#raw[Symbol.dispose]();
  }

  #patiently<T>(promise: Promise<T>, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`There was no sign of ${what}; unread: ${this.unread}`)),
        PATIENCE,
      );
      promise.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}

/** A listener whose peers are raw. */
export interface RawListener extends AsyncDisposable {
  readonly address: string;
  /** The next connection, past or to come. */
  accept(): Promise<ZmtpPeer>;
}

/** Listens on a port of its own. */
export async function listen(): Promise<RawListener> {
  const waiting: ZmtpPeer[] = [];
  const peers: ZmtpPeer[] = [];
  const wanted: ((peer: ZmtpPeer) => void)[] = [];
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    const peer = new ZmtpPeer(new RawPeer(socket));
    peers.push(peer);
    const next = wanted.shift();
    if (next === undefined) waiting.push(peer);
    else next(peer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  return {
    address: `tcp://127.0.0.1:${port}`,
    accept: () => {
      const peer = waiting.shift();
      if (peer !== undefined) return Promise.resolve(peer);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("Nobody has connected")), PATIENCE);
        wanted.push((next) => {
          clearTimeout(timer);
          resolve(next);
        });
      });
    },
    [Symbol.asyncDispose]: async () => {
      for (const peer of peers) peer[Symbol.dispose]();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

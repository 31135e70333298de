/** A ZMTP peer by hand: greeting, mechanism and frames on a TCP connection, without sockets and patterns. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Connection, ConnectionSink } from "../../../src/contracts/connection.ts";
import type { SPError } from "../../../src/base/errors.ts";
import { NetConnection } from "../../../transports/runtime/shared/net/connection.ts";
import type { Mechanism } from "../../../zmtp/mechanisms/mechanism.ts";
import { type Metadata, parseMetadata } from "../../../zmtp/wire/metadata.ts";
import { concat, utf8 } from "../../helpers/bytes.ts";
import { COMMAND, type Frame, frame, split } from "./frames.ts";

const GREETING_SIZE = 64;

function greeting({ name }: Mechanism): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(GREETING_SIZE);
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 1]);
  bytes.set(utf8(name), 12);
  return bytes;
}

/** One connection. */
export class RawZmtp implements ConnectionSink {
  readonly #mechanism: Mechanism;
  #connection: Connection;
  #received: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #isOver = false;
  #reason: SPError | undefined;
  #wake: () => void = () => {};

  constructor(socket: Socket, mechanism: Mechanism) {
    this.#mechanism = mechanism;
    this.#connection = new NetConnection(socket as never, {
      kind: "tcp",
      scheme: "tcp",
      host: "127.0.0.1",
      port: socket.remotePort ?? 0,
    } as never);
    this.#connection.start(this);
  }

  /** Connects. */
  static async connect(port: number, mechanism: Mechanism): Promise<RawZmtp> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new RawZmtp(socket, mechanism);
  }

  data(chunk: Uint8Array<ArrayBuffer>): void {
    this.#received = concat([this.#received, chunk]);
    this.#wake();
  }

  drain(): void {}

  closed(reason?: SPError): void {
    this.#isOver = true;
    this.#reason = reason;
    this.#wake();
  }

  /**
   * Greets and agrees. Returns what the peer has said of itself; rejects with what the mechanism throws, and has said its farewell
   * and closed the connection then.
   */
  async shake(): Promise<Metadata> {
    const mechanism = this.#mechanism;
    this.#connection.write([greeting(mechanism)]);
    await this.#until(() => this.#received.length >= GREETING_SIZE || undefined);
    assert.equal(
      String.fromCharCode(...this.#received.subarray(12, 17)).replaceAll("\0", ""),
      mechanism.name,
    );
    this.#received = this.#received.slice(GREETING_SIZE);
    try {
      this.#command(await mechanism.begin());
      for (;;) {
        const step = await mechanism.receive((await this.frame()).body);
        this.#command(step.say);
        if (!step.isDone) continue;
        this.#secure();
        return parseMetadata(step.metadata ?? new Uint8Array(0));
      }
    } catch (error) {
      this.#command(mechanism.farewell?.(error as SPError));
      this.#connection.end();
      throw error;
    }
  }

  /** The next frame; rejects if the connection ends before. */
  frame(): Promise<Frame> {
    return this.#until(() => {
      const [[first]] = split(this.#received);
      if (first === undefined) return undefined;
      this.#received = this.#received.slice(frame(first.flags, first.body).length);
      return first;
    });
  }

  /** Writes frames. */
  write(...frames: readonly Uint8Array[]): void {
    this.#connection.write(frames);
  }

  /** Resolves when the connection is over. */
  async over(): Promise<SPError | undefined> {
    while (!this.#isOver) await this.#change();
    return this.#reason;
  }

  [Symbol.dispose](): void {
    this.#connection.destroy();
  }

  #command(body: Uint8Array | undefined): void {
    if (body !== undefined) this.#connection.write([frame(COMMAND, body)]);
  }

  /** What came behind the handshake goes on to the connection that opens it. */
  #secure(): void {
    if (this.#mechanism.secure === undefined) return;
    this.#connection.pause();
    const first = this.#received.length > 0 ? [this.#received] : [];
    this.#received = new Uint8Array(0);
    this.#connection = this.#mechanism.secure(this.#connection, first, 1 << 20);
    this.#connection.start(this);
    this.#connection.resume();
  }

  async #until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.#isOver) throw this.#reason ?? new Error("The connection was closed");
      await this.#change();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }
}

/** A port that takes connections. */
export interface RawListener extends AsyncDisposable {
  readonly address: string;
  /** The next connection. */
  accept(mechanism: Mechanism): Promise<RawZmtp>;
}

/** Binds a port. */
export async function listen(): Promise<RawListener> {
  const server = createServer({ pauseOnConnect: true });
  const sockets: Socket[] = [];
  const came: Socket[] = [];
  let wake = (): void => {};
  server.on("connection", (socket) => {
    sockets.push(socket);
    came.push(socket);
    wake();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accept: async (mechanism) => {
      while (came.length === 0) await new Promise<void>((resolve) => wake = resolve);
      return new RawZmtp(came.shift()!, mechanism);
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A WebSocket that is not this library's, and not `ws`: bytes by `node:net`, so that it can say what those never would. */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { connect, createServer, type Server, type Socket as NetSocket } from "node:net";
import { clearTimeout, setTimeout } from "node:timers";

/** How long anything may take before a test fails, in milliseconds. */
const PATIENCE = 20_000;

/** RFC 6455, 11.8. */
export const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One frame. */
export interface RawFrame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly fin: boolean;
  readonly masked: boolean;
}

/** What to send that is not in order. */
export interface FrameOptions {
  /** False if more fragments follow. */
  readonly fin?: boolean;
  /** Instead of the payload's own. */
  readonly length?: number;
  /** Whether it is masked, as what a client sends has to be. */
  readonly masked?: boolean;
}

/** Lays out a frame. The mask is of zeros, so that the payload is as it was. */
export function rawFrame(
  opcode: number,
  payload: Uint8Array | string = "",
  { fin = true, length, masked = true }: FrameOptions = {},
): Buffer {
  const body = Buffer.from(payload);
  const size = length ?? body.length;
  const head = Buffer.alloc(size < 126 ? 2 : size < 65536 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | opcode;
  head[1] = (masked ? 0x80 : 0) | (size < 126 ? size : size < 65536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(size, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2);
  return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), body]);
}

/** Bytes of the frame that begins with these; Infinity while that cannot be told. */
export function frameLength(bytes: Buffer): number {
  if (bytes.length < 2) return Infinity;
  const mask = (bytes[1]! & 0x80) === 0 ? 0 : 4;
  const size = bytes[1]! & 0x7f;
  if (size < 126) return 2 + mask + size;
  const extended = size === 126 ? 2 : 8;
  if (bytes.length < 2 + extended) return Infinity;
  return 2 + extended + mask +
    (size === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)));
}

/** Reads a whole frame, and takes its mask off where it lies. */
export function readFrame(whole: Buffer): RawFrame {
  const [first = 0, second = 0] = whole;
  const masked = (second & 0x80) !== 0;
  const size = second & 0x7f;
  const start = (size < 126 ? 2 : size === 126 ? 4 : 10) + (masked ? 4 : 0);
  const payload = whole.subarray(start);
  const mask = whole.subarray(start - 4, start);
  if (masked) { for (let i = 0; i < payload.length; i++) payload[i]! ^= mask[i & 3]!; }
  return { opcode: first & 0x0f, fin: (first & 0x80) !== 0, masked, payload };
}

/** What a client asks for: the lines of a request that is in order, but for these. */
export interface RequestOptions {
  readonly path?: string;
  /** The subprotocol; undefined for none. */
  readonly protocol?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One end of a connection that is, or becomes, a WebSocket. */
export class RawWebSocket implements Disposable {
  /** Resolves when the connection is over, however that came. */
  readonly closed: Promise<void>;
  readonly #socket: NetSocket;
  #received: Buffer = Buffer.alloc(0);
  #over = false;
  readonly #waiting: Set<() => void> = new Set();

  /** @param socket Connected. */
  constructor(socket: NetSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.#over = true;
        resolve();
        this.#wake();
      });
    });
    socket.on("error", () => {});
    socket.on("end", () => socket.end());
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
  }

  /** Connects to the port of an address of this library's; says nothing yet. */
  static connect(address: string): Promise<RawWebSocket> {
    const { hostname, port } = new URL(address.replace(/^\w+/, "http"));
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port) }, () => {
        socket.off("error", reject);
        resolve(new RawWebSocket(socket));
      });
      socket.setNoDelay(true);
      socket.once("error", reject);
    });
  }

  /** Connects, and asks for an upgrade; resolves with the answer. */
  static async open(
    address: string,
    options: RequestOptions,
  ): Promise<{ peer: RawWebSocket; answer: string }> {
    const peer = await RawWebSocket.connect(address);
    peer.send(request(options));
    return { peer, answer: await peer.head() };
  }

  /** What has come and was not taken. */
  get received(): Buffer {
    return this.#received;
  }

  /** Sends bytes. */
  send(bytes: Uint8Array | string): void {
    this.#socket.write(bytes);
  }

  /** Takes the head of a request or an answer, and of an answer that has one the body. */
  async head(): Promise<string> {
    await this.#until(() => this.#received.includes("\r\n\r\n"));
    const head = this.#take(this.#received.indexOf("\r\n\r\n") + 4).toString("latin1");
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    await this.#until(() => this.#received.length >= length);
    return head + this.#take(length).toString();
  }

  /** Takes a request for an upgrade, and agrees to it. */
  async agree(protocol: string | undefined): Promise<string> {
    const asked = await this.head();
    this.send(agreement(asked, protocol));
    return asked;
  }

  /** Takes the next frame. */
  async frame(): Promise<RawFrame> {
    await this.#until(() => frameLength(this.#received) <= this.#received.length);
    return readFrame(this.#take(frameLength(this.#received)));
  }

  /** The code of a closing frame, which is the next frame. */
  async closeCode(): Promise<number> {
    const { opcode, payload } = await this.frame();
    if (opcode !== OPCODE.close) throw new Error(`A frame of opcode ${opcode} is no closing frame`);
    return payload.length === 0 ? 1005 : payload.readUInt16BE();
  }

  /** Hands on what has come and what comes, instead of keeping it. */
  forward(to: (chunk: Buffer) => void): void {
    this.#socket.removeAllListeners("data");
    to(this.#take(this.#received.length));
    this.#socket.on("data", to);
  }

  /** Reads nothing more, until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#socket.resume();
  }

  /** Says that nothing will follow. */
  end(): void {
    this.#socket.end();
  }

  /** Breaks the connection, so that the other side sees a reset. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(count: number): Buffer {
    const taken = Buffer.from(this.#received.subarray(0, count));
    this.#received = this.#received.subarray(count);
    return taken;
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        if (error === undefined) resolve();
        else reject(error);
      };
      const inVain = (why: string): Error =>
        new Error(`${why}; there came ${JSON.stringify(this.#received.toString("latin1"))}`);
      const timer = setTimeout(() => settle(inVain("It takes too long")), PATIENCE);
      const wake = (): void => {
        if (condition()) settle();
        else if (this.#over) settle(inVain("The connection is over"));
      };
      this.#waiting.add(wake);
      wake();
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

/** A request for an upgrade. */
export function request({ path = "/", protocol, headers = {} }: RequestOptions): string {
  const lines = {
    Host: "127.0.0.1",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...(protocol !== undefined && { "Sec-WebSocket-Protocol": protocol }),
    ...headers,
  };
  const text = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `GET ${path} HTTP/1.1\r\n${text}\r\n`;
}

/** The answer that agrees to a request for an upgrade. */
export function agreement(asked: string, protocol: string | undefined): string {
  const key = /sec-websocket-key: (\S+)/i.exec(asked)?.[1] ?? "";
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${accept.digest("base64")}\r\n` +
    (protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`) + "\r\n";
}

/** A server that does with each connection what the test says. */
export async function listenRaw(
  onPeer: (peer: RawWebSocket) => unknown,
): Promise<{ readonly address: string } & AsyncDisposable> {
  const peers: RawWebSocket[] = [];
  const server: Server = createServer((socket) => {
    const peer = new RawWebSocket(socket);
    peers.push(peer);
    onPeer(peer);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  return {
    address: `ws://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      for (const peer of peers) peer[Symbol.dispose]();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

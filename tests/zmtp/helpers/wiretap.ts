/** A TCP proxy between two peers: it keeps what they say, and can deliver it badly. */

import { Buffer } from "node:buffer";
import { connect, createServer, type Server, type Socket } from "node:net";
import { clearTimeout, setImmediate, setTimeout } from "node:timers";
import { PATIENCE } from "../peers/zeromq.ts";

/** Whose bytes: those of who connects, or those of who is bound. */
export type Side = "dialer" | "listener";

/** How a wiretap delivers. */
export interface WiretapOptions {
  /** Whether each byte goes by itself. */
  readonly byByte?: boolean;
  /** What to deliver in a piece's place. */
  readonly rewrite?: (piece: Buffer, side: Side) => Buffer;
}

interface Pair {
  readonly dialer: Socket;
  readonly listener: Socket;
  readonly said: Record<Side, Buffer[]>;
}

/** A piece that one side said, in the order in which both were heard. */
export interface Piece {
  readonly side: Side;
  readonly bytes: Uint8Array;
}

/** A proxy in front of a `tcp://` address. */
export class Wiretap implements AsyncDisposable {
  /** Where to connect to instead. */
  readonly address: string;
  /** All that was said on all connections, in order. */
  readonly pieces: Piece[] = [];
  readonly #server: Server;
  readonly #pairs: Pair[] = [];
  readonly #waiting: Set<() => void> = new Set();
  #isStalled = false;

  private constructor(server: Server) {
    this.#server = server;
    const bound = server.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    this.address = `tcp://127.0.0.1:${port}`;
  }

  /**
   * Opens a proxy.
   *
   * @param target Where connections go on to.
   */
  static async open(target: string, options: WiretapOptions = {}): Promise<Wiretap> {
    const server = createServer({ allowHalfOpen: false });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const self = new Wiretap(server);
    const port = Number(/:(\d+)\/?$/.exec(target)?.[1]);
    server.on("connection", (dialer) => self.#join(dialer, connect(port, "127.0.0.1"), options));
    return self;
  }

  /** How many connections there were so far. */
  get connections(): number {
    return this.#pairs.length;
  }

  /** What one side has said, over all connections, or over one of them. */
  said(side: Side, connection?: number): Uint8Array<ArrayBuffer> {
    const pairs = connection === undefined
      ? this.#pairs
      : this.#pairs.slice(connection, connection + 1);
    return new Uint8Array(Buffer.concat(pairs.flatMap(({ said }) => said[side])));
  }

  /** Resolves as soon as a condition, which looks at this wiretap, is true. */
  until(condition: (tap: Wiretap) => boolean, what = "what was expected"): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (condition(this)) settle();
      };
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        if (error === undefined) resolve();
        else reject(error);
      };
      const timer = setTimeout(() => {
        const both = (["dialer", "listener"] as const).map((side) =>
          `${side}: ${Buffer.from(this.said(side)).toString("hex").slice(0, 2000)}`
        );
        settle(new Error(`The wiretap does not see ${what}\n${both.join("\n")}`));
      }, PATIENCE);
      this.#waiting.add(check);
      check();
    });
  }

  /** Delivers nothing any more, on connections that are there or come; nobody is told. */
  stall(): void {
    this.#isStalled = true;
    for (const { dialer, listener } of this.#pairs) {
      dialer.pause();
      listener.pause();
    }
  }

  /** Delivers again what waits. */
  resume(): void {
    this.#isStalled = false;
    for (const { dialer, listener } of this.#pairs) {
      dialer.resume();
      listener.resume();
    }
  }

  /** Breaks every connection. */
  cut(): void {
    for (const { dialer, listener } of this.#pairs) {
      dialer.destroy();
      listener.destroy();
    }
    this.#ring();
  }

  /** Says something to the other side in the name of one. */
  inject(as: Side, bytes: Uint8Array): void {
    const { dialer, listener } = this.#pairs.at(-1)!;
    (as === "dialer" ? listener : dialer).write(bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(dialer: Socket, listener: Socket, options: WiretapOptions): void {
    const pair: Pair = { dialer, listener, said: { dialer: [], listener: [] } };
    this.#pairs.push(pair);
    this.#pipe("dialer", pair, dialer, listener, options);
    this.#pipe("listener", pair, listener, dialer, options);
    this.#ring();
  }

  #pipe(side: Side, { said }: Pair, from: Socket, to: Socket, options: WiretapOptions): void {
    let last = Promise.resolve();
    const goOn = (): void => void (this.#isStalled || from.resume());
    from.setNoDelay(true);
    from.on("error", () => {});
    from.on("data", (chunk: Buffer) => {
      said[side].push(chunk);
      this.pieces.push({ side, bytes: chunk });
      this.#ring();
      const delivered = options.rewrite?.(chunk, side) ?? chunk;
      if (options.byByte === true) {
        from.pause();
        last = deliverByByte(delivered, to);
        void last.then(goOn);
      } else if (!to.write(delivered)) {
        from.pause();
        to.once("drain", goOn);
      }
    });
    from.on("end", () => void last.then(() => to.end()));
    from.on("close", () => void last.then(() => to.destroy()).then(() => this.#ring()));
    if (this.#isStalled) from.pause();
  }

  #ring(): void {
    for (const check of this.#waiting) check();
  }
}

async function deliverByByte(chunk: Buffer, to: Socket): Promise<void> {
  for (const byte of chunk) {
    if (to.destroyed) return;
    to.write(Uint8Array.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

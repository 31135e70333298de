import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** A connection through the proxy: its two halves. */
interface Link {
  /** To who dialled. */
  readonly dialer: Socket;
  /** To who listens. */
  readonly listener: Socket;
}

/**
 * A TCP proxy that breaks connections: what dials it is passed on to `target`. Both sides may end their stream by themselves,
 * and either is pushed back when the other does not read.
 */
export class Proxy {
  readonly #server: Server;
  readonly #links = new Set<Link>();
  /** All that are open, also halves of links that are over. */
  readonly #sockets = new Set<Socket>();

  /** The port of 127.0.0.1 that connections are passed on to; it may change. */
  target: number;

  /** Whether each connection is reset as soon as it is made. */
  isDown = false;

  private constructor(target: number) {
    this.target = target;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (dialer) => {
      dialer.on("error", () => {}); // What was broken on purpose.
      if (this.isDown) dialer.resetAndDestroy();
      else this.#link(dialer);
    });
  }

  /** Listens on a port of its own. */
  static to(target: number): Promise<Proxy> {
    const proxy = new Proxy(target);
    return new Promise((resolve, reject) => {
      proxy.#server.once("error", reject).listen(0, "127.0.0.1", () => resolve(proxy));
    });
  }

  /** Where it listens. */
  get address(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resets every connection, on both sides. What is on its way is lost. */
  reset(): void {
    for (const { dialer, listener } of this.#links) {
      dialer.resetAndDestroy();
      listener.resetAndDestroy();
    }
    this.#links.clear();
  }

  /**
   * Ends the stream towards who dialled, and passes on all that it still sends: a peer that ends its connection in order loses
   * nothing of what was sent to it.
   */
  endToDialer(): void {
    for (const { dialer, listener } of this.#links) {
      listener.unpipe(dialer).resume();
      dialer.end();
    }
  }

  /** The same towards who listens. */
  endToListener(): void {
    for (const { dialer, listener } of this.#links) {
      dialer.unpipe(listener).resume();
      listener.end();
    }
  }

  /** Ends all. */
  async close(): Promise<void> {
    this.isDown = true;
    this.reset();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #link(dialer: Socket): void {
    const listener = connect({
      port: this.target,
      host: "127.0.0.1",
      allowHalfOpen: true,
      noDelay: true,
    });
    const link = { dialer, listener };
    this.#links.add(link);
    for (const [one, other] of [[dialer, listener], [listener, dialer]] as const) {
      this.#sockets.add(one);
      one.on("error", () => other.resetAndDestroy());
      one.on("close", () => {
        this.#sockets.delete(one);
        this.#links.delete(link);
        if (!other.destroyed) other.end();
      });
      one.pipe(other);
    }
  }
}

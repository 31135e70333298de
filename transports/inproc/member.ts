import type { InprocRegistry } from "./registry.ts";
import type { Member } from "./hub.ts";
import { type Port, PortConnection } from "./port.ts";

/** This thread among those that are attached to each other: it makes connections of the ports that it is given. */
export class ThisThread implements Member {
  /** In a hub of its own. */
  readonly thread = 0;
  readonly #registry: InprocRegistry;
  /** Connections to other threads, with the thread's number. */
  readonly #connections: Map<PortConnection, number> = new Map();

  /** @param registry Its names. */
  constructor(registry: InprocRegistry) {
    this.#registry = registry;
  }

  accept(name: string, port: Port, peer: number): void {
    this.#registry.accept(name, this.#connect(name, port, peer));
  }

  opened(id: number, port: Port, peer: number): void {
    this.#registry.opened(id, (name) => this.#connect(name, port, peer));
  }

  gone(thread: number): void {
    for (const [connection, peer] of this.#connections) if (peer === thread) connection.lost();
  }

  /** Every other thread is out of reach. */
  alone(): void {
    for (const connection of this.#connections.keys()) connection.lost();
    this.#registry.leave();
  }

  #connect(name: string, port: Port, peer: number): PortConnection {
    const connection = new PortConnection(port, `inproc://${name}`, () => {
      this.#connections.delete(connection);
    });
    this.#connections.set(connection, peer);
    return connection;
  }
}

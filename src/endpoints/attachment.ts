import type { Connection } from "../contracts/connection.ts";
import { Endpoint, type EndpointHost } from "./endpoint.ts";
import { closedError, type SPError } from "../base/errors.ts";
import type { ResolvedEndpointOptions } from "../surface/options.ts";
import type { PeerInfo } from "../surface/peer.ts";
import type { Pipe } from "../pipes/pipe.ts";
import { quiet, Waiter } from "../base/wait.ts";

/** Streams that a socket has taken for a peer: what `socket.attach` returns. */
export interface Attachment extends AsyncDisposable {
  /** What errors, events and statistics call it. */
  readonly address: string;
  /**
   * Resolves with the peer. Rejects if it did not become one: it spoke another protocol, or was refused.
   * Need not be awaited.
   */
  readonly opened: Promise<PeerInfo>;
  /**
   * Resolves when both streams are let go of, at the peer's wish or ours. Rejects if the peer did not become
   * one, or was lost by an error. Need not be awaited.
   */
  readonly closed: Promise<void>;
  /** Ends it, after what was accepted for the peer is sent or `linger` is over. */
  close(): Promise<void>;
}

/** Takes in one connection that somebody else made, and ends with it. */
export class AttachedEndpoint extends Endpoint {
  readonly role: "bind" | "connect";
  readonly #connection: Connection;
  readonly #opened: Waiter<PeerInfo> = new Waiter();
  readonly #closed: Waiter<void> = new Waiter();

  /** @param connection Not started yet. @param role Who made it. */
  constructor(
    host: EndpointHost,
    options: ResolvedEndpointOptions,
    connection: Connection,
    role: "bind" | "connect",
  ) {
    super(host, connection.remoteAddress, options);
    this.role = role;
    this.#connection = connection;
    quiet(this.#opened.promise);
    quiet(this.#closed.promise);
  }

  get address(): string {
    return this.given;
  }

  /** The peer. */
  get opened(): Promise<PeerInfo> {
    return this.#opened.promise;
  }

  /** The end. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Shakes hands. */
  async start(): Promise<void> {
    try {
      const { peer } = await this.join(this.#connection);
      this.#opened.resolve(peer);
    } catch (error) {
      this.#opened.reject(error);
      this.#closed.reject(error);
      await this.stop();
    }
  }

  override lost(pipe: Pipe, reason: SPError | undefined): void {
    super.lost(pipe, reason);
    if (reason === undefined) this.#closed.resolve();
    else this.#closed.reject(reason);
    this.stop();
  }

  protected override release(): Promise<void> {
    if (this.#opened.settled) return Promise.resolve();
    this.#opened.reject(closedError("attach"));
    this.#closed.resolve();
    return Promise.resolve();
  }
}

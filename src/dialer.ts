import { Backoff } from "./backoff.ts";
import { Endpoint, type EndpointHost } from "./endpoint.ts";
import { closedError, type SPError, wrapError } from "./errors.ts";
import type { ResolvedEndpointOptions } from "./options.ts";
import type { PeerInfo } from "./peer.ts";
import type { Pipe } from "./pipe.ts";
import type { Dialable } from "./transport.ts";
import { LONGEST_TIMER, quiet, Waiter } from "./wait.ts";

/** An address that a socket keeps connecting to: what `socket.connect` returns. */
export interface Dialer extends AsyncDisposable {
  /** The address that was given. */
  readonly address: string;
  /**
   * Resolves with the first peer. Rejects if the dialer is closed before, or with `failFast` if the
   * first try fails. Need not be awaited.
   */
  readonly opened: Promise<PeerInfo>;
  /** Closes the connection, after what was accepted for it is sent or `linger` is over, and makes no other. */
  close(): Promise<void>;
}

/** Connects, and connects again whenever the connection is lost, until it is closed. */
export class DialerEndpoint extends Endpoint {
  readonly role = "connect";
  readonly #opened: Waiter<PeerInfo> = new Waiter();
  readonly #target: Dialable;
  readonly #backoff: Backoff;
  #wake: (() => void) | undefined;
  /** The wait that an event has already announced. */
  #nextWait: number | undefined;

  /** @param target The checked address. */
  constructor(
    host: EndpointHost,
    address: string,
    options: ResolvedEndpointOptions,
    target: Dialable,
  ) {
    super(host, address, options);
    this.#target = target;
    this.#backoff = new Backoff(options.reconnectMin, options.reconnectMax);
    quiet(this.#opened.promise);
  }

  get address(): string {
    return this.given;
  }

  /** The first peer. */
  get opened(): Promise<PeerInfo> {
    return this.#opened.promise;
  }

  /** Begins to connect. */
  start(): void {
    this.#run();
  }

  override lost(pipe: Pipe, reason: SPError | undefined): void {
    super.lost(pipe, reason);
    this.#wake?.();
  }

  protected override release(): Promise<void> {
    this.#opened.reject(closedError("connect"));
    this.#wake?.();
    return Promise.resolve();
  }

  async #run(): Promise<void> {
    while (!this.isClosed) {
      const since = await this.#connect();
      if (this.isClosed) return;
      // A peer that takes us in and lets go at once (it is busy, say) is no success: keep backing off.
      if (since !== undefined && performance.now() - since >= this.#backoff.settled) {
        this.#backoff.reset();
      }
      await this.#sleep(this.#nextWait ?? this.#backoff.next());
      this.#nextWait = undefined;
    }
  }

  /** One connection, from the first try to its end; when it began, if it did. */
  async #connect(): Promise<number | undefined> {
    let pipe: Pipe;
    try {
      const connection = await this.#target.dial(this.context);
      if (this.isClosed) {
        connection.destroy();
        return undefined;
      }
      pipe = await this.join(connection);
    } catch (error) {
      if (!this.isClosed) this.#failed(error);
      return undefined;
    }
    const since = performance.now();
    this.#opened.resolve(pipe.peer);
    if (this.pipes.has(pipe)) await this.#woken();
    return since;
  }

  #failed(error: unknown): void {
    this.counters.connectErrors++;
    const reason = wrapError(`Cannot connect to "${this.given}"`, error);
    if (this.options.failFast && !this.#opened.settled) {
      this.#opened.reject(reason);
      this.stop();
      return;
    }
    this.#nextWait = this.#backoff.next();
    this.host.events.emit({
      type: "connect-failed",
      endpoint: this.given,
      reason,
      retryIn: this.#nextWait,
    });
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }

  async #sleep(milliseconds: number): Promise<void> {
    const timer = milliseconds > LONGEST_TIMER
      ? undefined
      : setTimeout(() => this.#wake?.(), milliseconds);
    await this.#woken();
    clearTimeout(timer);
  }
}

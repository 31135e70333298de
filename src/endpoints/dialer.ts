import { Backoff } from "./backoff.ts";
import type { Connection } from "../contracts/connection.ts";
import { Endpoint, type EndpointHost } from "./endpoint.ts";
import { closedError, SPError, wrapError } from "../base/errors.ts";
import type { ResolvedEndpointOptions } from "../surface/options.ts";
import type { PeerInfo } from "../surface/peer.ts";
import type { Pipe } from "../pipes/pipe.ts";
import type { Dialable } from "../contracts/transport.ts";
import { later, quiet, Waiter } from "../base/wait.ts";

/** An address that a socket keeps connecting to: what `socket.connect` returns. */
export interface Dialer extends AsyncDisposable {
  /** The address that was given. */
  readonly address: string;
  /**
   * Resolves with the first peer. Rejects if the dialer is closed or gives up before (see `failFast` and `maxAttempts`; it
   * always does where the peer does not accept our credentials, `EAUTH`); also, while the dialer goes on trying, with
   * `ETIMEDOUT` after `connect`'s option `timeout`, and with the reason of its option `signal`. Need not be awaited.
   */
  readonly opened: Promise<PeerInfo>;
  /** Closes the connection, after what was accepted for it is sent or `linger` is over, and makes no other. */
  close(): Promise<void>;
}

/** How long `opened` waits. */
interface OpenedOptions {
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Connects, and connects again whenever the connection is lost, until it is closed or gives up. */
export class DialerEndpoint extends Endpoint {
  readonly role = "connect";
  readonly #opened: Waiter<PeerInfo>;
  readonly #target: Dialable;
  readonly #backoff: Backoff;
  /** Tries that failed since a connection stood. */
  #failures = 0;
  /** Whether there was a peer ever. */
  #succeeded = false;
  /** Gives up the try that is under way. */
  #attempt: AbortController | undefined;
  #wake: (() => void) | undefined;
  /** The wait that an event has already announced. */
  #nextWait: number | undefined;

  /** @param target The checked address. @param wait How long `opened` waits. */
  constructor(
    host: EndpointHost,
    address: string,
    options: ResolvedEndpointOptions,
    target: Dialable,
    wait: OpenedOptions = {},
  ) {
    super(host, address, options);
    this.#opened = new Waiter(wait.signal);
    this.#opened.limit(wait.timeout ?? Infinity, `connect to "${address}"`);
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
    if (reason?.code === "EAUTH" && !this.isClosed) {
      this.#failures++;
      this.#giveUp(reason);
    }
    this.#wake?.();
  }

  protected override release(): Promise<void> {
    this.#opened.reject(closedError("connect"));
    this.#attempt?.abort(closedError("connect"));
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
        this.#failures = 0;
      }
      await this.#sleep(this.#nextWait ?? this.#backoff.next());
      this.#nextWait = undefined;
    }
  }

  /** One connection, from the first try to its end; when it began, if it did. */
  async #connect(): Promise<number | undefined> {
    let pipe: Pipe;
    try {
      pipe = await this.#try();
    } catch (error) {
      if (!this.isClosed) this.#failed(error);
      return undefined;
    }
    const since = performance.now();
    this.#succeeded = true;
    this.#opened.resolve(pipe.peer);
    if (this.pipes.has(pipe)) await this.#woken();
    return since;
  }

  /** One try: dials and shakes hands. */
  async #try(): Promise<Pipe> {
    this.host.checkRoom();
    const { connectTimeout } = this.options;
    const attempt = this.#attempt = new AbortController();
    const timer = later(connectTimeout, () => {
      const message = `Cannot connect to "${this.given}": no connection in ${connectTimeout} ms`;
      attempt.abort(new SPError("ETIMEDOUT", message));
    });
    const dialled = new Waiter<Connection>(attempt.signal);
    let release: (() => void) | undefined;
    try {
      this.#target.dial({
        ...this.context,
        signal: attempt.signal,
        reached: () => clearTimeout(timer),
        reserve: (remoteAddress) => release = this.host.reserve(remoteAddress),
      }).then(
        // Not every transport can give up at once: what it still brings, nobody waits for.
        (connection) => dialled.settled ? connection.destroy() : dialled.resolve(connection),
        (reason) => dialled.reject(reason),
      );
      const connection = await dialled.promise;
      clearTimeout(timer);
      if (this.isClosed) {
        connection.destroy();
        throw closedError("connect");
      }
      return await this.join(connection, release);
    } catch (error) {
      clearTimeout(timer);
      release?.();
      throw error;
    }
  }

  #failed(error: unknown): void {
    this.count("connectErrors");
    const reason = wrapError(`Cannot connect to "${this.given}"`, error);
    if (
      ++this.#failures >= this.options.maxAttempts || this.options.failFast && !this.#succeeded ||
      reason.code === "EAUTH"
    ) return this.#giveUp(reason);
    this.#nextWait = this.#backoff.next();
    this.host.events.emit({
      type: "connect-failed",
      endpoint: this.given,
      reason,
      retryIn: this.#nextWait,
    });
  }

  #giveUp(reason: SPError): void {
    const attempts = this.#failures;
    this.host.events.emit({ type: "gave-up", endpoint: this.given, attempts, reason });
    this.#opened.reject(reason);
    this.stop();
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }

  async #sleep(milliseconds: number): Promise<void> {
    const timer = later(milliseconds, () => this.#wake?.());
    await this.#woken();
    clearTimeout(timer);
  }
}

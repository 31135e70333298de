/* A connection by hand: what is said on it, and what is heard. */
import type { Connection, ConnectionSink, SocketOptions } from "../../../mod.ts";
import { SPError } from "../../../mod.ts";
import type { ProtocolId } from "../../../src/contracts/protocol.ts";
import { resolveEndpointOptions } from "../../../src/surface/options.ts";
import { findTransport } from "../../../src/surface/transports.ts";

/** The most that is kept of what is heard. */
const MOST_HEARD = 64 * 1024;

/** Transports of bytes ask for no protocol, but for somebody. */
const NOBODY: ProtocolId = { name: "probe", peerName: "anybody", checkPeer: () => {} };

/** How much time is left. */
export class Deadline {
  readonly #end: number;

  /** @param timeout In milliseconds. */
  constructor(timeout: number) {
    this.#end = performance.now() + timeout;
  }

  /** In milliseconds. */
  get left(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /** A part of what is left, for one of several tries. */
  part(tries: number): Deadline {
    return new Deadline(this.left / tries);
  }
}

/** Checks an address. @throws {SPError} `EINVAL`, `ENOTSUP`. */
export function checkAddress(url: string): void {
  const { transport, rest } = findTransport("connect", url);
  transport.connect(url, rest, resolveEndpointOptions({}, {}), NOBODY);
}

/** A connection that nobody has greeted on yet. */
export class Call implements ConnectionSink, Disposable {
  /** How long it took to connect, in milliseconds. */
  readonly roundTrip: number;
  /** What has come, up to a limit. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** Whether the other end has ended it. */
  isOver = false;
  /** Why, if that is known. */
  reason: SPError | undefined;
  readonly #connection: Connection;
  #wake: () => void = () => {};

  private constructor(connection: Connection, roundTrip: number) {
    this.#connection = connection;
    this.roundTrip = roundTrip;
    connection.start(this);
  }

  /** Connects. @throws {SPError} Why it cannot. */
  static async dial(url: string, options: SocketOptions, deadline: Deadline): Promise<Call> {
    const { transport, rest } = findTransport("connect", url);
    const end = new AbortController();
    const late = (): SPError =>
      new SPError("ETIMEDOUT", `Cannot connect to ${JSON.stringify(url)}: no answer in time`);
    const timer = setTimeout(() => end.abort(late()), deadline.left);
    try {
      const resolved = resolveEndpointOptions(options, {});
      const begin = performance.now();
      const connection = await transport.connect(url, rest, resolved, NOBODY)
        .dial({ address: url, protocol: NOBODY, options: resolved, signal: end.signal });
      return new Call(connection, performance.now() - begin);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Says something. */
  say(bytes: Uint8Array): void {
    if (!this.isOver) this.#connection.write([bytes]);
  }

  /** Listens until that is enough, or the connection is over, or there is no more time. Resolves to all that has come. */
  async hear(
    isEnough: (bytes: Uint8Array<ArrayBuffer>) => boolean,
    deadline: Deadline,
  ): Promise<Uint8Array<ArrayBuffer>> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, deadline.left);
      this.#wake = () => {
        if (!this.isOver && !isEnough(this.bytes)) return;
        clearTimeout(timer);
        resolve();
      };
      this.#wake();
    });
    this.#wake = () => {};
    return this.bytes;
  }

  data(chunk: Uint8Array<ArrayBuffer>): void {
    const bytes = new Uint8Array(this.bytes.length + chunk.length);
    bytes.set(this.bytes);
    bytes.set(chunk, this.bytes.length);
    this.bytes = bytes;
    if (bytes.length > MOST_HEARD) this.#connection.pause();
    this.#wake();
  }

  drain(): void {}

  closed(reason?: SPError): void {
    this.isOver = true;
    this.reason = reason;
    this.#wake();
  }

  [Symbol.dispose](): void {
    if (!this.isOver) this.#connection.destroy();
  }
}

import type { Connection, ConnectionSink } from "../contracts/connection.ts";
import { SPError, wrapError } from "../base/errors.ts";
import { later, Waiter } from "../base/wait.ts";
import type { Greeting, Session } from "../contracts/wire.ts";

const NOTHING = new Uint8Array(0);

/** How a peer gets the place of a socket that has one peer at a time. */
export interface Seating {
  /** Takes the socket's one place. Throws `EBUSY` if it is taken. */
  take(): void;
  /** Whether that waits for the peer's header, so that a stranger who says nothing takes no place. */
  readonly afterPeer: boolean;
}

/**
 * What a connection goes through before it becomes a peer: both ends greet, as the wire wants it. A socket with one peer at a time
 * takes its place before it says anything: to a peer that is refused it says nothing. Then an accept hook may decide.
 *
 * It is the connection's sink until the pipe takes over, and leaves the connection paused; what came
 * behind the greeting, and the connection's end if it came, are kept for the pipe.
 */
export class Handshake implements ConnectionSink {
  readonly #connection: Connection;
  readonly #greeting: Greeting | undefined;
  readonly #seat: Seating | undefined;
  /** What is waited for: the greeting, or the hook. */
  #step: Waiter<void> = new Waiter();
  /** What has come of the peer's greeting and was not used yet. */
  #received: Uint8Array<ArrayBuffer> = NOTHING;
  readonly #rest: Uint8Array<ArrayBuffer>[] = [];
  /** What we still have to say. */
  readonly #unsaid: Uint8Array[] = [];
  #hasSpoken = false;
  #isSaying = false;
  /** Whether the greeting goes on later. */
  #isWaiting = false;
  #isAccepted = false;

  /** Whether the connection has ended since. */
  over = false;

  /** @param connection Not started yet. @param session The wire on it. @param seat What else the peer needs. */
  constructor(connection: Connection, session: Session, seat?: Seating) {
    this.#connection = connection;
    this.#greeting = session.greeting;
    this.#seat = seat;
  }

  /** What the peer has said of itself, on a wire with a greeting. */
  get peer(): Greeting | undefined {
    return this.#greeting;
  }

  /** What came behind the greeting: bytes, or messages. */
  get rest(): readonly Uint8Array<ArrayBuffer>[] {
    return this.#rest;
  }

  /**
   * Greets. Where the wire has no greeting, the transport has seen to it.
   *
   * @throws {SPError} `EBUSY`, `EPROTO`, `ETIMEDOUT`, or why the connection ended; it is closed then.
   */
  async shake(timeout: number): Promise<void> {
    if (this.#greeting === undefined) {
      this.#seat?.take();
      this.#isAccepted = true;
      return;
    }
    const shaken = this.#within(timeout, () => this.#incomplete("ETIMEDOUT", `in ${timeout} ms`));
    this.#connection.start(this);
    if (!this.over) {
      if (this.#seat?.afterPeer !== true) this.#speak();
      this.#proceed();
    }
    await shaken;
  }

  /**
   * Waits for an accept hook. Meanwhile it reads, until something comes, so that a peer that leaves is noticed.
   *
   * @throws {SPError} `ETIMEDOUT`, `ECONNRESET` if the peer has left, or what the hook said; the connection is closed
   * then.
   */
  async decide(timeout: number, decision: Promise<void>): Promise<void> {
    const connection = this.#connection;
    const step = this.#step = new Waiter();
    const decided = this.#within(timeout, () => {
      const message = `The accept hook has not decided about ${connection.remoteAddress}`;
      return new SPError("ETIMEDOUT", `${message} in ${timeout} ms`);
    });
    decision.then(() => step.resolve(), (reason) => step.reject(reason));
    if (this.over) this.closed();
    else if (this.#greeting === undefined) connection.start(this);
    else if (this.#rest.length === 0) connection.resume();
    await decided;
    if (!this.over) connection.pause();
  }

  /** Bytes of the peer's greeting, and what follows it: {@linkcode ConnectionSink}. */
  data(chunk: Uint8Array<ArrayBuffer>): void {
    if (this.#isAccepted) {
      this.#rest.push(this.#connection.lendsMemory === true ? chunk.slice() : chunk);
      return this.#connection.pause();
    }
    this.#received = append(this.#received, chunk);
    this.#proceed();
  }

  /** What we said is written: {@linkcode ConnectionSink}. */
  drain(): void {
    this.#isSaying = false;
    this.#say();
    this.#finish();
  }

  /** The connection has ended: {@linkcode ConnectionSink}. */
  closed(reason?: SPError): void {
    this.over = true;
    if (this.#isAccepted) {
      const message = `${this.#connection.remoteAddress} left before it was accepted`;
      this.#step.reject(new SPError("ECONNRESET", message, { cause: reason }));
    } else this.#step.reject(reason ?? this.#incomplete("EPROTO", "and closed the connection"));
  }

  /** Reads what has come, step by step, and answers. */
  #proceed(): void {
    const greeting = this.#greeting!;
    try {
      while (!this.#step.settled && !this.#isAccepted && !this.#isWaiting) {
        const { used, say, isDone, until } = greeting.read(this.#received);
        if (until !== undefined) this.#wait(until);
        else if (used === 0 && say === undefined) return;
        this.#received = this.#received.subarray(used);
        this.#speak();
        if (say !== undefined) this.#unsaid.push(say);
        this.#say();
        if (isDone) this.#accept();
      }
    } catch (error) {
      // A peer of another protocol may know which one is ours: it says so to its user.
      if (!this.#hasSpoken) this.#write(greeting.hello());
      return this.#step.reject(error);
    }
    this.#finish();
  }

  /** Reads no more of the greeting until something is over. */
  #wait(until: Promise<void>): void {
    this.#isWaiting = true;
    this.#connection.pause();
    const goOn = (): void => {
      this.#isWaiting = false;
      if (this.over || this.#step.settled) return;
      this.#connection.resume();
      this.#proceed();
    };
    until.then(goOn, (reason) => this.#step.reject(reason));
  }

  #accept(): void {
    this.#isAccepted = true;
    if (this.#received.length > 0) this.#rest.push(this.#received);
    this.#received = NOTHING;
    this.#connection.pause();
  }

  /** Once both agree, and all that we had to say is with the operating system. */
  #finish(): void {
    if (this.#isAccepted && !this.#isSaying && this.#unsaid.length === 0) this.#step.resolve();
  }

  /** Says hello, if there is a place for the peer. */
  #speak(): void {
    if (this.#hasSpoken || this.#step.settled) return;
    try {
      this.#seat?.take();
    } catch (error) {
      return this.#step.reject(error);
    }
    this.#hasSpoken = true;
    const hello = this.#greeting!.hello();
    if (hello !== undefined) this.#unsaid.push(hello);
    this.#say();
  }

  /** Writes what is said last. */
  #write(bytes: Uint8Array | undefined): void {
    if (bytes !== undefined && !this.#isSaying) this.#connection.write([bytes]);
  }

  #say(): void {
    if (this.#isSaying || this.#unsaid.length === 0 || this.over) return;
    this.#isSaying = !this.#connection.write(this.#unsaid.splice(0));
  }

  #incomplete(code: "EPROTO" | "ETIMEDOUT", how: string): SPError {
    const { length } = this.#received;
    const what = `${this.#greeting!.missing(length)} ${how}`;
    const busy = length === 0 && code === "EPROTO" && this.#seat !== undefined;
    return new SPError(code, busy ? `${what}; it may already have its peer` : what);
  }

  /** Resolves with the step that is begun. If it fails, or takes too long, the connection is let go. */
  async #within(timeout: number, late: () => SPError): Promise<void> {
    const step = this.#step;
    const timer = later(timeout, () => step.reject(late()));
    try {
      await step.promise;
    } catch (error) {
      if (!this.over) {
        this.#write(this.#greeting?.farewell?.(wrapError("Refused the peer", error)));
        refuse(this.#connection, error);
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** One behind the other. Memory grows to twice of what is needed, so that a peer that sends byte by byte has each copied a few times only. */
function append(
  received: Uint8Array<ArrayBuffer>,
  chunk: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = received;
  const end = length + chunk.length;
  let whole: Uint8Array<ArrayBuffer>;
  if (byteOffset + end <= buffer.byteLength) whole = new Uint8Array(buffer, byteOffset, end);
  else {
    whole = new Uint8Array(length === 0 ? end : 2 * end).subarray(0, end);
    whole.set(received);
  }
  whole.set(chunk, length);
  return whole;
}

/** Lets go of a connection that does not become a peer. */
export function refuse(connection: Connection, reason: unknown): void {
  if (connection.refuse === undefined) connection.destroy();
  else connection.refuse(wrapError(`Refused ${connection.remoteAddress}`, reason));
}

import type { Connection, ConnectionSink } from "./connection.ts";
import { SPError, wrapError } from "./errors.ts";
import { decodeSPHeader, encodeSPHeader, SP_HEADER_LENGTH } from "./header.ts";
import type { ProtocolId } from "./protocol.ts";
import { later, Waiter } from "./wait.ts";

const NOTHING = new Uint8Array(0);

/** How a peer gets the place of a socket that has one peer at a time. */
export interface Seating {
  /** Takes the socket's one place. Throws `EBUSY` if it is taken. */
  take(): void;
  /** Whether that waits for the peer's header, so that a stranger who says nothing takes no place. */
  readonly afterPeer: boolean;
}

/**
 * What a connection goes through before it becomes a peer. On a byte connection both sides send eight bytes at once,
 * and then check the other's (sp-tcp-mapping-01, 2). A socket with one peer at a time takes its place before it says
 * its own: to a peer that is refused it says nothing. Then an accept hook may decide.
 *
 * It is the connection's sink until the pipe takes over, and leaves the connection paused; what came
 * behind the header, and the connection's end if it came, are kept for the pipe.
 */
export class Handshake implements ConnectionSink {
  readonly #connection: Connection;
  readonly #protocol: ProtocolId;
  readonly #seat: Seating | undefined;
  /** What is waited for: the headers, or the hook. */
  #step: Waiter<void> = new Waiter();
  /** The peer's header, as far as it has come. */
  #header: Uint8Array<ArrayBuffer> = NOTHING;
  readonly #rest: Uint8Array<ArrayBuffer>[] = [];
  #spoken = false;
  #sent = false;
  #accepted = false;

  /** Whether the connection has ended since. */
  over = false;

  /** @param connection Not started yet. @param protocol Ours. @param seat What else the peer needs. */
  constructor(connection: Connection, protocol: ProtocolId, seat?: Seating) {
    this.#connection = connection;
    this.#protocol = protocol;
    this.#seat = seat;
  }

  /** What came behind the header: bytes, or messages. */
  get rest(): readonly Uint8Array<ArrayBuffer>[] {
    return this.#rest;
  }

  /**
   * Shakes hands. On a `"message"` connection the transport has done so.
   *
   * @throws {SPError} `EBUSY`, `EPROTO`, `ETIMEDOUT`, or why the connection ended; it is closed then.
   */
  async shake(timeout: number): Promise<void> {
    if (this.#connection.framing === "message") {
      this.#seat?.take();
      this.#accepted = true;
      return;
    }
    const shaken = this.#within(timeout, () => this.#incomplete("ETIMEDOUT", `in ${timeout} ms`));
    this.#connection.start(this);
    if (!this.over) {
      if (this.#seat?.afterPeer !== true) this.#speak();
      this.#check();
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
    else if (connection.framing === "message") connection.start(this);
    else if (this.#rest.length === 0) connection.resume();
    await decided;
    if (!this.over) connection.pause();
  }

  /** Bytes of the peer's header, and what follows it: {@linkcode ConnectionSink}. */
  data(chunk: Uint8Array<ArrayBuffer>): void {
    if (this.#accepted) {
      this.#rest.push(this.#connection.lendsMemory === true ? chunk.slice() : chunk);
      return this.#connection.pause();
    }
    const received = new Uint8Array(this.#header.length + chunk.length);
    received.set(this.#header);
    received.set(chunk, this.#header.length);
    this.#header = received;
    this.#check();
  }

  /** Our header is written: {@linkcode ConnectionSink}. */
  drain(): void {
    this.#sent = true;
    this.#check();
  }

  /** The connection has ended: {@linkcode ConnectionSink}. */
  closed(reason?: SPError): void {
    this.over = true;
    if (this.#accepted) {
      const message = `${this.#connection.remoteAddress} left before it was accepted`;
      this.#step.reject(new SPError("ECONNRESET", message, { cause: reason }));
    } else this.#step.reject(reason ?? this.#incomplete("EPROTO", "and closed the connection"));
  }

  #check(): void {
    if (this.#step.settled) return;
    try {
      if (!this.#accepted) {
        const number = decodeSPHeader(this.#header);
        if (number === undefined) return;
        this.#checkPeer(number);
        this.#accepted = true;
        const rest = this.#header.subarray(SP_HEADER_LENGTH);
        if (rest.length > 0) this.#rest.push(rest);
        this.#connection.pause();
        this.#speak();
      }
    } catch (error) {
      return this.#step.reject(error);
    }
    if (this.#sent) this.#step.resolve();
  }

  #checkPeer(number: number): void {
    try {
      checkPeer(this.#protocol, number);
    } catch (error) {
      // A peer of another protocol may know which one is ours: it says so to its user.
      if (!this.#spoken) this.#write();
      throw error;
    }
  }

  /** Says our header, if there is a place for the peer. */
  #speak(): void {
    if (this.#spoken || this.#step.settled) return;
    try {
      this.#seat?.take();
      this.#write();
    } catch (error) {
      this.#step.reject(error);
    }
  }

  #write(): void {
    this.#spoken = true;
    this.#sent = this.#connection.write([encodeSPHeader(this.#protocol.number)]);
  }

  #incomplete(code: "EPROTO" | "ETIMEDOUT", how: string): SPError {
    const count = Math.min(this.#header.length, SP_HEADER_LENGTH);
    const what = `The peer sent ${count} of ${SP_HEADER_LENGTH} bytes of its header ${how}`;
    const busy = count === 0 && code === "EPROTO" && this.#seat !== undefined;
    return new SPError(code, busy ? `${what}; it may have its one peer already` : what);
  }

  /** Resolves with the step that is begun. If it fails, or takes too long, the connection is let go. */
  async #within(timeout: number, late: () => SPError): Promise<void> {
    const step = this.#step;
    const timer = later(timeout, () => step.reject(late()));
    try {
      await step.promise;
    } catch (error) {
      if (!this.over) refuse(this.#connection, error);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Lets go of a connection that does not become a peer. */
export function refuse(connection: Connection, reason: unknown): void {
  if (connection.refuse === undefined) connection.destroy();
  else connection.refuse(wrapError(`Refused ${connection.remoteAddress}`, reason));
}

/** Throws `EPROTO` unless the peer speaks our counterpart's protocol. */
export function checkPeer(protocol: ProtocolId, number: number): void {
  if (number === protocol.peerNumber) return;
  throw new SPError(
    "EPROTO",
    `The peer's protocol is 0x${number.toString(16).padStart(2, "0")}, ` +
      `wanted ${protocol.peerName} (0x${
        protocol.peerNumber.toString(16)
      }) opposite ${protocol.name}`,
  );
}

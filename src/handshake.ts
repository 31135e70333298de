import type { Connection, ConnectionSink } from "./connection.ts";
import { SPError } from "./errors.ts";
import { decodeSPHeader, encodeSPHeader, SP_HEADER_LENGTH } from "./header.ts";
import type { ProtocolId } from "./protocol.ts";
import { LONGEST_TIMER, Waiter } from "./wait.ts";

const NOTHING = new Uint8Array(0);

/**
 * The handshake of a byte connection: both sides send eight bytes at once, and then check the other's
 * (sp-tcp-mapping-01, 2).
 *
 * It is the connection's sink until the pipe takes over, and leaves the connection paused; what came
 * behind the header, and the connection's end if it came, are kept for the pipe.
 */
export class Handshake implements ConnectionSink {
  readonly #connection: Connection;
  readonly #protocol: ProtocolId;
  readonly #done: Waiter<void> = new Waiter();
  #received: Uint8Array<ArrayBuffer> = NOTHING;
  #sent = false;
  #accepted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Whether the connection has ended since. */
  over = false;

  /** @param connection Not started yet. @param protocol Ours. */
  constructor(connection: Connection, protocol: ProtocolId) {
    this.#connection = connection;
    this.#protocol = protocol;
  }

  /** What came behind the header. */
  get rest(): Uint8Array<ArrayBuffer> {
    return this.#received;
  }

  /**
   * Shakes hands. On a `"message"` connection the transport has done so.
   *
   * @throws {SPError} `EPROTO`, `ETIMEDOUT`, or why the connection ended; it is closed then.
   */
  async shake(timeout: number): Promise<void> {
    if (this.#connection.framing === "message") return;
    if (timeout <= LONGEST_TIMER) {
      this.#timer = setTimeout(() => this.#fail("ETIMEDOUT", `in ${timeout} ms`), timeout);
    }
    this.#connection.start(this);
    if (!this.over) {
      this.#sent = this.#connection.write([encodeSPHeader(this.#protocol.number)]);
      this.#check();
    }
    await this.#done.promise;
  }

  /** Bytes of the peer's header: {@linkcode ConnectionSink}. */
  data(chunk: Uint8Array): void {
    const received = new Uint8Array(this.#received.length + chunk.length);
    received.set(this.#received);
    received.set(chunk, this.#received.length);
    this.#received = received;
    if (!this.#accepted) this.#check();
  }

  /** Our header is written: {@linkcode ConnectionSink}. */
  drain(): void {
    this.#sent = true;
    this.#check();
  }

  /** The connection has ended: {@linkcode ConnectionSink}. */
  closed(reason?: SPError): void {
    this.over = true;
    if (reason === undefined) this.#fail("EPROTO", "and closed the connection");
    else this.#reject(reason);
  }

  #check(): void {
    if (this.#done.settled) return;
    try {
      if (!this.#accepted) {
        const number = decodeSPHeader(this.#received);
        if (number === undefined) return;
        checkPeer(this.#protocol, number);
        this.#accepted = true;
        this.#received = this.#received.subarray(SP_HEADER_LENGTH);
        this.#connection.pause();
      }
    } catch (error) {
      return this.#reject(error);
    }
    if (!this.#sent) return;
    clearTimeout(this.#timer);
    this.#done.resolve();
  }

  #fail(code: "EPROTO" | "ETIMEDOUT", how: string): void {
    const count = Math.min(this.#received.length, SP_HEADER_LENGTH);
    this.#reject(
      new SPError(code, `The peer sent ${count} of ${SP_HEADER_LENGTH} bytes of its header ${how}`),
    );
  }

  #reject(reason: unknown): void {
    clearTimeout(this.#timer);
    if (this.#done.settled) return;
    this.#done.reject(reason);
    if (!this.over) this.#connection.destroy();
  }
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
